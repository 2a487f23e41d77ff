# ML-GCN (Chen et al., CVPR 2019) on video: the label graph and its classifier on plain Inception-I3D, without lateral
# connections. Any other backbone of MMAction2 can stand in its place.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/charades/label_graph.npz'  # made by tools/build_label_graph.py; ConceptNet is not used
num_classes = 157
pretrained = 'torchvision://googlenet'  # BN-Inception on ImageNet, inflated to 3D; a name, a URL or a file
gcn_channels = (1024, 1024)  # two layers as ML-GCN, the last as wide as the features

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(type='kss_mm.InceptionI3d', init_cfg=dict(type='Inflated2D', checkpoint=pretrained)),
    neck=dict(
        type='kss_mm.LabelGCN',
        graph=label_graph,
        channels=gcn_channels,
        lam=1.,  # the statistical graph alone
        tau=0.,  # all its edges
        eta=1.),  # its self-loops are part of ML-GCN's A_S already
    cls_head=dict(type='kss_mm.KSSHead', num_classes=num_classes, in_channels=gcn_channels[-1]))
