"""tools/convert_checkpoint.py for checkpoints of the released ML-GCN, from its files to logits and back."""

import functools
import json

import numpy as np
import pytest
import torch
from conftest import ROOT
from mlgcn_release import Release, label_graph, randomise, raw_adjacency, side_files

pytest.importorskip('mmpretrain')
from kss_mm.apis.config import load_config  # noqa: E402
from kss_mm.apis.runner import build_model, fresh_model  # noqa: E402
from kss_mm.checkpoints.checkpoint import load_plain  # noqa: E402
from kss_mm.graph import LabelGraph  # noqa: E402
from kss_mm.models.released_mlgcn import mlgcn_shapes  # noqa: E402

CONFIG = 'configs/mlgcn_r101_coco_released.py'
CLASSES, WIDTHS, PIXELS = 6, (32, 512), 64
COUNTS, NUMS, WORDS, TOTAL = side_files(CLASSES)
FROM_CONFIG = {'neck.embedding', 'head.classifier.threshold_logits'}


def changes(graph, depth=18) -> dict:
    small = {'model.neck.channels': list(WIDTHS), 'model.head.in_channels': WIDTHS[-1]} if depth == 18 else {}
    return {'model.neck.graph': str(graph), 'model.head.num_classes': CLASSES, 'model.backbone.depth': depth,
            'model.backbone.init_cfg': None, **small}


def options(*args) -> list[str]:
    return ['--cfg-options', *(f'{key}={json.dumps(value) if isinstance(value, list) else value}'
                               for key, value in changes(*args).items())]


@pytest.fixture
def convert(printed):
    return functools.partial(printed, 'convert_checkpoint.py')


@pytest.fixture
def graph(tmp_path):
    label_graph(CLASSES).save(tmp_path / 'graph.npz')
    return tmp_path / 'graph.npz'


