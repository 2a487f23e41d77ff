# Plain ResNet-101 with average pooling on MS-COCO: the published baseline (77.3 mAP in the paper's Table 1).
# r101_maxpool_coco.py is the same with max pooling, kssnet_r101_coco.py has the label graph.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change
num_classes = 80
pool = 'avg'

default_scope = 'mmpretrain'

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='ResNet', depth=101, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet101')),
    # Without a label graph the fully connected term alone classifies.
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=2048, pool=pool, residual_fc=True))
