# How transformers are trained on MS-COCO here: ours, and untried.

lr = 1e-4  # of the new parts
backbone_lr_mult = 0.1
weight_decay = 0.05
max_epochs = 30

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=lr, weight_decay=weight_decay),
    # Keys match parts of parameter names; the longest that matches counts.
    paramwise_cfg=dict(norm_decay_mult=0., custom_keys={'backbone': dict(lr_mult=backbone_lr_mult),
                                                        'backbone.laterals': dict(lr_mult=1.)}),
    clip_grad=dict(max_norm=5.))
param_scheduler = [dict(type='CosineAnnealingLR', T_max=max_epochs, end=max_epochs)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)

# The base learning rate belongs to a total batch of 32 (tools/train.py --auto-scale-lr).
auto_scale_lr = dict(enable=False, base_batch_size=32)
