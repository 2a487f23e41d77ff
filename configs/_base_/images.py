# What data sets of images share: pipelines of 448x448 pixels as ML-GCN trains (the paper follows it), and loaders.

image_size = 448  # pixels
batch_size = 32  # images a GPU; ML-GCN's README
num_workers = 8

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
    dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=batch_size,
    num_workers=num_workers,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(pipeline=test_pipeline, test_mode=True))
test_dataloader = val_dataloader

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
randomness = dict(seed=None)  # None draws a seed and logs it
visualizer = dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
