# Identity adjacency: the GCN maps every label's words by themselves.
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(eta=0.))
