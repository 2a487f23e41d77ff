# How ML-GCN trains, and with it the published ResNet-101 baselines. "Paper" here is Chen et al., CVPR 2019, "code" its
# release, whose defaults differ: lr 0.1 for 20 epochs without a drop.

lr = 0.01  # paper
backbone_lr_mult = 0.1  # code (lrp)
momentum = 0.9
weight_decay = 1e-4
max_epochs = 100  # paper
lr_steps = (40, 80)  # epochs, a tenth each; paper
max_grad_norm = 10.  # code

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=lr, momentum=momentum, weight_decay=weight_decay),
    paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=backbone_lr_mult)}),
    clip_grad=dict(max_norm=max_grad_norm))
param_scheduler = [dict(type='MultiStepLR', milestones=list(lr_steps), gamma=0.1, end=max_epochs)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)

# The base learning rate belongs to a total batch of 32 (tools/train.py --auto-scale-lr).
auto_scale_lr = dict(enable=False, base_batch_size=32)
