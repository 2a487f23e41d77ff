# KSSNet with Inception-I3D on Charades, as in the paper: Table 2, last row (44.9 mAP there). Data and schedule stand
# in _base_/charades.py and _base_/charades_schedule.py.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change; the values are the paper's unless said otherwise
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
pretrained = 'torchvision://googlenet'  # BN-Inception on ImageNet, inflated to 3D; a name, a URL or a file
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
gcn_channels = (192, 480, 832, 1024)  # of Conv3d_2c, Mixed_3c, Mixed_4f, Mixed_5c
dropout = 0.5

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(
        type='kss_mm.LCInceptionI3d',
        num_classes=num_classes,
        init_cfg=dict(type='Inflated2D', checkpoint=pretrained)),
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=gcn_channels, lam=lam, tau=tau, eta=eta),
    cls_head=dict(
        type='kss_mm.KSSHead', num_classes=num_classes, in_channels=gcn_channels[-1], pool='avg', dropout=dropout))
