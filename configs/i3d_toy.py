# Plain Inception-I3D on Toy Charades: the backbone and schedule of kssnet_i3d_toy.py without the label graph.

_base_ = ['_base_/runtime.py', '_base_/toy_charades.py']

num_classes = 40
width = 0.5  # of Inception-I3D's channels, so that a CPU trains it in minutes

default_scope = 'mmaction'

model = dict(
    type='Recognizer3D',
    # Few steps: the published 0.01 leaves running statistics behind the weights, and evaluation far below training.
    backbone=dict(
        type='kss_mm.InceptionI3d', width=width, channels_last=True,
        bn_momentum=0.1),
    cls_head=dict(
        type='kss_mm.KSSHead',
        num_classes=num_classes,
        in_channels=512,
        residual_fc=True))
