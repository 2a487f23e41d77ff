# MMAction2's own SlowOnly and head with the dataset and the metric of kss_mm: nothing of KSSNet is in it.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change
num_classes = 157
# SlowOnly on Kinetics-400, of MMAction2's model zoo; its classifier finds no place and is reported.
load_from = ('https://download.openmmlab.com/mmaction/v1.0/recognition/slowonly/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb/'
             'slowonly_r50_8xb16-8x8x1-256e_kinetics400-rgb_20220901-2132fc87.pth')

default_scope = 'mmaction'

model = dict(
    type='Recognizer3D',
    backbone=dict(type='ResNet3dSlowOnly', depth=50, pretrained=None),
    cls_head=dict(
        type='I3DHead',
        num_classes=num_classes,
        in_channels=2048,
        multi_class=True,
        loss_cls=dict(type='BCELossWithLogits'),
        average_clips='score'))  # logits; 'prob' would be a softmax over the labels, and the metric would say so
