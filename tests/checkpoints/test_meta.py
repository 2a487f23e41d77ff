"""Entries of a checkpoint beside its weights: class names, label graph, record."""

import copy
import random

import pytest
import torch
from fuzzing import COUNT, SEED, attack

from kss_mm.apis.config import load_config
from kss_mm.apis.publish import label_graph_of
from kss_mm.checkpoints.checkpoint import lasting_meta, load_plain
from kss_mm.checkpoints.foreign_config import read_config
from kss_mm.errors import LONGEST_MESSAGE, InputError, UserError
from kss_mm.inference.torch_network import class_names

pytest_plugins = 'published_file'


def test_as_many_names_as_outputs(changed, tmp_path):
    file = str(changed(meta__dataset_meta=dict(classes=['a', 'b'])))
    with pytest.raises(InputError, match='has 2 class names .* for 5 outputs') as error:  # of its thresholds
        class_names(file)
    assert str(error.value).startswith(file)
    torch.save(dict(state_dict={}, meta=dict(dataset_meta=dict(classes=['a', 'b']))), tmp_path / 'host.pth')
    assert class_names(str(tmp_path / 'host.pth'), 2) == ['a', 'b']
    with pytest.raises(InputError, match='has 2 class names .* for 40 outputs'):
        class_names(str(tmp_path / 'host.pth'), 40)
    with pytest.raises(InputError, match='holds no class names'):
        class_names(str(changed(meta__dataset_meta={})))


def test_names_for_the_terminal(changed, published, tmp_path, tool):
    names = ['\x1b[2Jcleared', 'x' * 10_000, 'two\nlines', '\u202ereversed', 'plain $name$']
    file = changed(meta__dataset_meta=dict(classes=names))
    status, printed = tool('predict.py', file, published / 'data/images/0.png', '--out', tmp_path / 'a.png')
    assert status == 0 and (tmp_path / 'a.png').stat().st_size
    assert '\x1b' not in printed and '\u202e' not in printed and max(map(len, printed.splitlines())) < 300
    for text in (r'\x1b[2Jcleared', 'xxx...', 'two lines', r'\u202ereversed', 'plain $name$'):
        assert text in printed


@pytest.mark.parametrize(('name', 'value'), [
    ('counts', torch.ones(1).expand(10 ** 6, 10 ** 6)), ('counts', torch.ones(4, 4)), ('counts', 'text'),
    ('counts', dict(a=1)), ('counts', torch.eye(5).to_sparse()), ('counts', torch.eye(5, dtype=torch.bfloat16)),
    ('counts', torch.tensor(float('nan')).repeat(5, 5)), ('num_samples', torch.ones(5)), ('num_samples', None),
    ('num_samples', torch.ones(0)), ('total', torch.ones(2)), ('total', torch.tensor(float('inf'))), ('total', 'a'),
    ('classes', 'abcde'), ('classes', [1, 2, 3, 4, 5]), ('classes', ['a'] * 5), ('classes', torch.ones(5)),
    ('classes', []), ('embeddings', torch.ones(5)), ('embeddings', ['a', 'b', 'c', 'd', 'e']),
    ('provenance', '[' * 100_000), ('provenance', torch.ones(1)), ('provenance', '9' * 10_000),
    ('format_version', 'a'), ('format_version', torch.ones(3)), ('format_version', torch.tensor(2)),
    ('knowledge', torch.ones(5, 4)), ('counts.data', torch.ones(3)),
])
def test_label_graphs_that_are_none(name, value, changed):
    file = str(changed(**{f'label_graph__{name}': value}))
    with pytest.raises(UserError) as error:
        label_graph_of(file)
    assert file in str(error.value) and '\n' not in str(error.value) and len(str(error.value)) < LONGEST_MESSAGE + 100


def test_a_name_that_leads_elsewhere(changed, published, tmp_path, tool):
    """MMEngine's name of a run becomes that of the published file."""
    file = changed(meta__experiment_name='../elsewhere/net_20260101_000000')
    (tmp_path / 'out').mkdir()
    status, printed = tool('publish_model.py', file, tmp_path / 'out')
    assert status == 2 and 'does not say the name of its config' in printed
    assert not (tmp_path / 'elsewhere').exists()


@pytest.mark.fuzz
def test_mutated_configs(published, tmp_path):
    text = load_plain(str(published / 'good.pth'))['meta']['cfg'].encode()
    attack(lambda path: read_config(path.read_bytes().decode('utf-8', 'surrogateescape'), str(path)),
           tmp_path / 'a.pth', text)


ODD = [None, 5, -1, 10 ** 30, 1.5, float('nan'), True, '', 'text', '\x1b[2J', 'x' * 20_000, b'bytes', [], [[]],
       [1, 'a'], (), {}, {'a': {'b': 1}}, {1: 2}, torch.ones(0), torch.ones(2, 2), torch.tensor(3),
       torch.ones(1).expand(10 ** 9)]


@pytest.mark.fuzz
def test_mutated_entries(published, tmp_path):
    """Values of every level in the place of others, read by all that reads them."""
    good = torch.load(published / 'good.pth', weights_only=True)
    good |= dict(optimizer={'state': {}, 'param_groups': []}, param_schedulers=[{'last_step': 1}],
                 message_hub=dict(log_scalars={}, runtime_info=dict(epoch=1), resumed_keys={}))
    refused, path = 0, tmp_path / 'a.pth'
    for number in range(COUNT):
        rng = random.Random(SEED * 1_000_003 + number)
        content = copy.deepcopy(good)
        for _ in range(rng.choice((1, 1, 2, 4))):
            part = content
            while True:
                key = rng.choice(list(part) if isinstance(part, dict) else range(len(part)))
                if isinstance(part[key], dict | list) and part[key] and rng.random() < .8:
                    part = part[key]
                    continue
                part[key] = rng.choice(ODD)
                break
        torch.save(content, path)
        for read in (load_plain, load_config, class_names, label_graph_of, lambda p: lasting_meta(load_plain(p))):
            try:
                read(str(path))
            except UserError as error:
                refused += 1
                text = str(error)
                assert str(path) in text and text.isprintable() and len(text) < LONGEST_MESSAGE + 100, (number, text)
            except Exception as error:
                raise AssertionError(f'mutation {number}: {type(error).__name__}: {error}') from error
    assert refused > COUNT // 20
