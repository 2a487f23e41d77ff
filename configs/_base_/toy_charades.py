# Toy Charades (tools/make_toy_charades.py): the files and the pipeline of Charades, at a size for 2 CPU cores.

data_root = 'data/toy_charades/'
ann_root = data_root + 'Charades/'
video_root = data_root + 'Charades_v1_480/'
num_frames = 12
short_side = 72  # pixels
crop = 64  # pixels
batch_size = 16
num_workers = 2

data_help = dict(folder=data_root, text='''Toy Charades is made by two commands:
  1. python tools/make_toy_charades.py
  2. python tools/build_label_graph.py configs/kssnet_i3d_toy.py -o data/toy_charades/label_graph.npz \\
         --conceptnet data/toy_charades/conceptnet.csv --words data/toy_charades/words.txt \\
         --charades-mapping data/toy_charades/Charades/Charades_v1_mapping.txt''')

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='RandomCrop', size=crop),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
test_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames, test_mode=True),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='CenterCrop', crop_size=crop),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    persistent_workers=False,
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

# The same schedule for every model on this data. Every rate follows optimizer.lr, also where --cfg-options sets it.
lr = 2e-3
warmup_epochs = 4
max_epochs = 12
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=lr, betas=(0.9, 0.999)))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, end=warmup_epochs, by_epoch=True, convert_to_iter_based=True),
    # `end` is said, so that a run stopped early by train_cfg.max_epochs and resumed keeps its schedule.
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs - warmup_epochs,
        begin=warmup_epochs,
        end=max_epochs,
        by_epoch=True,
        convert_to_iter_based=True)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=max_epochs, val_interval=1)
auto_scale_lr = dict(enable=False, base_batch_size=16)
randomness = dict(seed=0)
visualizer = dict(type='ActionVisualizer', vis_backends=[dict(type='LocalVisBackend')])
