"""Small models of both hosts with random weights, as a config and a checkpoint."""

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

_IMAGE_STEPS = '''
data_preprocessor = dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True)
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='ResizeEdge', scale=40, edge='short'),
                 dict(type='CenterCrop', crop_size=32), dict(type='PackInputs')]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
'''
_RESNET = "depth=18, stem_channels=8, base_channels=8"
_NECK = "neck=dict(type='kss_mm.LabelGCN', graph={graph!r}, lam=.4, tau=.02, eta=.4{more})"
IMAGES = {
    'kssnet': f'''
default_scope = 'mmpretrain'
model = dict(
    type='kss_mm.KSSNetClassifier', backbone=dict(type='kss_mm.LCResNet', {_RESNET}, num_classes=5, zero_init=False),
    {_NECK.replace('{more}', '')},
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64, residual_fc=True))''' + _IMAGE_STEPS,
    'host': f'''
default_scope = 'mmpretrain'
model = dict(
    type='ImageClassifier', backbone=dict(type='ResNet', {_RESNET}), neck=dict(type='GlobalAveragePooling'),
    head=dict(type='MultiLabelLinearClsHead', num_classes=5, in_channels=64))''' + _IMAGE_STEPS}

_PREPROCESSOR = ("data_preprocessor=dict(type='ActionDataPreprocessor', mean=[120.] * 3, std=[60.] * 3, "
                 'format_shape={!r})')
_VIDEO_STEPS = '''
test_pipeline = [dict(type='DecordInit'), {sample}, dict(type='DecordDecode'), dict(type='Resize', scale=(-1, {short})),
                 dict(type={crop}, crop_size=32), dict(type='FormatShape', input_format={form!r}),
                 dict(type='PackActionInputs')]
'''
_CLIPS = "dict(type='SampleFrames', clip_len=4, frame_interval=2, num_clips=2, test_mode=True)"
VIDEOS = {
    'kssnet': f'''
default_scope = 'mmaction'
model = dict(
    type='kss_mm.KSSNet', {_PREPROCESSOR.format('NCTHW')},
    backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=5, width=.125, zero_init=False),
    {_NECK.replace('{more}', ', channels=[24, 60, 104, 128]')},
    cls_head=dict(type='kss_mm.KSSHead', num_classes=5, in_channels=128, residual_fc=True))
''' + _VIDEO_STEPS.format(sample=_CLIPS, form='NCTHW', crop="'ThreeCrop'", short=32),
    'host': f'''
default_scope = 'mmaction'
model = dict(
    type='Recognizer2D', {_PREPROCESSOR.format('NCHW')}, backbone=dict(type='ResNet', depth=18, pretrained=None),
    cls_head=dict(type='TSNHead', num_classes=5, in_channels=512, multi_class=True, average_clips='score',
                  loss_cls=dict(type='BCELossWithLogits')))
''' + _VIDEO_STEPS.format(sample=_CLIPS.replace('clip_len=4', 'clip_len=1'), form='NCHW', crop="'CenterCrop'",
                              short=40)}


def save_model(config: str, folder, make_graph, classes: bool = True):
    """Write the config and a checkpoint of random weights; their names."""
    make_graph(5).save(folder / 'graph.npz')
    (folder / 'net.py').write_text(config.replace('{graph!r}', repr(str(folder / 'graph.npz'))))
    cfg = Config.fromfile(folder / 'net.py')
    init_default_scope(cfg.default_scope)
    torch.manual_seed(1)
    model = MODELS.build(cfg.model)
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1 and name.endswith('weight'):  # so that what is seen reaches the head
            parameter.data.uniform_(.9, 1.8)
    meta = dict(cfg=cfg.pretty_text)
    if classes:
        meta['dataset_meta'] = dict(classes=[f'class {index}' for index in range(5)])
    torch.save(dict(state_dict=model.state_dict(), meta=meta), folder / 'net.pth')
    return folder / 'net.py', folder / 'net.pth'