@pytest.fixture
def release():
    network = Release('resnet18', WIDTHS, COUNTS, NUMS, PIXELS // 32)
    randomise(network)
    return network.eval()


def saved(state, path, form='state_dict'):
    if 'module' in form:
        state = {f'module.{key}': value for key, value in state.items()}
    if 'torch 0.3' in form:  # which did not count batches
        state = {key: value for key, value in state.items() if 'num_batches_tracked' not in key}
    content = dict(epoch=12, arch=None, state_dict=state, best_score=83.) if 'state_dict' in form else state
    torch.save(content, path, _use_new_zipfile_serialization='torch 0.3' not in form)
    return path


@pytest.mark.parametrize('form', ['state_dict', 'bare', 'state_dict, module', 'state_dict, torch 0.3'])
def test_from_the_released_files_to_the_same_logits(convert, printed, tmp_path, release, form):
    """Side files and checkpoint as they are released, each by its tool."""
    np.savez(tmp_path / 'coco_adj.npz', adj=COUNTS, nums=NUMS, total=TOTAL)
    np.save(tmp_path / 'words.npy', WORDS)
    (tmp_path / 'names.txt').write_text('\n'.join('uvwxyz'))
    printed('build_label_graph.py', '--counts', tmp_path / 'coco_adj.npz', '--words', tmp_path / 'words.npy',
            '--classes', tmp_path / 'names.txt', '-o', tmp_path / 'g.npz')
    source = saved(release.state_dict(), tmp_path / 'a.pth.tar', form)
    text = convert(source, CONFIG, '-o', tmp_path / 'ours.pth', *options(tmp_path / 'g.npz'))
    assert 'a.pth.tar, the released ML-GCN: ' in text and ', 0 have none' in text and 'complete for' in text, text
    assert 'lost' not in text
    taken = {line.split(': ')[1] for line in text.splitlines() if 'from the config' in line}
    assert {key for key in taken if 'num_batches_tracked' not in key} == FROM_CONFIG
    assert (taken != FROM_CONFIG) == ('torch 0.3' in form)
    assert load_plain(str(tmp_path / 'ours.pth'))['meta']['dataset_meta']['classes'] == list('uvwxyz')

    cfg = load_config(str(ROOT / CONFIG), changes(tmp_path / 'g.npz'))
    model = build_model(cfg, str(tmp_path / 'ours.pth'), 'cpu')
    images = torch.randn(2, 3, PIXELS, PIXELS)
    with torch.no_grad():
        expected, found = release(images, torch.from_numpy(WORDS)), model(images)
    assert (found - expected).norm() <= 1e-6 * expected.norm()


def test_the_names_are_those_of_resnet_101():
    theirs = Release('resnet101', (1024, 2048), np.eye(80), np.ones(80), 14).state_dict()
    assert list(theirs) == list(mlgcn_shapes(80))
    assert {key: tuple(value.shape) for key, value in theirs.items()} == mlgcn_shapes(80)


@pytest.mark.slow
def test_there_and_back(convert, tmp_path, graph):
    theirs = Release('resnet101', (1024, 2048), COUNTS, NUMS, 14).state_dict()
    saved(theirs, tmp_path / 'a.pth.tar')
    assert 'complete for' in convert(tmp_path / 'a.pth.tar', CONFIG, '-o', tmp_path / 'b.pth', *options(graph, 101))
    for config in ((), (CONFIG,)):
        text = convert(tmp_path / 'b.pth', *config, '--to', 'released', '-o', tmp_path / 'c.pth.tar',
                       *(options(graph, 101) if config else ()))
        assert {line.split()[2] for line in text.splitlines() if 'no place' in line} == FROM_CONFIG
        assert ('complete for the released ML-GCN, as far as weights tell' in text) == (not config), text
        content = torch.load(tmp_path / 'c.pth.tar', weights_only=True)
        back = content['state_dict']
        assert content['epoch'] == content['best_score'] == 0 and list(back) == list(theirs)
        for key, value in theirs.items():
            assert torch.equal(back[key], value) or key == 'A'
        torch.testing.assert_close(back['A'], torch.from_numpy(raw_adjacency(COUNTS, NUMS)).float(), rtol=1e-6,
                                   atol=1e-6)
    opts = [*options(graph, 101), 'model.head.logit_scale=sqrt', 'model.head.pool=avg', 'model.head.tanh=True']
    text = convert(tmp_path / 'b.pth', CONFIG, '--to', 'released', '-o', tmp_path / 'c.pth.tar', *opts)
    for line in ('tanh=True, the released one is False', 'pool=avg, the released one is max', 'logit_scale=0.0220971'):
        assert f'lost: {line}' in text
    assert 'which computes something else' in text


@pytest.mark.parametrize('option', ['pool=avg', 'tanh=True', 'logit_scale=sqrt'])
def test_a_config_that_computes_something_else(convert, tmp_path, graph, release, option):
    source = saved(release.state_dict(), tmp_path / 'a.pth')
    text = convert(source, CONFIG, '-o', tmp_path / 'b.pth', *options(graph), f'model.head.{option}')
    assert text.count('  lost: ') == 1 and f'lost: {option.split("=")[0]}=' in text
    assert 'which computes something else' in text and 'complete for' not in text


def test_a_plain_network_starts_from_its_backbone(convert, tmp_path, release):
    source = saved(release.state_dict(), tmp_path / 'a.pth')
    text = convert(source, 'configs/r101_maxpool_coco.py', '-o', tmp_path / 'b.pth', '--cfg-options',
                   'model.backbone.depth=18', 'model.backbone.init_cfg=None', 'model.head.in_channels=512')
    assert 'no place: A would be neck.adjacency, which is not there' in text and 'to start a training from' in text
    state = load_plain(str(tmp_path / 'b.pth'))['state_dict']
    assert torch.equal(state['backbone.layer4.1.conv2.weight'], release.features[7][1].conv2.weight)


def other_graph(kind: str) -> LabelGraph:
    graph = label_graph(CLASSES if kind != 'of seven labels' else 7)
    if kind == 'in another order':
        order = np.arange(CLASSES)[::-1]
        return LabelGraph(graph.classes, graph.counts[order][:, order], graph.num_samples[order], graph.total,
                          embeddings=graph.embeddings)
    return graph


@pytest.mark.parametrize(('kind', 'extra', 'message'), [
    ('in another order', (), 'its A is not the adjacency of the config, by up to '),
    ('the same', ('model.neck.normalize=paper',), "a config with normalize='mlgcn'"),
    ('of seven labels', ('model.head.num_classes=7',), 'its A is (6, 6), but the label graph of the config has 7'),
])
def test_label_graphs_that_are_not_its_own(convert, tmp_path, release, kind, extra, message):
    other_graph(kind).save(tmp_path / 'g.npz')
    source = saved(release.state_dict(), tmp_path / 'a.pth')
    error = convert(source, CONFIG, '-o', tmp_path / 'b.pth', *options(tmp_path / 'g.npz'), *extra)
    assert error.startswith(f'error: {source}: its A ') and message in error and '\n' not in error
    assert not (tmp_path / 'b.pth').exists()


def test_an_adjacency_that_cannot_be(convert, tmp_path, graph, release):
    source = saved({**release.state_dict(), 'A': -release.A.detach()}, tmp_path / 'a.pth')
    error = convert(source, CONFIG, '-o', tmp_path / 'b.pth', *options(graph))
    assert error.startswith(f'error: {source}: its A is no adjacency: ') and '\n' not in error


@pytest.mark.parametrize('normalize', ['paper', 'mlgcn'])
def test_the_way_back_needs_the_released_normalisation(convert, tmp_path, graph, normalize):
    cfg = load_config(str(ROOT / CONFIG), {**changes(graph), 'model.neck.normalize': normalize})
    torch.save(dict(state_dict=fresh_model(cfg).state_dict()), tmp_path / 'a.pth')
    text = convert(tmp_path / 'a.pth', '--to', 'released', '-o', tmp_path / 'b.pth')
    # A smaller network is not the released one either.
    message = {'paper': 'a.pth: its adjacency is not normalised as the released',
               'mlgcn': 'does not fill the backbone of the released ML-GCN'}[normalize]
    assert text.splitlines()[-1].startswith('error: ') and message in text.splitlines()[-1]
