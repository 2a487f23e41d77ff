# Factorised weights, as in the released code; the base has the paper's plain ones.
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(rank='auto'))
