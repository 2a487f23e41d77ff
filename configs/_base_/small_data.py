# The recipe for data of one's own, videos and images alike: what did least harm in docs/results.md. The configs that
# `kss-mm init` writes inherit it, so this is the one place where it is changed.

recipe = dict(
    neck=dict(type='kss_mm.LabelGCN', tau=0.02, eta=0.4, norm='pair'),  # labels kept apart; tau and eta as for MS-COCO
    # Label embeddings beside a fully connected layer, at a scale that is learned. Average pooling.
    head=dict(residual_fc=True, logit_scale='learned', pool='avg', dropout=0.3),
    lateral=dict(squash='softmax'),  # an attention over labels: the paper's linear connections cost a point of mAP
    pretrained=dict(custom_keys=dict(backbone=dict(lr_mult=0.3))))  # for a backbone that is trained already
lr = 2e-3  # of the new parts
weight_decay = 1e-4
warmup_epochs = 1

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=lr, weight_decay=weight_decay),
    # Keys match parts of parameter names; the longest that matches counts.
    paramwise_cfg=dict(custom_keys={'backbone.laterals': dict(lr_mult=0.1)}),
    clip_grad=dict(max_norm=1.))
# Without `end` the cosine ends with the training, however long that is.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, end=warmup_epochs, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=warmup_epochs, convert_to_iter_based=True),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=30, val_interval=1)

val_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
test_evaluator = val_evaluator
