"""``kss_mm.load('model.onnx')``: the scores of torch without torch, and files of anyone's."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from conftest import ROOT
from media import write_video
from tiny_models import IMAGES, VIDEOS, save_model

import kss_mm
from kss_mm.apis.describe_pipeline import VERSION
from kss_mm.datasets.media.image_reader import read_image
from kss_mm.errors import InputError, MissingFileError
from kss_mm.inference.onnx_network import average
from kss_mm.models.heads.average_clips import average_logits

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
STEPS = [dict(step='resize', size=[8, 6], keep_ratio=False, interpolation='bilinear', backend='cv2')]
DESCRIPTION = dict(version=VERSION, kind='image', steps=STEPS, average='score', batch_size=4, shape=[3, 6, 8])
METADATA = dict(pipeline=DESCRIPTION, classes=['red', 'green', 'blue'], thresholds=[.5, .5, .5],
                threshold_logits=[0., 0., 0.], layout='NCHW', channels='RGB')


def write_model(path, **changes):
    """A model that gives the mean of each colour as a logit; metadata that are None are left out."""
    from onnx import TensorProto, helper, numpy_helper

    shape = [None, *(changes.get('pipeline') or DESCRIPTION)['shape']] if isinstance(
        changes.get('pipeline', {}), dict) else [None, 3, 6, 8]
    nodes = [helper.make_node('ReduceMean', ['pixels', 'axes'], ['means'], keepdims=0),
             helper.make_node('Sub', ['means', 'grey'], ['logits']),
             helper.make_node('Sigmoid', ['logits'], ['probabilities'])]
    constants = [numpy_helper.from_array(np.array(value), name) for name, value in (
        ('axes', np.arange(2, len(shape), dtype=np.int64)), ('grey', np.float32(100)))]
    graph = helper.make_graph(
        nodes, 'means', [helper.make_tensor_value_info('pixels', TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 3]) for name in ('logits', 'probabilities')],
        constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    metadata = {name: value for name, value in {**METADATA, **changes}.items() if value is not None}
    helper.set_model_props(model, {name: value if isinstance(value, str) else json.dumps(value)
                                   for name, value in metadata.items()})
    onnx.save(model, path)
    return path


def colours(path, *values):
    cv2.imwrite(str(path), np.full((20, 30, 3), values[::-1], np.uint8))
    return path


def test_images_by_their_description(tmp_path):
    predictor = kss_mm.load(write_model(tmp_path / 'a.onnx'))
    file = colours(tmp_path / 'a.png', 101, 99, 98)
    for given in (file, read_image(file)):
        found = predictor(given)
        assert found.predicted == ['red'] and found.logits.tolist() == [1, -1, -2]
        assert found.scores == pytest.approx(1 / (1 + np.exp([-1, 1, 2])))
    assert predictor.kind == 'image' and predictor.batch_size == 4 and predictor.thresholds.logits.tolist() == [0] * 3
    swapped = kss_mm.load(write_model(tmp_path / 'b.onnx', channels='BGR'))(file)
    assert swapped.predicted == ['blue']
    assert kss_mm.load(tmp_path / 'a.onnx', threshold=.2)(file).predicted == ['red', 'green']
    film = write_video(tmp_path / 'film.mp4')
    assert 'is a video' in str(predictor([film])[0].error)


def test_views_of_videos(tmp_path):
    sample = dict(step='uniform', clip_len=3, clips=2)
    pipeline = dict(DESCRIPTION, kind='video', steps=[sample, *STEPS], shape=[3, 3, 6, 8])
    predictor = kss_mm.load(write_model(tmp_path / 'a.onnx', pipeline=pipeline, layout='NCTHW'))
    frames = np.full((40, 20, 30, 3), (101, 99, 98), np.uint8)
    assert predictor.network.prepare(frames).shape == (2, 3, 3, 6, 8)
    assert predictor(frames).logits.tolist() == [1, -1, -2]
    wrong = dict(pipeline, shape=[3, 4, 6, 8])
    with pytest.raises(InputError, match='the array: becomes an input of 3 x 3 x 6 x 8, and .* takes 3 x 4 x 6 x 8'):
        kss_mm.load(write_model(tmp_path / 'b.onnx', pipeline=wrong, layout='NCTHW'))(frames)


@pytest.mark.parametrize('how', ['prob', 'score', 'max'])
def test_views_are_averaged_as_the_head_does(how):
    logits = np.random.default_rng(0).normal(scale=20, size=(4, 3, 5)).astype(np.float32)
    scores, found = average(logits, how)
    expected = average_logits(torch.from_numpy(logits), how).double()
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6)
    np.testing.assert_allclose(scores, expected.sigmoid().numpy(), atol=1e-6)


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(pipeline=None), 'do not say how files are read; write it by tools/export_onnx.py'),
    (dict(pipeline=None, pipeline_problem='because of TenCrop'), 'because of TenCrop'),
    (dict(pipeline='{'), 'its pipeline: not a whole JSON text'), (dict(pipeline='[]'), 'no description of one'),
    (dict(pipeline=dict(DESCRIPTION, version=99)), 'in version 99, and this kss-mm reads 1'),
    (dict(pipeline=dict(DESCRIPTION, kind='sound')), 'no description'),
    (dict(pipeline=dict(DESCRIPTION, steps=[1])), 'no description'),
    (dict(pipeline=dict(DESCRIPTION, kind='video')), 'no description'), (dict(classes=None), 'has no class names'),
    (dict(classes=[1, 2, 3]), r'its classes are \[1, 2, 3\]'), (dict(thresholds=[.5]), 'not a threshold for each'),
    (dict(thresholds=['a'] * 3), 'its thresholds are')])
def test_metadata_of_anyone_s(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        kss_mm.load(write_model(tmp_path / 'a.onnx', **changes))


def test_files_that_are_no_model(tmp_path):
    (tmp_path / 'a.onnx').write_text('no model')
    with pytest.raises(InputError, match='a.onnx: is no model that onnxruntime reads'):
        kss_mm.load(tmp_path / 'a.onnx')
    with pytest.raises(MissingFileError, match='b.onnx: no such model'):
        kss_mm.load(tmp_path / 'b.onnx')
    write_model(tmp_path / 'a.onnx')
    for options, message in ((dict(device='cuda:7'), 'is not there'), (dict(checkpoint='a.pth'), 'model by itself')):
        with pytest.raises(InputError, match=message):
            kss_mm.load(tmp_path / 'a.onnx', **options)


def test_torch_and_the_hosts_stay_unloaded(tmp_path):
    write_model(tmp_path / 'a.onnx')
    colours(tmp_path / 'a.png', 101, 99, 98)
    code = '''
import sys
sys.argv = ['kss-mm', 'predict', 'a.onnx', 'a.png', 'a.png', '--out', 'a.csv']
from kss_mm.cli.command import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
assert not {'torch', 'mmengine', 'mmcv', 'mmaction', 'mmpretrain'} & set(sys.modules)
'''
    result = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, env={'PYTHONPATH': str(ROOT), 'PATH': ''},
                            capture_output=True, text=True)
    assert result.returncode == 0 and result.stdout == 'a.csv: 1 files\n', result.stderr
    assert (tmp_path / 'a.csv').read_text().splitlines()[1].startswith('a.png,red,0.73105')


@pytest.mark.slow
@pytest.mark.parametrize('config', [*VIDEOS.values(), *IMAGES.values()], ids=[
    f'{host}-{name}' for host, configs in (('mmaction', VIDEOS), ('mmpretrain', IMAGES)) for name in configs])
def test_an_exported_model_gives_what_torch_gives(config, make_graph, tmp_path):
    files = save_model(config, tmp_path, make_graph)
    exported = kss_mm.export_onnx(*files, tmp_path / 'net.onnx')
    assert exported.undescribed is None
    by_torch, by_onnx = kss_mm.load(*files, device='cpu'), kss_mm.load(tmp_path / 'net.onnx', device='cpu')
    assert by_torch.classes == by_onnx.classes and by_torch.kind == by_onnx.kind
    for number in range(3):
        if by_torch.kind == 'video':
            file = write_video(tmp_path / 'a.mp4', (64 + 8 * number, 48), 7 + 20 * number)
        else:
            file = colours(tmp_path / 'a.png', 20 * number, 7, 99)
        expected, found = by_torch(file), by_onnx(file)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
        assert found.indices == expected.indices
        np.testing.assert_array_equal(found.thresholds, expected.thresholds)
