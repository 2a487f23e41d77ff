# PASCAL VOC 2007, multi-label, by MMPretrain's own dataset: trainval and test, images of 448x448.

data_root = 'data/VOC2007'
image_size = 448  # pixels
batch_size = 32  # images a GPU
num_workers = 8

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('VOC2007', 'VOCdevkit'),
                 text='''PASCAL VOC 2007 is used as it is released (http://host.robots.ox.ac.uk/pascal/VOC/voc2007/):
  1. download VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar, unpack both, and move VOCdevkit/VOC2007 to data/,
     so that data/VOC2007 holds JPEGImages, Annotations and ImageSets
  2. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  3. build the label graph (three classes are two words in one, which the last two options are for):
     python tools/build_label_graph.py configs/kssnet_r50_voc.py -o data/VOC2007/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz --words data/glove.6B.300d.txt \\
         --concepts configs/_base_/voc_concepts.json --missing-words nearest-prefix''')

data_preprocessor = dict(
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True)

train_pipeline = [
    dict(type='kss_mm.SafeLoadImage'),
    dict(type='kss_mm.MultiScaleCornerCrop', size=image_size),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='kss_mm.SafeLoadImage'),
    dict(type='Resize', scale=(image_size, image_size), backend='pillow'),
    dict(type='PackInputs', meta_keys=('sample_idx', 'img_path', 'ori_shape', 'img_shape', 'gt_label_difficult')),
]

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    persistent_workers=False,  # see kss_mm.EpochSeedHook
    worker_init_fn=dict(type='kss_mm.seed_worker'),
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='kss_mm.VocMultiLabel',
        data_root=data_root,
        split='trainval',
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='kss_mm.VocMultiLabel',
        data_root=data_root,
        split='test',
        pipeline=test_pipeline,
        test_mode=True))
test_dataloader = val_dataloader

# The host's counts no object marked as difficult, neither for nor against, as VOC's own does; in per cent.
val_evaluator = [dict(type='VOCAveragePrecision', prefix='voc'), dict(type='kss_mm.MultiLabelMetrics')]
test_evaluator = val_evaluator
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=None)  # None draws a seed and logs it
visualizer = dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
