# KSSNet with MMPretrain's Swin-T on MS-COCO: lateral connections on the tokens of a transformer. Data: _base_/coco.py.

_base_ = ['_base_/coco.py', '_base_/transformer_schedule.py', '_base_/runtime.py']

# ---- what people change; lam, tau and eta are the paper's
label_graph = 'data/coco/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 80
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# ImageNet-1k, of MMPretrain's model zoo; a URL or a file
pretrained = 'https://download.openmmlab.com/mmclassification/v0/swin-transformer/swin_tiny_224_b16x64_300e_imagenet_20210616_090925-66df6be6.pth'

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.LCBackbone',
        backbone=dict(
            type='SwinTransformer',
            arch='tiny',
            drop_path_rate=0.2,
            init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='backbone.')),
        taps=('stages.0', 'stages.1', 'stages.2'),
        num_classes=num_classes),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=768, pool='avg'))
