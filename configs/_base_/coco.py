# MS-COCO 2014, multi-label: official release, images of 448x448 as ML-GCN trains (the paper follows it).

data_root = 'data/coco/'
image_size = 448  # pixels
batch_size = 32  # images a GPU; ML-GCN's README
num_workers = 8

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('instances_*2014.json', '*2014'),
                 text='''MS-COCO 2014 is used as it is released (https://cocodataset.org/#download):
  1. download train2014.zip (13 GB), val2014.zip (6 GB) and annotations_trainval2014.zip
  2. unpack them into data/coco, which then holds train2014/*.jpg, val2014/*.jpg and annotations/instances_*2014.json
For the configs with a label graph also:
  3. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  4. build the label graph:
     python tools/build_label_graph.py configs/kssnet_r101_coco.py -o data/coco/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz --words data/glove.6B.300d.txt
The weights that training starts from are downloaded by torchvision on first use (torchvision://resnet101).''')

data_preprocessor = dict(
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True)

# Pillow smooths when it makes an image smaller, as ML-GCN's transforms do.
train_pipeline = [
    dict(type='kss_mm.SafeLoadImage'),
    dict(type='kss_mm.MultiScaleCornerCrop', size=image_size),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='kss_mm.SafeLoadImage'),
    dict(type='Resize', scale=(image_size, image_size), backend='pillow'),  # without keeping the aspect ratio
    dict(type='PackInputs'),
]

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    persistent_workers=False,  # see kss_mm.EpochSeedHook
    worker_init_fn=dict(type='kss_mm.seed_worker'),
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='kss_mm.CocoMultiLabel',
        data_root=data_root,
        ann_file='annotations/instances_train2014.json',
        data_prefix=dict(img_path='train2014'),
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='kss_mm.CocoMultiLabel',
        data_root=data_root,
        ann_file='annotations/instances_val2014.json',
        data_prefix=dict(img_path='val2014'),
        pipeline=test_pipeline,
        test_mode=True))
test_dataloader = val_dataloader

val_evaluator = dict(type='kss_mm.MultiLabelMetrics')
test_evaluator = val_evaluator
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=None)  # None draws a seed and logs it
visualizer = dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
