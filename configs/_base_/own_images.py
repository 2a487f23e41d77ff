# Images of one's own, for the configs that `kss-mm init` writes: 224x224 pixels, from any label file.

_base_ = ['images.py', 'small_data.py', 'runtime.py']

image_size = 224  # pixels
num_workers = 2
default_scope = 'mmpretrain'

# The pipelines of images.py with the number above.
__numbers = dict(size=image_size, scale=(image_size, image_size))
train_pipeline, test_pipeline = (
    [dict(step, **{name: value for name, value in __numbers.items() if name in step}) for step in pipeline]
    for pipeline in (_base_.train_pipeline, _base_.test_pipeline))

# The backbone stands in the config.
model = dict(
    type='kss_mm.KSSNetClassifier',
    neck=_base_.recipe.neck,
    head=dict(type='kss_mm.KSSClsHead', **_base_.recipe.head))

train_dataloader = dict(
    num_workers=num_workers, dataset=dict(type='kss_mm.MultiLabelImages', pipeline=train_pipeline))
val_dataloader = dict(
    num_workers=num_workers, dataset=dict(type='kss_mm.MultiLabelImages', pipeline=test_pipeline))
test_dataloader = val_dataloader
randomness = dict(seed=0)
