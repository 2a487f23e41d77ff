# KSSNet with EfficientNet-Lite0 on Corel-5k with a share of the positive labels: corel5k_partial.yaml.

_base_ = '../kssnet_lite0_corel5k.py'

kept_positives = 0.5  # probability with which a positive label stays
others = 'negative'  # or 'unknown'

train_pipeline = [
    dict(type='kss_mm.KeepPositives', share=kept_positives, others=others, num_classes=_base_.num_classes),
    *_base_.train_pipeline,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
