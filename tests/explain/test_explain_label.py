"""``Predictor.explain`` of models of both hosts, and of those that cannot be explained."""

import json

import cv2
import numpy as np
import pytest
import torch
from media import write_video
from stub_network import Stub
from tiny_models import IMAGES, VIDEOS, save_model

import kss_mm
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.inference.predictor import Predictor

pytest.importorskip('captum', reason='the extra explain is not installed')


def draw(folder, kind: str) -> str:
    if kind == 'video':
        return str(write_video(folder / 'file.mp4', frames=20))
    cv2.imwrite(str(folder / 'file.png'), np.random.default_rng(0).integers(0, 255, (48, 60, 3), np.uint8))
    return str(folder / 'file.png')


def explained(config: str, folder, make_graph, **options):
    predictor = kss_mm.load(*save_model(config, folder, make_graph), device='cpu')
    file = draw(folder, predictor.kind)
    return predictor, file, predictor.explain(file, 'class 3', **options)


@pytest.mark.parametrize(('host', 'config'), [('mmaction', VIDEOS['kssnet']), ('mmpretrain', IMAGES['kssnet'])])
def test_a_kssnet_of_either_host(host, config, make_graph, tmp_path):
    predictor, file, found = explained(config, tmp_path, make_graph, top=2)
    assert found.source == file and found.label == 'class 3' and not found.notes
    prediction = predictor(file)
    assert found.probability == prediction.scores[3] and found.predicted == (3 in prediction.indices)
    assert [map.kind for map in found.maps] == ['lateral'] * 3 + ['activation']
    assert len(found.graph.neighbours) == 2 and found.graph.neighbours[0].name.startswith('class')
    frames = 4 if host == 'mmaction' else 1
    assert found.frames.shape == (frames, 32, 32, 3) and found.frames.dtype == np.uint8
    assert found.view[1] == (6 if host == 'mmaction' else 1)  # two clips of three crops
    if found.view[1] == 1:
        assert found.logit == pytest.approx(prediction.logits[3], abs=1e-6)
    for map in found.maps:
        assert found.over_frames(map).shape == found.frames.shape[:3]
    json.dumps(found.as_dict(), allow_nan=False)
    assert predictor(file).logits.tolist() == prediction.logits.tolist()


@pytest.mark.parametrize(('kind', 'config'), [('video', VIDEOS['host']), ('image', IMAGES['host'])])
def test_a_model_of_the_host_s_own_has_class_activation_alone(kind, config, make_graph, tmp_path):
    predictor, file, found = explained(config, tmp_path, make_graph)
    assert [map.kind for map in found.maps] == ['activation'] and found.graph is None
    assert [note.split(' ', 1)[1][:15] for note in found.notes] == ['computes with n', 'has no lateral ']
    assert found.frames.shape[0] == (2 if kind == 'video' else 1)
    with pytest.raises(InputError, match='computes with no label graph'):
        predictor.explain(file, parts=['graph'])
    with pytest.raises(InputError, match='no label-query head'):
        predictor.explain(file, parts=['attention'])


def test_2d_networks_have_their_frames_in_the_batch(make_graph, tmp_path):
    config = VIDEOS['host'].replace("type='Recognizer2D'", "type='kss_mm.KSSNet2D'").replace(
        "dict(type='ResNet', depth=18, pretrained=None)",
        "dict(type='kss_mm.LCBackbone', taps=['layer2', 'layer4'], num_classes=5, zero_init=False, backbone=dict("
        "type='ResNetTSM', depth=18, pretrained=None, num_segments=4))").replace('num_clips=2', 'num_clips=4')
    config = config[:config.index("cls_head=dict(type='TSNHead'")] + (
        "neck=dict(type='kss_mm.LabelGCN', graph={graph!r}, lam=.4, tau=.02, eta=.4), cls_head=dict(type='kss_mm."
        "KSSHead', num_classes=5, in_channels=512))\n") + config[config.index('test_pipeline'):]
    *_, found = explained(config, tmp_path, make_graph, top=1)
    assert found.frames.shape == (4, 32, 32, 3) and found.view == (1, 1)
    assert [map.values.shape for map in found.maps] == [(4, 4, 4), (4, 1, 1), (4, 1, 1)]


