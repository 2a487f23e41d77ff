# Corel-5k: 4,500 photographs of 192x128 pixels to train on and 499 to test, 260 words (see docs/corel5k.md).

data_root = 'data/corel5k'
label_graph = 'data/corel5k/label_graph.npz'  # made by tools/build_label_graph.py
image_size = (192, 128)  # width and height in pixels: that of the pictures; those upright are squeezed
batch_size = 32  # images a GPU
default_scope = 'mmpretrain'

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('corel5k', 'train_jpeg', 'test_jpeg'),
                 text='''Corel-5k (Duygulu et al., ECCV 2002) is read as it is passed on for research:
  1. get data/corel5k, which holds labels/words, labels/training_label, labels/test_label, train_jpeg/ and test_jpeg/
  2. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  3. build the label graph, from which the others take how frequent each label is:
     python tools/build_label_graph.py configs/kssnet_lite0_corel5k.py -o data/corel5k/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz --words data/glove.6B.300d.txt''')

data_preprocessor = dict(mean=[127.] * 3, std=[128.] * 3, to_rgb=True)  # as the weights were trained

load = [
    dict(type='kss_mm.SafeLoadImage'),
    dict(type='Resize', scale=image_size, backend='pillow'),  # without keeping the aspect ratio
]
train_pipeline = [*load, dict(type='RandomFlip', prob=0.5, direction='horizontal'), dict(type='PackInputs')]
test_pipeline = [*load, dict(type='PackInputs')]

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=2,
    persistent_workers=False,  # see kss_mm.EpochSeedHook
    worker_init_fn=dict(type='kss_mm.seed_worker'),
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='kss_mm.Corel5k', data_root=data_root, split='train', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=2,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='kss_mm.Corel5k', data_root=data_root, split='test', pipeline=test_pipeline, test_mode=True))
test_dataloader = val_dataloader

# Also by the protocol of the image annotation literature, and by how many training pictures a label has.
val_evaluator = dict(type='kss_mm.KSSMultiLabelMetric', annotation=True, frequency=label_graph)
test_evaluator = val_evaluator

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=None)  # None draws a seed and logs it
visualizer = dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
