# Two graph convolutions, one lateral connection (paper, Table 4: 41.9 mAP).
_base_ = '../kssnet_i3d_charades.py'
model = dict(backbone=dict(taps=('Mixed_4f',)), neck=dict(channels=(832, 1024)))
