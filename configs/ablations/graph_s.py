# The statistical graph alone (paper, Table 3: 40.7 mAP).
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(lam=1.))
