# ResNet-50 on MS-COCO with lateral connections that inject word vectors as they are, projected at random: no GCN, no
# edges; a fully connected layer classifies. Beside a KSSNet it says what the graph does for the injection.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/coco/label_graph.npz'  # made by tools/build_label_graph.py; only its word vectors are used
num_classes = 80
pool = 'max'  # or 'avg'

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.LCResNet', depth=50, num_classes=num_classes,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    neck=dict(type='kss_mm.FixedLabelEmbedding', graph=label_graph, projection='orthogonal', seed=0),
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=2048, pool=pool, residual_fc=True))

# New parts inside of the pretrained backbone learn at the full rate.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone.laterals': dict(lr_mult=1.)}))
