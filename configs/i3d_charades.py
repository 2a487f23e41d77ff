# Plain Inception-I3D on Charades: the backbone and schedule of kssnet_i3d_charades.py without the label graph.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
num_classes = 157
pretrained = 'torchvision://googlenet'  # BN-Inception on ImageNet, inflated to 3D; a name, a URL or a file
dropout = 0.5  # paper

default_scope = 'mmaction'

model = dict(
    type='Recognizer3D',
    backbone=dict(type='kss_mm.InceptionI3d', init_cfg=dict(type='Inflated2D', checkpoint=pretrained)),
    cls_head=dict(
        type='kss_mm.KSSHead',
        num_classes=num_classes,
        in_channels=1024,
        pool='avg',
        dropout=dropout,
        residual_fc=True))
