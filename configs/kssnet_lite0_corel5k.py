# KSSNet with EfficientNet-Lite0 on Corel-5k, in the recipe that does no harm there: label embeddings beside a fully
# connected layer, lateral connections with a softmax over labels. lite0_corel5k.py, without the graph, is no worse: see
# docs/results.md.

_base_ = ['_base_/corel5k.py', '_base_/lite0.py', '_base_/runtime.py']

# ---- what people change; lam, tau and eta are the paper's for MS-COCO
label_graph = 'data/corel5k/label_graph.npz'  # made by tools/build_label_graph.py
num_classes = 260
lam = 0.4  # share of the statistical graph (eq. 2)
tau = 0.02  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(
        backbone=dict(
            _delete_=True,
            type='kss_mm.LCBackbone',
            taps=('timm_model.blocks.5', 'timm_model.blocks.6'),
            num_classes=num_classes,
            lateral=dict(squash='softmax'),
            backbone=dict(
                type='TIMMBackbone', model_name='tf_efficientnet_lite0',
                init_cfg=dict(type='EfficientNetLite', version=0)))),
    # Without channels= the GCN has those of the taps and of the head.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, lam=lam, tau=tau, eta=eta, norm='pair'),
    head=dict(residual_fc=True, logit_scale='learned'))

# Lateral connections take small steps: see kssnet_i3d_toy.py.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone.laterals': dict(lr_mult=0.1)}))
