# The GCN only classifies, as in ML-GCN; nothing is injected.
_base_ = '../kssnet_i3d_charades.py'
model = dict(backbone=dict(taps=()))
