# Three graph convolutions, two lateral connections (paper, Table 4: 43.8 mAP).
_base_ = '../kssnet_i3d_charades.py'
model = dict(backbone=dict(taps=('Mixed_3c', 'Mixed_4f')), neck=dict(channels=(480, 832, 1024)))
