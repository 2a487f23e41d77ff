# KSSNet with MMPretrain's ViT-B/16 on MS-COCO: lateral connections on all tokens, that of the class included. Data:
# _base_/coco.py.

_base_ = ['_base_/coco.py', '_base_/transformer_schedule.py', '_base_/runtime.py']

# ---- what people change; lam, tau and eta are the paper's
label_graph = 'data/coco/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 80
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
# ImageNet-21k and -1k at 384x384, of MMPretrain's model zoo; a URL or a file. Position embeddings are interpolated.
pretrained = ('https://download.openmmlab.com/mmclassification/v0/vit/finetune/'
              'vit-base-p16_in21k-pre-3rdparty_ft-64xb64_in1k-384_20210928-98e8652b.pth')

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.LCBackbone',
        backbone=dict(
            type='VisionTransformer',
            arch='b',
            img_size=448,
            patch_size=16,
            init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='backbone.')),
        taps=('layers.2', 'layers.5', 'layers.8'),
        num_classes=num_classes),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta),
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=768))  # the class token
