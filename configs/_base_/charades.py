# Charades: the official release, 64 frames of 224x224 as in the paper. The schedule stands in charades_schedule.py.

data_root = 'data/charades/'
ann_root = data_root + 'Charades/'  # Charades.zip unpacks to this
video_root = data_root + 'Charades_v1_480/'  # Charades_v1_480.zip unpacks to this
num_frames = 64  # paper: 64 snippets of one frame
short_side = 256  # pixels, paper
crop = 224  # pixels, paper
batch_size = 16  # clips a GPU; paper: 16 in total
num_workers = 8

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('Charades_v1_*',),
                 text='''Charades is used as it is released (https://prior.allenai.org/projects/charades):
  1. download Charades.zip (annotations) and Charades_v1_480.zip (videos, 15 GB)
  2. unpack both into data/charades, which then holds Charades/Charades_v1_train.csv and Charades_v1_480/*.mp4
  3. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  4. build the label graph:
     python tools/build_label_graph.py configs/kssnet_i3d_charades.py -o data/charades/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz \\
         --charades-mapping data/charades/Charades/Charades_v1_mapping.txt --words data/glove.6B.300d.txt''')

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames),  # one random frame of each segment (TSN)
    dict(type='kss_mm.SafeDecordDecode', stream=True),  # a frame at a time, as the next step asks for it
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='RandomCrop', size=crop),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
test_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames, test_mode=True),  # the middle frame of each segment
    dict(type='kss_mm.SafeDecordDecode', stream=True),  # a frame at a time, as the next step asks for it
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='CenterCrop', crop_size=crop),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]

# Beside it stands what a config says of its model.
model = dict(
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW'))

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    persistent_workers=False,  # see kss_mm.EpochSeedHook
    worker_init_fn=dict(type='kss_mm.seed_worker'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='kss_mm.CharadesDataset',
        ann_file=ann_root + 'Charades_v1_train.csv',
        data_prefix=dict(video=video_root),
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='kss_mm.CharadesDataset',
        ann_file=ann_root + 'Charades_v1_test.csv',
        data_prefix=dict(video=video_root),
        pipeline=test_pipeline,
        test_mode=True))
test_dataloader = val_dataloader

val_evaluator = dict(type='kss_mm.CharadesMetric')
test_evaluator = val_evaluator
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=None)  # None draws a seed and logs it
visualizer = dict(type='ActionVisualizer', vis_backends=[dict(type='LocalVisBackend')])
