# KSSNet with MMAction2's TSM on Charades: a 2D backbone, to which the frames of a clip are a batch (KSSNet2D). Schedule
# and data stand in _base_/charades.py, but 16 frames do instead of 64.

_base_ = ['_base_/charades.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
num_frames = 16
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/tsm/'
             'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_kinetics400-rgb/'
             'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_kinetics400-rgb_20220831-042b1748.pth')

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet2D',
    backbone=dict(
        type='kss_mm.LCBackbone',
        backbone=dict(type='ResNetTSM', depth=50, num_segments=num_frames, pretrained=None, pretrained2d=False),
        taps=('layer1', 'layer2', 'layer3'),
        num_classes=num_classes),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    cls_head=dict(type='kss_mm.KSSHead', num_classes=num_classes, in_channels=2048),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCHW'))

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
test_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames, test_mode=True),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
