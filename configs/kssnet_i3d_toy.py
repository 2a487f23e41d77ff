# KSSNet on Toy Charades: everything of the paper at a size for 2 CPU cores. i3d_toy.py is the same without the graph.

_base_ = ['_base_/runtime.py', '_base_/toy_charades.py']

# ---- what people change
label_graph = 'data/toy_charades/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 40
lam = 0.6  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
width = 0.5  # of Inception-I3D's channels, so that a CPU trains it in minutes
gcn_channels = (96, 240, 416, 512)  # half of the paper's

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=num_classes, width=width, channels_last=True),
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=gcn_channels, lam=lam, tau=tau, eta=eta),
    # On this little data the paper's bare product of features and embeddings learns slowly: its logits start too
    # large. Hence three named additions, none of them the paper's.
    cls_head=dict(
        type='kss_mm.KSSHead',
        num_classes=num_classes,
        in_channels=gcn_channels[-1],
        residual_fc=True,  # as the released code
        logit_scale='sqrt',
        prior=label_graph),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW'))
