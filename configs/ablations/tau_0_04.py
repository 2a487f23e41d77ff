# Threshold of the edges, paper: 0.03 (eq. 3), 44.93 mAP there; here 44.77.
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(tau=.04))
