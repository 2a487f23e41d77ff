# KSSNet with MMAction2's TSM on Charades: a 2D backbone, to which the frames of a clip are a batch (KSSNet2D). 16
# frames do instead of the 64 of the other configs.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# TSM on Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/tsm/'
             'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_kinetics400-rgb/'
             'tsm_imagenet-pretrained-r50_8xb16-1x1x16-50e_kinetics400-rgb_20220831-042b1748.pth')
num_frames = 16  # one of each segment; _base_/charades.py has 64

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
    data_preprocessor=dict(format_shape='NCHW'))

# The pipelines of _base_/charades.py with fewer frames, which are images.
__changes = dict(clip_len=num_frames, input_format='NCHW')
train_pipeline, test_pipeline = (
    [dict(step, **{name: value for name, value in __changes.items() if name in step}) for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.test_pipeline))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
