# KSSNet with ResNet-101 on MS-COCO, as in the paper: Table 1, last row (83.7 mAP there).

_base_ = ['_base_/coco.py', '_base_/runtime.py']

# ---- what people change; the values are the paper's unless said otherwise
label_graph = 'data/coco/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 80
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
gcn_channels = (256, 512, 1024, 2048)  # of res2 ... res5
pool = 'max'  # ML-GCN's, whose procedure the paper follows; 'avg' is the other choice
batch_size = 80  # images a GPU
lr = 0.01
gcn_lr_mult = 1.
# Adam at 0.01 can destroy a pretrained backbone within a few steps. If the loss rises or becomes NaN, take the paper's
# rates for Charades and the clipping of ML-GCN's code: --cfg-options optim_wrapper.optimizer.lr=1e-4
# optim_wrapper.paramwise_cfg.custom_keys.neck.lr_mult=10 optim_wrapper.clip_grad.max_norm=10
weight_decay = 1e-4
max_epochs = 100
lr_steps = (40, 80)  # epochs, a tenth each; ML-GCN's, the paper does not say

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        type='kss_mm.LCResNet', depth=101, num_classes=num_classes,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet101')),
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=gcn_channels, lam=lam, tau=tau, eta=eta),
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=gcn_channels[-1], pool=pool))

train_dataloader = dict(batch_size=batch_size)

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=lr, betas=(0.9, 0.999), weight_decay=weight_decay),
    paramwise_cfg=dict(custom_keys={'neck': dict(lr_mult=gcn_lr_mult)}))
param_scheduler = [dict(type='MultiStepLR', milestones=list(lr_steps), gamma=0.1, end=max_epochs)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)

# The base learning rate belongs to a total batch of 80 (tools/train.py --auto-scale-lr).
auto_scale_lr = dict(enable=False, base_batch_size=80)
