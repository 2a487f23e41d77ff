"""Words and pictures of tools/predict.py, and checkpoints from when thresholds were probabilities in every tool."""

import re

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

import kss_mm
from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER
from kss_mm.datasets.media.image_reader import read_image

pytest.importorskip('mmpretrain')
K = 5
CLASSES = ['tennis racket', 'cup', 'person', 'dog', '$ign']
CONFIG = '''
default_scope = 'mmpretrain'
model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='kss_mm.LCResNet', depth=18, stem_channels=8, base_channels=8, num_classes=5, zero_init=False),
    neck=dict(type='kss_mm.LabelGCN', graph={graph!r}, lam=.4, tau=.02, eta=.4),
    head=dict(type='kss_mm.KSSClsHead', num_classes=5, in_channels=64, residual_fc=True, {options}))
data_preprocessor = dict(mean=[120.] * 3, std=[60.] * 3, to_rgb=True)
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(64, 48)), dict(type='PackInputs')]
'''
KEY = f'head.classifier.{BUFFER}'


@pytest.fixture
def run(make_graph, tmp_path):
    """Makes a config, a checkpoint that gives the picture beside it certain logits, and returns the three files."""
    import mmcv

    mmcv.imwrite(np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype('uint8'), str(tmp_path / 'a.png'))
    make_graph(K).save(tmp_path / 'graph.npz')

    def make(logits=(.9, -1.15, -3., 3., 0.), thresholds=None, options=''):
        (tmp_path / 'net.py').write_text(CONFIG.format(graph=str(tmp_path / 'graph.npz'), options=options))
        cfg = Config.fromfile(tmp_path / 'net.py')
        init_default_scope('mmpretrain')
        model = MODELS.build(cfg.model)
        state = model.state_dict()
        for key in state:  # features, and with them what label embeddings say, are nothing
            if key.startswith('backbone.layer4') and 'bn' in key and key.endswith(('weight', 'bias')):
                state[key].zero_()
            if 'downsample' in key and 'layer4' in key and key.endswith(('weight', 'bias')):
                state[key].zero_()
        state['head.classifier.fc.bias'].copy_(torch.tensor(logits))
        if thresholds is not None:
            state[KEY].copy_(torch.tensor(thresholds).logit())
        meta = dict(dataset_meta=dict(classes=CLASSES), cfg=cfg.pretty_text)
        torch.save(dict(state_dict=state, meta=meta), tmp_path / 'a.pth')
        return tmp_path / 'net.py', tmp_path / 'a.pth', tmp_path / 'a.png'
    return make


def lines(printed: str) -> dict[str, str]:
    return {name: line for line in printed.splitlines() for name in CLASSES if name in line}


def test_each_label_has_the_threshold_that_decides_beside_it(run, tool):
    status, printed = tool('predict.py', *run(thresholds=[.72, .23, .5, .5, .5]))
    assert status == 0, printed
    said = lines(printed)
    assert re.search(r'0.711 <  0.720  tennis racket\s*$', said['tennis racket'])
    assert re.search(r'0.240 >= 0.230  cup\s+predicted', said['cup'])
    assert re.search(r'0.500 \(logit 0\) >= 0.500 \(logit 0\)  \$ign\s+predicted', said['$ign'])


def test_saturated_probabilities_are_ranked_and_explained_by_their_logits(run, tool):
    config, checkpoint, image = run(logits=(40., 60., 50., -2., 30.))
    content = torch.load(checkpoint, weights_only=True)
    content['state_dict'][KEY] = torch.tensor([45., 55., 45., 0., 0.])
    torch.save(content, checkpoint)
    status, printed = tool('predict.py', config, checkpoint, image)
    names = [name for line in printed.splitlines() for name in CLASSES if name in line]
    assert status == 0 and names == ['cup', 'person', 'tennis racket', '$ign', 'dog'], printed
    said = lines(printed)
    assert '1.000 (logit 40) <  1.000 (logit 45)' in said['tennis racket'] and 'predicted' not in said['tennis racket']
    assert '1.000 (logit 60) >= 1.000 (logit 55)' in said['cup'] and 'predicted' in said['cup']


