# Plain ResNet-101 with max pooling on MS-COCO: most of ML-GCN's gain over the published baseline is this one word
# (77.3 -> 81.9 mAP), so compare other methods with this config and not with r101_coco.py.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change
num_classes = 80
pool = 'max'

default_scope = 'mmpretrain'

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='ResNet', depth=101, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet101')),
    # Without a label graph the fully connected term alone classifies.
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=2048, pool=pool, residual_fc=True))
