# KSSNet with ResNet-50 on PASCAL VOC 2007: the host's dataset and metric, our model. ML-GCN's schedule, a fifth of it.

_base_ = ['_base_/voc.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change; lam, tau and eta are the paper's for MS-COCO
label_graph = 'data/VOC2007/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 20
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
max_epochs = 20
lr_steps = (8, 16)  # epochs, a tenth each

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.LCResNet', depth=50, num_classes=num_classes,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=2048))

# New parts inside of the pretrained backbone learn at the full rate.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone.laterals': dict(lr_mult=1.)}))
param_scheduler = [dict(type='MultiStepLR', milestones=list(lr_steps), gamma=0.1, end=max_epochs)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)
