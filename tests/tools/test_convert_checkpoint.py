"""tools/convert_checkpoint.py as users run it: both directions, both sources, and what goes wrong."""

import functools
import os
import stat

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import ROOT, run_tool

pytest.importorskip('mmaction')
from kss_mm.apis.cfg_options import parse_options  # noqa: E402
from kss_mm.apis.config import load_config  # noqa: E402
from kss_mm.apis.runner import build_model, fresh_model  # noqa: E402
from kss_mm.checkpoints.checkpoint import load_plain, save_plain, weights_of  # noqa: E402
from kss_mm.errors import InputError  # noqa: E402
from kss_mm.files import write_whole  # noqa: E402
from kss_mm.graph import LabelGraph  # noqa: E402
from kss_mm.models import InceptionI3d  # noqa: E402
from kss_mm.models.released_network import released_shapes  # noqa: E402

CLASSES = ('sit', 'stand', 'open a door')
KSSNET, PAPER, PLAIN = (f'configs/{name}.py' for name in ('kssnet_i3d_charades_released', 'kssnet_i3d_charades',
                                                          'i3d_charades'))
PAIRS = 'model.cls_head.pool=avg_pairs'
FROM_CONFIG = {'neck.adjacency', 'neck.embedding', 'cls_head.classifier.threshold_logits'}


@pytest.fixture
def convert(printed):
    return functools.partial(printed, 'convert_checkpoint.py')


@pytest.fixture(scope='module')
def graph(tmp_path_factory):
    path = tmp_path_factory.mktemp('graph') / 'graph.npz'
    rng = np.random.default_rng(0)
    counts = np.array([[4, 1, 0], [1, 3, 2], [0, 2, 5]])
    LabelGraph(CLASSES, counts, counts.diagonal(), 9, knowledge=np.ones((3, 3)), superimposed=rng.random((3, 3)),
               embeddings=rng.normal(size=(3, 300))).save(path)
    return path


def three_classes(config, graph) -> dict:
    only_kssnet = {'model.neck.graph': str(graph), 'model.backbone.num_classes': 3}
    return {'model.cls_head.num_classes': 3, **({} if config == PLAIN else only_kssnet)}


def options(config, graph) -> list[str]:
    return ['--cfg-options', *(f'{key}={value}' for key, value in three_classes(config, graph).items())]


def config_of(config, graph):
    return load_config(str(ROOT / config), three_classes(config, graph))


def random_values(shapes) -> dict[str, torch.Tensor]:
    return {key: torch.randn(shape) if shape else torch.tensor(7) for key, shape in shapes.items()}


@pytest.fixture(scope='module')
def released():
    """A state dict of the released code."""
    torch.manual_seed(0)
    return random_values(released_shapes(len(CLASSES)))


@pytest.fixture(scope='module')
def published():
    """A state dict of the published Inception-I3D, with logits of three classes."""
    ours = InceptionI3d().state_dict()
    shapes = {key.replace('.conv.', '.conv3d.'): tuple(value.shape) for key, value in ours.items()}
    torch.manual_seed(0)
    return random_values({**shapes, 'logits.conv3d.weight': (3, 1024, 1, 1, 1), 'logits.conv3d.bias': (3,)})


def wrapped(state, form):
    state = {f'module.{key}': value for key, value in state.items()} if 'module' in form else state
    return {'epoch': 3, 'arch': None, 'state_dict': state, 'best_score': 1.} if 'state_dict' in form else state


@pytest.mark.parametrize('form', ['bare', 'module', 'state_dict', 'state_dict, module', 'old file'])
@pytest.mark.slow
def test_released_checkpoints_in_every_wrapping(convert, tmp_path, graph, released, form):
    torch.save(wrapped(released, form), tmp_path / 'a.pth.tar', _use_new_zipfile_serialization='old' not in form)
    printed = convert(tmp_path / 'a.pth.tar', KSSNET, '-o', tmp_path / 'ours.pth', *options(KSSNET, graph))
    assert 'the released KSSNet: 359 entries have a place, 0 have none' in printed and 'complete for' in printed
    assert {line.split(': ')[1] for line in printed.splitlines() if 'from the config' in line} == FROM_CONFIG
    content = load_plain(str(tmp_path / 'ours.pth'))
    assert content['meta']['dataset_meta']['classes'] == list(CLASSES)
    model = build_model(config_of(KSSNET, graph), str(tmp_path / 'ours.pth'), 'cpu')
    assert torch.equal(model.backbone.Mixed_4b.b2a.conv.weight, released['features.8.b2a.conv3d.weight'])
    assert torch.equal(model.neck.layers[3].bias, released['gc4.bias'][0])
    assert torch.equal(model.cls_head.classifier.fc.weight, released['logits.conv3d.weight'][..., 0, 0, 0])
    expected = LabelGraph.load(graph).adjacency(lam=None, tau=.03, eta=.4)
    torch.testing.assert_close(model.neck.adjacency.double(), torch.from_numpy(expected))


