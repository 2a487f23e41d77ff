# KSSNet with MMAction2's X3D-M on Charades.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 157
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# X3D-M on Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/x3d/facebook/'
             'x3d_m_16x5x1_facebook-kinetics400-rgb_20201027-3f42382a.pth')

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(
        type='kss_mm.LCBackbone',
        backbone=dict(type='X3D', gamma_w=1, gamma_b=2.25, gamma_d=2.2),
        taps=('layer1', 'layer2', 'layer3'),
        num_classes=num_classes),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    cls_head=dict(type='kss_mm.KSSHead', num_classes=num_classes, in_channels=432),
    data_preprocessor=dict(mean=[114.75, 114.75, 114.75], std=[57.38, 57.38, 57.38]))
