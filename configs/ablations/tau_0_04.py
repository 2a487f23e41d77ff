# Threshold of the edges 0.04 (eq. 3; paper, ablations: 44.77 mAP, and 44.93 with its choice of 0.03).
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(tau=.04))
