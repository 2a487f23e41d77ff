# The knowledge graph alone (paper, Table 3: 41.1 mAP).
_base_ = '../kssnet_i3d_charades.py'
model = dict(neck=dict(lam=0.))
