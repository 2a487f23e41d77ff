# ML-GCN (Chen et al., CVPR 2019; 83.0 mAP there) as a special case of these components: two graph convolutions over
# the statistical graph alone, no lateral connections, max pooling. What differs from its release: the adjacency is
# normalised more than once and not transposed, and the label embedding passes through tanh. Its release to the digit is
# mlgcn_r101_coco_released.py.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/coco/label_graph.npz'  # made by tools/build_label_graph.py; ConceptNet is not used
num_classes = 80
gcn_channels = (1024, 2048)

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='ResNet', depth=101, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet101')),
    neck=dict(
        type='kss_mm.LabelGCN',
        graph=label_graph,
        channels=gcn_channels,
        lam=1.,  # the statistical graph alone
        tau=0.,  # all its edges
        eta=1.),  # its self-loops are part of ML-GCN's A_S already
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=gcn_channels[-1], pool='max'))
