"""Configs of others: nothing runs and nothing is written, whatever they hold; good ones stay as they are."""

import os
import re
import socket
import urllib.request

import pytest
from conftest import ROOT
from hostile import LATE, LEFT_OUT, REFUSED, TEXTS

from kss_mm.apis.config import load_config
from kss_mm.apis.runner import build_model
from kss_mm.checkpoints import foreign_config
from kss_mm.checkpoints.foreign_config import read_config
from kss_mm.checkpoints.start_weights import drop_pretrained
from kss_mm.errors import InputError, UserError

pytest_plugins = 'published_file'  # fixtures

ALL = [*((name, edits, '') for name, (edits, _) in REFUSED.items()),
       *((name, {}, text) for name, (text, _) in TEXTS.items())]
# All arguments of a tool but the checkpoint, whose place is FILE.
COMMANDS = {
    'predict.py': ('FILE', '{data}/images/0.png'), 'test.py': ('FILE', '--work-dir', '{out}/work'),
    'train.py': ('FILE', '--work-dir', '{out}/work'), 'deploy.py': ('FILE', '{out}/deployed.pth'),
    'export_onnx.py': ('FILE', '{out}/net.onnx'), 'complexity.py': ('FILE',),
    'publish_model.py': ('FILE', '{out}/again'),
    'convert_checkpoint.py': ('{good}', 'FILE', '-o', '{out}/ours.pth', '--to', 'released'),
    'build_label_graph.py': ('FILE', '-o', '{out}/graph.npz')}


