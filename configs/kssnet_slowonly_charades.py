# KSSNet with MMAction2's SlowOnly on Charades: lateral connections on a backbone that kss_mm does not know. Data and
# schedule stand in _base_/charades.py, but 16 frames do instead of 64.

_base_ = ['_base_/charades.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
num_frames = 16
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/slowonly/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb_20220901-2132fc87.pth')

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(
        type='kss_mm.LCBackbone',
        backbone=dict(type='ResNet3dSlowOnly', depth=50, pretrained=None),
        taps=('layer1', 'layer2', 'layer3'),
        num_classes=num_classes),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    cls_head=dict(type='kss_mm.KSSHead', num_classes=num_classes, in_channels=2048),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW'))

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
test_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len=num_frames, test_mode=True),
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