def test_a_query_head_shows_its_attention(make_graph, tmp_path):
    config = IMAGES['host'].replace("neck=dict(type='GlobalAveragePooling'),", '').replace(
        'ResNet\', depth=18, stem_channels=8, base_channels=8', 'ResNet\', depth=18, stem_channels=8, base_channels=8, '
        'strides=(1, 2, 1, 1), dilations=(1, 1, 1, 1)').replace(
        "type='MultiLabelLinearClsHead',", "type='kss_mm.LabelQueryClsHead', embed_dims=16, num_heads=2, "
                                           'feedforward_channels=16,')
    *_, found = explained(config, tmp_path, make_graph)
    activation, attention = found.maps
    assert attention.kind == 'attention' and attention.values.shape == activation.values.shape == (1, 4, 4)
    assert attention.values.sum() == pytest.approx(1, abs=1e-5)


def test_transformers(make_graph, tmp_path):
    config = IMAGES['kssnet'].replace(
        "dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=5, zero_init=False)",
        "dict(type='kss_mm.LCBackbone', taps=['layers.0', 'layers.1'], num_classes=5, zero_init=False, backbone=dict("
        "type='VisionTransformer', arch=dict(embed_dims=64, num_layers=3, num_heads=2, feedforward_channels=64), "
        "img_size=32, patch_size=8, out_type={out!r}))")
    folder = tmp_path / 'map'
    folder.mkdir()
    *_, found = explained(config.replace('{out!r}', "'featmap'"), folder, make_graph, top=1)
    assert [map.values.shape for map in found.maps] == [(1, 4, 4)] * 3
    predictor, file, found = explained(config.replace('{out!r}', "'cls_token'"), tmp_path, make_graph, top=1)
    assert [map.kind for map in found.maps] == ['lateral'] * 2 and "out_type='featmap'" in found.notes[0]
    with pytest.raises(InputError, match='returns no feature map'):
        predictor.explain(file, parts=['activation'])


def test_what_cannot_be_explained_is_one_line(make_graph, tmp_path, monkeypatch):
    predictor, file, _ = explained(IMAGES['kssnet'], tmp_path, make_graph, parts=['laterals'])
    for options, message in ((dict(label='clas 3'), "'clas 3': is none of the 5 of .*did you mean 'class 3'"),
                             (dict(top=0), 'top'), (dict(parts=['words']), 'must be some of graph, laterals'),
                             (dict(parts=[]), 'must be some of')):
        with pytest.raises(InputError, match=message):
            predictor.explain(file, **options)
    with pytest.raises(InputError, match='more than one source'):
        predictor.explain([file, file])
    with pytest.raises(InputError, match='ONNX holds none; explain the checkpoint'):
        Predictor(Stub()).explain('001.png')
    monkeypatch.setitem(__import__('sys').modules, 'captum.attr', None)
    with pytest.raises(MissingPackageError, match=r"pip install 'kss-mm\[explain\]'"):
        predictor.explain(file)
    kss_mm.deploy(tmp_path / 'net.py', tmp_path / 'net.pth', tmp_path / 'deployed.pth')
    with pytest.raises(InputError, match='deployed.pth: is in deployed form.*explain the checkpoint'):
        kss_mm.load(tmp_path / 'deployed.pth').explain(file)


def test_an_array_and_the_surest_label_by_default(make_graph, tmp_path):
    predictor = kss_mm.load(*save_model(IMAGES['kssnet'], tmp_path, make_graph), device='cpu')
    pixels = torch.randint(0, 255, (40, 40, 3), dtype=torch.uint8).numpy()
    found = predictor.explain(pixels, parts=['laterals'])
    assert found.label == predictor(pixels).labels[0].name and found.source == 'array of 40 x 40 x 3'
