# Share of the statistical graph, paper: 0.6 (eq. 2), 44.93 mAP there; here 41.7.
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(lam=.2))
