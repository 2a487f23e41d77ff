# Label queries on EfficientNet-Lite0 and Corel-5k: labels attend to the features (one layer, with the positions of
# Query2Label), and their queries are the GCN's label embeddings.

_base_ = ['_base_/corel5k.py', '_base_/lite0.py', '_base_/runtime.py']

# ---- what people change; lam, tau and eta are the paper's for MS-COCO
label_graph = 'data/corel5k/label_graph.npz'  # made by tools/build_label_graph.py
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)

model = dict(
    type='kss_mm.KSSNetClassifier',
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=(1280,), lam=lam, tau=tau, eta=eta, norm='pair'),
    head=dict(
        _delete_=True, type='kss_mm.LabelQueryClsHead', num_classes=260, in_channels=1280, queries='graph',
        embed_dims=256, feedforward_channels=512, positions='sine', prior=label_graph))