@pytest.mark.parametrize('options', ['topk=2', 'topk=2, threshold=.5'])
def test_a_head_that_predicts_the_highest_has_no_threshold(run, tool, options):
    status, printed = tool('predict.py', *run(options=options))
    assert status == 0 and printed.count('predicted') == (2 if options == 'topk=2' else 3)
    assert ('>=' in printed) == ('threshold' in options)


@pytest.mark.parametrize('thresholds', [None, [.72, .23, .5, .5, .5]])
def test_the_picture_marks_the_thresholds(run, thresholds):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from kss_mm.visualization.prediction import draw_prediction

    config, checkpoint, image = run(thresholds=thresholds)
    prediction = kss_mm.load(config, checkpoint, device='cpu')(image)
    assert prediction.indices == [int(i) for i in np.flatnonzero(prediction.scores >= prediction.thresholds)]
    shown = [3, 0, 1]
    figure = draw_prediction(read_image(image)[None], CLASSES, prediction.scores, thresholds=prediction.thresholds,
                             labels=prediction.indices, shown=shown, targets=[1],
                             beside={label: prediction.decision(label) for label in shown})
    axes = figure.axes[-1]
    weights = [text.get_fontweight() for text in axes.get_yticklabels()]
    if thresholds is None:
        assert [line.get_xdata()[0] for line in axes.lines] == [.5] and not axes.collections
        assert 'dashed: threshold 0.5' in axes.get_xlabel() and weights == ['bold', 'bold', 'normal']
    else:
        (marks,) = axes.collections
        found = [segment[0][0] for segment in marks.get_segments()]
        assert found == pytest.approx([.5, .72, .23]) and not axes.lines
        assert "the class's own threshold" in axes.get_xlabel() and weights == ['bold', 'normal', 'bold']
        assert [text.get_text() for text in axes.texts][1:] == ['0.711 <  0.720', '0.240 >= 0.230']
    FigureCanvasAgg(figure).draw()
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in axes.texts)  # none is cut


def test_weights_that_are_no_numbers_are_one_line(run, tool):
    config, checkpoint, image = run(logits=(float('nan'), 0., 0., 0., 0.))
    status, printed = tool('predict.py', config, checkpoint, image)
    assert status == 2 and str(checkpoint) in printed and 'nan' in printed.lower() and 'Traceback' not in printed


def former(path) -> None:
    """Rewrite a checkpoint as it was when thresholds were probabilities."""
    content = torch.load(path, weights_only=True)
    content['state_dict'][KEY.replace(BUFFER, FORMER)] = content['state_dict'].pop(KEY).sigmoid()
    torch.save(content, path)


def test_checkpoints_of_before_work_in_every_tool(run, tool, tmp_path):
    """Trained, deployed and published ones."""
    thresholds = [.72, .23, .5, .99, .5]
    config, checkpoint, image = run(thresholds=thresholds)
    former(checkpoint)
    _, expected = tool('predict.py', config, checkpoint, image)
    said = lines(expected)
    assert [name for name in CLASSES if 'predicted' in said[name]] == ['cup', '$ign']

    status, printed = tool('deploy.py', config, checkpoint, tmp_path / 'deployed.pth')
    assert status == 0, printed
    status, printed = tool('publish_model.py', checkpoint, tmp_path / 'published')
    assert status == 0, printed
    (published,) = tmp_path.glob('published_*.pth')
    assert KEY in torch.load(tmp_path / 'deployed.pth', weights_only=True)['state_dict']
    for path, is_former in ((tmp_path / 'deployed.pth', False), (tmp_path / 'deployed.pth', True), (published, False)):
        if is_former:
            former(path)
        status, printed = tool('predict.py', path, image)
        assert status == 0 and printed == expected, printed
