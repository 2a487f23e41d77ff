# Plain EfficientNet-Lite0 on Corel-5k: its last stage and a fully connected layer learn. kssnet_lite0_corel5k.py is the
# same with the label graph.

_base_ = ['_base_/corel5k.py', '_base_/lite0.py', '_base_/runtime.py']

model = dict(type='ImageClassifier', head=dict(residual_fc=True))
