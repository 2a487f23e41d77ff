# Videos of one's own, for the configs that `kss-mm init` writes: 16 frames of 112x112 pixels, from any label file.

_base_ = ['small_data.py', 'runtime.py']

num_frames = 16  # one of each of as many equal parts of the video
short_side = 128  # pixels
image_size = 112  # pixels; random crops in training, the middle in evaluation
batch_size = 16  # clips a GPU
num_workers = 2
default_scope = 'mmaction'

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='RandomCrop', size=image_size),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'num_clips', 'clip_len')),
]
test_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames, test_mode=True),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, short_side)),
    dict(type='CenterCrop', crop_size=image_size),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'num_clips', 'clip_len')),
]

# The backbone stands in the config.
model = dict(
    type='kss_mm.KSSNet',
    neck=_base_.recipe.neck,
    cls_head=dict(type='kss_mm.KSSHead', **_base_.recipe.head),
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375],
        format_shape='NCTHW'))

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    persistent_workers=False,  # see kss_mm.EpochSeedHook
    worker_init_fn=dict(type='kss_mm.seed_worker'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='kss_mm.MultiLabelVideos', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='kss_mm.MultiLabelVideos', pipeline=test_pipeline, test_mode=True))
test_dataloader = val_dataloader

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=0)
visualizer = dict(type='ActionVisualizer', vis_backends=[dict(type='LocalVisBackend')])
