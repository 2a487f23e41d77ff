# KSSNet with MMAction2's SlowOnly on Charades: lateral connections on a backbone that kss_mm does not know. 16
# frames do instead of 64.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# SlowOnly on Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/slowonly/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb_20220901-2132fc87.pth')
num_frames = 16  # one of each segment; _base_/charades.py has 64

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
    cls_head=dict(type='kss_mm.KSSHead', num_classes=num_classes, in_channels=2048))

# The pipelines of _base_/charades.py with fewer frames.
train_pipeline, test_pipeline = (
    [dict(step, clip_len=num_frames) if 'clip_len' in step else step for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.test_pipeline))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