def test_both_round_trips_are_bit_identical(convert, tmp_path, graph, released):
    torch.save(released, tmp_path / 'a.pth')
    opts = options(KSSNET, graph)
    convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth', *opts)
    printed = convert(tmp_path / 'b.pth', '--to', 'released', '-o', tmp_path / 'c.pth')
    assert {line.split()[2] for line in printed.splitlines() if 'no place' in line} == FROM_CONFIG
    assert 'complete for the released KSSNet' in printed
    convert(tmp_path / 'c.pth', KSSNET, '-o', tmp_path / 'd.pth', *opts)
    theirs = torch.load(tmp_path / 'c.pth', weights_only=True)
    assert theirs['epoch'] == theirs['best_score'] == 0  # its training script resumes from them
    for before, after in ((released, theirs['state_dict']),
                          (load_plain(str(tmp_path / 'b.pth'))['state_dict'],
                           load_plain(str(tmp_path / 'd.pth'))['state_dict'])):
        assert list(before) == list(after)
        assert all(torch.equal(before[key], after[key]) and before[key].dtype == after[key].dtype for key in before)


def test_entries_without_a_place_are_named(convert, tmp_path, graph, released):
    state = {**released, 'gc5.weight1': torch.ones(2), 'features.5.b9.bn.bias': torch.ones(2), 'note': 'hello',
             'merge_conv2.weight': torch.ones(480, 5, 1, 1, 1)}
    del state['gc2.bias']
    torch.save(state, tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth', *options(KSSNET, graph))
    for line in ('no place: gc5.weight1 has no counterpart',
                 'no place: features.5.b9.bn.bias would be backbone.Mixed_3b.b9.bn.bias, which is not there',
                 'no place: note is not a tensor but of type str',
                 'no place: merge_conv2.weight has shape (480, 5, 1, 1, 1), backbone.laterals.1.g.weight has (480, 3, ',
                 'missing: neck.layers.1.bias', 'missing: backbone.laterals.1.g.weight', '2 weights short of'):
        assert line in printed, line
    # What has a place can still start a training, but is not taken for a whole model.
    state = load_plain(str(tmp_path / 'b.pth'))['state_dict']
    assert len(state) == 357 and 'neck.layers.1.weights.0' in state and not FROM_CONFIG & state.keys()
    with pytest.raises(InputError, match='of another model than the config'):
        build_model(config_of(KSSNET, graph), str(tmp_path / 'b.pth'), 'cpu')


@pytest.mark.parametrize(('key', 'value', 'line'), [
    ('features.0.conv.weight', torch.ones(64, 3, 7, 7, 7),
     'would be backbone.Conv3d_1a_7x7.conv.weight, which features.0.conv3d.weight is already'),
    ('gc2.bias', torch.ones(1, 480).to_sparse(), 'is not a dense tensor but torch.sparse_coo'),
    ('gc2.bias', torch.quantize_per_tensor(torch.ones(1, 480), .1, 0, torch.qint8),
     'is of torch.qint8, neck.layers.1.bias needs floating-point numbers'),
    ('gc2.bias', torch.ones(1, 480, dtype=torch.int64), 'is of torch.int64, neck.layers.1.bias needs floating-point'),
    ('features.0.bn.num_batches_tracked', torch.tensor(7.),
     'is of torch.float32, backbone.Conv3d_1a_7x7.bn.num_batches_tracked counts batches'),
])
@pytest.mark.slow
def test_values_that_cannot_be_taken(convert, tmp_path, graph, released, key, value, line):
    torch.save({**released, key: value}, tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth', *options(KSSNET, graph))
    assert f'no place: {key} {line}' in printed and '1 have none' in printed
    assert ('missing: neck.layers.1.bias' in printed) == (key == 'gc2.bias')
    if 'conv' in key:
        state = load_plain(str(tmp_path / 'b.pth'))['state_dict']
        assert torch.equal(state['backbone.Conv3d_1a_7x7.conv.weight'], released['features.0.conv3d.weight'])


def test_two_entries_of_one_name(convert, tmp_path, graph, released):
    key = 'features.0.conv3d.weight'
    torch.save({**released, f'module.{key}': released[key]}, tmp_path / 'a.pth')
    assert f'a.pth: has {key} twice' in convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth',
                                                *options(KSSNET, graph))
    with pytest.raises(InputError, match='has a twice'):
        weights_of(dict(state_dict={'module.a': 1, 'a': 2}))


def test_counters_that_old_torch_lacked(convert, tmp_path, graph, released):
    torch.save({key: value for key, value in released.items() if 'num_batches' not in key}, tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth', *options(KSSNET, graph))
    assert 'from the config: backbone.Mixed_5c.b0.bn.num_batches_tracked' in printed and 'complete for' in printed


def test_ours_to_released_names_what_it_lacks(convert, tmp_path, graph):
    torch.save(dict(state_dict=fresh_model(config_of(PAPER, graph)).state_dict()), tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', PAPER, '--to', 'released', '-o', tmp_path / 'b.pth', *options(PAPER, graph))
    for line in ('no place: neck.layers.0.weights.0 has shape (300, 192), gc1.weight1 has (300, 61)',
                 'missing: gc1.weight2', 'missing: logits.conv3d.bias', 'weights short of the released KSSNet, which'):
        assert line in printed, line


@pytest.mark.parametrize(('option', 'lost'), [
    ('model.neck.norm=pair', 'norm=pair, the released GCN has none'),
    ('model.cls_head.logit_scale=sqrt', 'logit_scale=0.03125, the released one is 1'),
    ('model.cls_head.logit_scale=learned', 'logit_scale=learned, the released one is 1'),
    ('model.cls_head.pool=max', 'pool=max, the released one is avg'),
    ('model.cls_head.prior=[.1,.2,.3]', 'the bias of prior=, the released classifier has none'),
    ('model.backbone.taps=[Conv3d_2c_3x3,Mixed_3c,Mixed_5b]',
     'taps=Conv3d_2c_3x3,Mixed_3c,Mixed_5b, the released ones are Conv3d_2c_3x3,Mixed_3c,Mixed_4f'),
    (None, None),
])
@pytest.mark.slow
def test_what_the_released_network_cannot_hold(convert, tmp_path, graph, option, lost):
    opts = [*options(KSSNET, graph), *([option] if option else [])]
    cfg = load_config(str(ROOT / KSSNET), parse_options(opts[1:]))
    torch.save(dict(state_dict=fresh_model(cfg).state_dict()), tmp_path / 'a.pth')
    to_released = ('--to', 'released', '-o', tmp_path / 'b.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, *to_released, *opts)
    assert [line.partition(': ')[2] for line in printed.splitlines() if '  lost: ' in line] == ([lost] if lost else [])
    assert ('complete for the released KSSNet\n' in printed) == (option is None)
    # Without the config only weights can tell.
    printed = convert(tmp_path / 'a.pth', *to_released)
    told = lost is not None and ('learned' in lost or 'prior' in lost)
    assert (f'lost: {lost}' in printed) == told
    assert ('complete for the released KSSNet, as far as weights tell; give CONFIG' in printed) != told


@pytest.mark.parametrize('value', ['text', torch.ones(1, 2)])
def test_ours_to_released_of_a_broken_file(convert, tmp_path, graph, value):
    state = fresh_model(config_of(KSSNET, graph)).state_dict()
    torch.save(dict(state_dict={**state, 'neck.layers.1.bias': value}), tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, '--to', 'released', '-o', tmp_path / 'b.pth', *options(KSSNET, graph))
    expected = 'a str' if value == 'text' else '(1, 2)'
    assert printed.startswith('error: ') and f'neck.layers.1.bias is {expected}, in the model (480,)' in printed


def test_published_weights_for_the_plain_network(convert, tmp_path, graph, published):
    torch.save(published, tmp_path / 'a.pt')
    (tmp_path / 'names.txt').write_text('\n'.join(CLASSES))
    arguments = (tmp_path / 'a.pt', PLAIN, '-o', tmp_path / 'b.pth', '--classes', tmp_path / 'names.txt',
                 *options(PLAIN, graph))
    printed = convert(*arguments)
    (lost,) = [line for line in printed.splitlines() if '  lost: ' in line]
    assert 'pool=avg: logits of 64 frames are about 5% off' in lost and 'model.cls_head.pool=avg_pairs' in lost
    assert 'complete for' not in printed and 'computes something else' in printed
    printed = convert(*arguments, PAIRS)
    assert 'the published Inception-I3D: 344 entries have a place, 0 have none' in printed
    assert 'complete for' in printed and 'model.data_preprocessor.mean=127.5' in printed and 'lost' not in printed
    assert load_plain(str(tmp_path / 'b.pth'))['meta']['dataset_meta']['classes'] == list(CLASSES)
    model = build_model(config_of(PLAIN, graph), str(tmp_path / 'b.pth'), 'cpu')
    assert torch.equal(model.backbone.Mixed_5c.b3b.conv.weight, published['Mixed_5c.b3b.conv3d.weight'])
    assert torch.equal(model.cls_head.classifier.fc.bias, published['logits.conv3d.bias'])


def published_logits(state, features):
    """The end of the published network's forward pass, on its features (B, 1024, T, 7, 7)."""
    windows = F.avg_pool3d(features, [2, 7, 7], stride=(1, 1, 1))
    each = F.conv3d(windows, state['logits.conv3d.weight'], state['logits.conv3d.bias'])  # (B, K, T - 1, 1, 1)
    return each.squeeze(3).squeeze(3).mean(2)


def test_a_converted_network_computes_what_the_published_one_does(convert, tmp_path, graph, published):
    torch.save(published, tmp_path / 'a.pt')
    convert(tmp_path / 'a.pt', PLAIN, '-o', tmp_path / 'b.pth', *options(PLAIN, graph), PAIRS)
    features = torch.randn(2, 1024, 8, 7, 7)
    expected = published_logits(published, features)
    differences = {}
    for pool in ('avg', 'avg_pairs'):
        cfg = load_config(str(ROOT / PLAIN), {**three_classes(PLAIN, graph), 'model.cls_head.pool': pool})
        model = build_model(cfg, str(tmp_path / 'b.pth'), 'cpu')
        with torch.no_grad():
            logits = model.cls_head(features)
        differences[pool] = ((logits - expected).norm() / expected.norm()).item()
    assert differences['avg_pairs'] < 1e-5 and differences['avg'] > .01


@pytest.mark.parametrize(('config', 'no_place'), [
    (PLAIN, 'logits.conv3d.weight has shape (400, 1024, 1, 1, 1), cls_head.classifier.fc.weight has (3, 1024)'),
    (PAPER, 'logits.conv3d.bias would be cls_head.classifier.fc.bias, which is not there')])
def test_published_weights_alone_are_a_start(convert, tmp_path, graph, published, config, no_place):
    state = {**published, 'logits.conv3d.weight': torch.ones(400, 1024, 1, 1, 1), 'logits.conv3d.bias': torch.ones(400)}
    torch.save(state, tmp_path / 'a.pt')
    printed = convert(tmp_path / 'a.pt', config, '-o', tmp_path / 'b.pth', *options(config, graph))
    assert f'no place: {no_place}' in printed and 'to start a training from' in printed
    content = load_plain(str(tmp_path / 'b.pth'))
    assert content['state_dict'].keys() == {f'backbone.{key}' for key in InceptionI3d().state_dict()}

    from mmengine.runner import load_checkpoint

    weight = 'Conv3d_2c_3x3.conv.weight'
    model = fresh_model(config_of(config, graph))
    load_checkpoint(model, str(tmp_path / 'b.pth'), map_location='cpu')  # as load_from does
    assert torch.equal(model.backbone.get_parameter(weight), published[weight.replace('conv.', 'conv3d.')])
    backbone = InceptionI3d(init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'b.pth'), prefix='backbone.'))
    backbone.init_weights()
    assert torch.equal(backbone.get_parameter(weight), published[weight.replace('conv.', 'conv3d.')])


@pytest.mark.slow
def test_the_whole_way_by_tools(tmp_path, released):
    """From a released matrix, words and checkpoint to a prediction's model, each by its command."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / 'adj.npy', rng.random((3, 3)))
    np.save(tmp_path / 'words.npy', rng.normal(size=(3, 300)))
    (tmp_path / 'names.txt').write_text('\n'.join(CLASSES))
    torch.save(released, tmp_path / 'a.pth')
    run_tool('build_label_graph.py', '--superimposed', tmp_path / 'adj.npy', '--classes', tmp_path / 'names.txt',
             '--words', tmp_path / 'words.npy', '-o', tmp_path / 'graph.npz')
    result = run_tool('convert_checkpoint.py', tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'ours.pth',
                      *options(KSSNET, tmp_path / 'graph.npz'))
    assert 'complete for' in result.stdout
    build_model(config_of(KSSNET, tmp_path / 'graph.npz'), str(tmp_path / 'ours.pth'), 'cpu')


class Code:
    def __reduce__(self):
        return print, ('run',)


@pytest.mark.parametrize(('content', 'message'), [
    ({'state_dict': {'features.0.conv3d.weight': torch.ones(1)}, 'args': Code()}, 'so it is refused'),
    ({'features.0.weight': torch.ones(1)}, 'has none of the keys of the released KSSNet'),
    ({}, 'it has none at all'),
    ({'backbone.Mixed_3b.b0.conv.weight': torch.ones(1)}, '--to released is the way back'),
    (torch.ones(3), 'holds a Tensor, no weights by name'),
    ({'gc1.weight1': torch.ones(1), 'features.0.conv3d.weight': torch.ones(1)}, 'does not fill the backbone'),
    (b'no checkpoint', 'no readable checkpoint'),
    (None, 'no such checkpoint'),
])
def test_sources_that_cannot_be(convert, tmp_path, graph, content, message):
    if isinstance(content, bytes):
        (tmp_path / 'a.pth').write_bytes(content)
    elif content is not None:
        torch.save(content, tmp_path / 'a.pth')
    printed = convert(tmp_path / 'a.pth', KSSNET, '-o', tmp_path / 'b.pth', *options(KSSNET, graph))
    *_, error = printed.splitlines()
    assert error.startswith('error: ') and 'a.pth' in error and message in error
    assert not list(tmp_path.glob('b.pth*'))


@pytest.mark.parametrize(('args', 'message'), [
    (('-o', 'b.pth'), 'CONFIG is missing'),
    (('--to', 'released', '-o', '{folder}'), 'is a folder; give the name of a file'),
    (('--to', 'released', '-o', '{folder}/new/'), 'new/: is a folder; give the name of a file'),
    (('--to', 'released', '-o', '{folder}/pipe'), 'pipe: is not a regular file but a device or pipe'),
    (('--to', 'released', '-o', '{folder}/a.pth'), 'must be the name of a new file'),
    (('--to', 'released', '-o', 'b.pth'), 'is no checkpoint of ours with Inception-I3D'),
    (('--to', 'released', '-o', 'b.pth', '--classes', 'names.txt'), 'hold no class names'),
    (('--to', 'released', '-o', 'b.pth', '--cfg-options', 'a=1'), '--cfg-options needs a CONFIG'),
    (('nowhere.py', '-o', 'b.pth'), 'nowhere.py: no such config'),
    ((KSSNET, '-o', 'b.pth', '--cfg-options', 'model.neck.graph=nowhere.npz'), 'nowhere.npz: no such label graph'),
    ((PLAIN, '-o', 'b.pth', '--classes', '{folder}/two.txt'), '2 names, but the head has num_classes=157'),
    ((KSSNET, '-o', 'b.pth', '--classes', '{folder}/three.txt', *options(KSSNET, '{graph}')), 'not the names of the'),
])
def test_arguments_that_cannot_be(convert, tmp_path, graph, released, args, message):
    torch.save(released, tmp_path / 'a.pth')
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'two.txt').write_text('a\nb\n')
    (tmp_path / 'three.txt').write_text('stand\nsit\nopen a door\n')
    error = convert(tmp_path / 'a.pth', *(arg.replace('{folder}', str(tmp_path)).replace('{graph}', str(graph))
                                          for arg in args))
    if 'no checkpoint of ours' not in message:
        assert error.splitlines()[0].startswith('error: ')
    assert message in error


@pytest.mark.parametrize('write', [lambda path: save_plain({}, path), lambda path: write_whole(b'whole', path)])
def test_what_a_file_does_not_replace(tmp_path, write):
    pipe, folder = tmp_path / 'pipe', tmp_path / 'folder'
    os.mkfifo(pipe)
    folder.mkdir()
    (tmp_path / 'link').symlink_to(pipe)
    for path in (pipe, tmp_path / 'link', folder, f'{folder}/', f'{tmp_path}/new/', ''):
        with pytest.raises(InputError, match='give the name of a file'):
            write(str(path))
    assert stat.S_ISFIFO(pipe.stat().st_mode) and {p.name for p in tmp_path.iterdir()} == {'pipe', 'folder', 'link'}
    (tmp_path / 'file').touch()
    with pytest.raises(OSError) as caught:
        write(str(tmp_path / 'file/new'))
    assert caught.value.filename.startswith(str(tmp_path / 'file'))
    for _ in range(2):  # the second replaces the first
        write(str(tmp_path / 'deep/file'))
    assert os.listdir(tmp_path / 'deep') == ['file']
