# Toy Charades (tools/make_toy_charades.py): the files and the pipeline of Charades, at a size for 2 CPU cores.

_base_ = 'charades.py'

data_root = 'data/toy_charades/'
ann_root = data_root + 'Charades/'
video_root = data_root + 'Charades_v1_480/'
num_frames = 12
short_side = 72  # pixels
crop = 64  # pixels
num_workers = 2

data_help = dict(folder=data_root, files=(), text='''Toy Charades is made by two commands:
  1. python tools/make_toy_charades.py
  2. python tools/build_label_graph.py configs/kssnet_i3d_toy.py -o data/toy_charades/label_graph.npz \\
         --conceptnet data/toy_charades/conceptnet.csv --words data/toy_charades/words.txt \\
         --charades-mapping data/toy_charades/Charades/Charades_v1_mapping.txt''')

# The pipelines of charades.py with the numbers above.
__numbers = dict(clip_len=num_frames, scale=(-1, short_side), size=crop, crop_size=crop)
train_pipeline, test_pipeline = (
    [dict(step, **{name: value for name, value in __numbers.items() if name in step}) for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.test_pipeline))

train_dataloader = dict(
    num_workers=num_workers,
    dataset=dict(
        ann_file=ann_root + 'Charades_v1_train.csv', data_prefix=dict(video=video_root), pipeline=train_pipeline))
val_dataloader = dict(
    num_workers=num_workers,
    dataset=dict(
        ann_file=ann_root + 'Charades_v1_test.csv', data_prefix=dict(video=video_root), pipeline=test_pipeline))
test_dataloader = val_dataloader

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