def marked(value, mark: str):
    """``value`` with MARK replaced in all its texts."""
    if isinstance(value, dict):
        return {key: marked(item, mark) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(marked(item, mark) for item in value)
    return value.replace('MARK', mark) if isinstance(value, str) else value


@pytest.fixture
def tripwires(tmp_path, monkeypatch):
    """A folder to run in, with evil modules; what runs a command, connects or writes outside fails the test."""
    (tmp_path / 'cwd').mkdir()
    (tmp_path / 'out').mkdir()
    monkeypatch.chdir(tmp_path / 'cwd')
    for name in ('evilpackage.py', 'evil.py', 'mc.py', 'antigravity.py'):
        (tmp_path / 'cwd' / name).write_text(f'open({str(tmp_path / "MARK")!r}, "w")')
    monkeypatch.syspath_prepend(str(tmp_path / 'cwd'))
    caught = []
    for module, name in ((os, 'system'), (urllib.request, 'urlopen'), (socket, 'create_connection')):
        monkeypatch.setattr(module, name, lambda *args, _name=name, **kwargs: caught.append(_name))
    before = sorted((tmp_path / 'cwd').iterdir())
    yield tmp_path / 'MARK'
    assert not caught
    assert not [path for path in tmp_path.iterdir() if 'MARK' in path.name]
    assert [path for path in sorted((tmp_path / 'cwd').iterdir()) if path.name != '__pycache__'] == before


def hostile(changed, mark, edits, text):
    return changed(marked(edits, str(mark)), marked(text, str(mark)))


def run(tool, command, file, published, mark) -> tuple[int, str]:
    out = mark.parent / 'out'
    places = dict(data=f'{published}/data', out=out, good=published / 'good.pth')
    status, printed = tool(command, *(str(file) if word == 'FILE' else word.format(**places)
                                      for word in COMMANDS[command]))
    return status, printed


def assert_one_line(status, printed, file):
    (line,) = [line for line in printed.splitlines() if line.startswith('error: ')]
    assert status == 2 and str(file) in line and 'Traceback' not in printed and '\x1b' not in printed
    return line


@pytest.mark.parametrize('name', REFUSED)
def test_what_is_refused(name, changed, tripwires):
    edits, message = REFUSED[name]
    file = hostile(changed, tripwires, edits, '')
    with pytest.raises(InputError) as error:
        load_config(str(file))
    assert message in str(error.value) and 'KSS_MM_TRUST_CONFIG=1' in str(error.value)
    assert str(error.value).startswith(str(file)) and '\n' not in str(error.value) and str(error.value).isprintable()


@pytest.mark.parametrize('name', TEXTS)
def test_texts_that_are_no_data(name, changed, tripwires):
    text, message = TEXTS[name]
    file = hostile(changed, tripwires, {}, text)
    with pytest.raises(InputError) as error:
        load_config(str(file))
    assert message in str(error.value) and str(error.value).startswith(str(file)) and str(error.value).isprintable()


@pytest.mark.parametrize('name', ['model', 'pipeline', 'scope', 'imports', 'eval_of_dtype', 'key_that_ends'])
@pytest.mark.parametrize('command', COMMANDS)
@pytest.mark.slow
def test_every_command(command, name, changed, published, tool, tripwires):
    (edits, text) = next((edits, text) for other, edits, text in ALL if other == name)
    file = hostile(changed, tripwires, edits, text)
    assert_one_line(*run(tool, command, file, published, tripwires), file)
    assert not list((tripwires.parent / 'out').iterdir())


@pytest.mark.fuzz
@pytest.mark.parametrize('command', COMMANDS)
def test_every_config_through_every_command(command, changed, published, tool, tripwires):
    for _, edits, text in ALL:
        file = hostile(changed, tripwires, edits, text)
        assert_one_line(*run(tool, command, file, published, tripwires), file)
    assert not list((tripwires.parent / 'out').iterdir())


@pytest.mark.parametrize('name', LEFT_OUT)
@pytest.mark.slow
def test_what_is_left_out(name, changed, published, tripwires, monkeypatch):
    edits, told = LEFT_OUT[name]
    said = []
    monkeypatch.setattr(foreign_config, 'print_log', lambda text, **_: said.append(text))
    file = hostile(changed, tripwires, edits, '')
    cfg = load_config(str(file))
    assert len(said) == bool(told) and all(told in line and str(file) in line for line in said)
    assert 'MARK' not in cfg.pretty_text and '127.0.0.1' not in cfg.pretty_text
    assert build_model(cfg, str(file), 'cpu') is not None


@pytest.mark.parametrize('edits', [
    {key: value for name in ('scores', 'table', 'removed_folder', 'pictures', 'config_file', 'network_backend')
     for key, value in LEFT_OUT[name][0].items()}, LEFT_OUT['results'][0]], ids=['outputs', 'results'])
@pytest.mark.slow
def test_an_evaluation_writes_into_its_work_folder_only(edits, changed, published, tool, tripwires):
    file = hostile(changed, tripwires, edits, '')
    status, printed = run(tool, 'test.py', file, published, tripwires)
    assert status == 0 and 'multi-label/mAP' in printed
    assert [path.name for path in (tripwires.parent / 'out').iterdir()] == ['work']


@pytest.mark.parametrize('name', LATE)
@pytest.mark.slow
def test_names_that_stand_elsewhere(name, changed, published, tool, tripwires):
    file = hostile(changed, tripwires, LATE[name], '')
    line = assert_one_line(*run(tool, 'train.py', file, published, tripwires), file)
    assert 'which is not a registered' in line


def test_the_switch_and_what_is_the_users_own(changed, tripwires, monkeypatch):
    edits = {'test_evaluator.dump': 'MARK', 'custom_hooks.+': dict(type='mypackage.Hook')}
    file = hostile(changed, tripwires, edits, '')
    with pytest.raises(InputError, match='mypackage'):
        load_config(str(file))
    monkeypatch.setenv('KSS_MM_TRUST_CONFIG', 'yes')
    with pytest.raises(InputError, match='mypackage'):
        load_config(str(file))
    monkeypatch.setenv('KSS_MM_TRUST_CONFIG', '1')
    cfg = load_config(str(file))
    assert cfg.custom_hooks[-1].type == 'mypackage.Hook' and cfg.test_evaluator.dump.endswith('MARK')
    monkeypatch.delenv('KSS_MM_TRUST_CONFIG')
    own = {'test_evaluator.dump': 'scores.npz', 'custom_hooks': [dict(type='mypackage.Hook')]}
    cfg = load_config(str(changed()), own)
    assert cfg.test_evaluator.dump == 'scores.npz' and cfg.custom_hooks[0].type == 'mypackage.Hook'


@pytest.mark.parametrize('edits', [
    {'model.neck.graph.width': 10 ** 8}, {'model.backbone.base_channels': 10 ** 5},
    pytest.param({'model.backbone': dict(type='VisionTransformer', arch=dict(
        embed_dims=64, num_layers=10 ** 7, num_heads=1, feedforward_channels=64))}, marks=pytest.mark.slow),
    {'model.backbone.norm_cfg': dict(type='BN', num_features=1 << 40)},
])
def test_models_that_a_small_file_cannot_ask_for(edits, changed):
    file = changed(edits)
    with pytest.raises(UserError) as error:
        build_model(load_config(str(file)), str(file), 'cpu')
    assert str(error.value).startswith(str(file)) and '\n' not in str(error.value)


@pytest.mark.parametrize('path', sorted((ROOT / 'configs').glob('*.py')), ids=lambda path: path.stem)
@pytest.mark.slow
def test_our_configs(path, tmp_path, monkeypatch):
    """They are used as they are, but for weights to start from and what belongs to a run."""
    monkeypatch.setattr(foreign_config, 'print_log', lambda text, **_: pytest.fail(text))
    own = load_config(str(path))
    pytest.importorskip(own.default_scope)
    (tmp_path / 'a.pth').touch()
    read = read_config(own.pretty_text, str(tmp_path / 'a.pth'))
    assert read.model == drop_pretrained(own.to_dict())['model']
    for key in set(own) - {'model', 'env_cfg', 'data_help', 'load_from', 'resume', 'pretrained'}:
        assert read[key] == own[key], key


@pytest.mark.parametrize('made', [
    'trained', 'published', *(pytest.param(made, marks=pytest.mark.slow) for made in ('thresholds', 'deployed'))])
def test_checkpoints_of_ours(made, published, tmp_path, tool):
    """Every kind that the tools make: the same scores as by the config that it was made with."""
    work, good = ['--work-dir', tmp_path / 'work'], published / 'good.pth'
    assert tool('test.py', published / 'net.py', published / 'epoch_1.pth', *work,
                '--dump', tmp_path / 'scores.npz')[0] == 0
    file = tmp_path / 'file.pth'
    if made == 'trained':
        assert tool('train.py', published / 'net.py', *work, '--cfg-options', f'load_from={good}',
                    'optim_wrapper.optimizer.lr=0.', 'train_cfg.max_epochs=1')[0] == 0
        file = tmp_path / 'work/epoch_1.pth'
    elif made == 'deployed':
        assert tool('deploy.py', published / 'net.py', published / 'epoch_1.pth', file)[0] == 0
    elif made == 'thresholds':
        assert tool('fit_thresholds.py', good, tmp_path / 'scores.npz', '--out', file)[0] == 0
    else:
        file = good
    image = published / 'data/images/0.png'
    expected = tool('predict.py', published / 'net.py', published / 'epoch_1.pth', image)[1]
    status, printed = tool('predict.py', file, image)
    scores = re.compile(r'^ +([0-9.]+) .*(label [0-9]+)', re.MULTILINE)  # thresholds are others where they were fitted
    if made != 'trained':  # its batch statistics have moved
        assert scores.findall(printed) == scores.findall(expected) != []
    assert status == 0 and 'left out' not in printed and len(scores.findall(printed)) == 5
