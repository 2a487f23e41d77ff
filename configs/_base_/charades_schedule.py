# How KSSNet is trained on Charades: the paper's schedule.

lr = 1e-4  # of everything but the GCN, paper
gcn_lr_mult = 10  # the GCN's rate is 1e-3, paper
weight_decay = 1e-4  # none for biases, paper
max_epochs = 50  # ours: the paper says neither how long it trains nor when the rate drops
lr_steps = [30, 40]  # epochs after which the rate drops to a tenth, ours

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=lr, betas=(0.9, 0.999), weight_decay=weight_decay),
    # Keys match parts of parameter names.
    paramwise_cfg=dict(custom_keys={'neck': dict(lr_mult=gcn_lr_mult), 'bias': dict(decay_mult=0.)}))
param_scheduler = [dict(type='MultiStepLR', milestones=lr_steps, gamma=0.1, end=max_epochs)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)

# The base learning rate belongs to a total batch of 16 (tools/train.py --auto-scale-lr).
auto_scale_lr = dict(enable=False, base_batch_size=16)
