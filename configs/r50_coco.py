# MMPretrain's own ResNet-50 and multi-label head with the dataset and the metric of kss_mm: nothing of KSSNet is in it.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change
num_classes = 80

default_scope = 'mmpretrain'

model = dict(
    type='ImageClassifier',
    backbone=dict(type='ResNet', depth=50, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='MultiLabelLinearClsHead', num_classes=num_classes, in_channels=2048,
              # The host divides the loss by the images alone; ours is the mean over labels, too.
              loss=dict(type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1 / num_classes)))
