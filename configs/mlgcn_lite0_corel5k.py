# ML-GCN's form on EfficientNet-Lite0 and Corel-5k: two graph convolutions over the statistical graph, no lateral
# connections, nothing beside the label embeddings.

_base_ = ['_base_/corel5k.py', '_base_/lite0.py', '_base_/runtime.py']

# ---- what people change
label_graph = 'data/corel5k/label_graph.npz'  # made by tools/build_label_graph.py
gcn_channels = (640, 1280)

model = dict(
    type='kss_mm.KSSNetClassifier',
    # The statistical graph alone, all its edges; its self-loops are part of ML-GCN's A_S already.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=gcn_channels, lam=1., tau=0., eta=1.))
