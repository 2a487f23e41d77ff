"""``kss_mm.train`` and the others: lazy, without command-line objects, and careful with what they are given."""

import ast
import inspect
import subprocess
import sys

import pytest
from conftest import ROOT, tiny
from mmengine.config import Config

import kss_mm
from kss_mm.apis.cfg_options import parse_options
from kss_mm.apis.config import checkpoint_of, own_config, set_work_dir
from kss_mm.apis.convert_checkpoint import convert
from kss_mm.apis.model import fresh_model
from kss_mm.errors import InputError

FUNCTIONS = {'load_config', 'build_model', 'build_label_graph', 'train', 'evaluate', 'publish', 'deploy', 'export_onnx',
             'add_labels', 'load', 'report'}


def test_the_package_loads_nothing_until_it_is_asked():
    code = ('import sys, kss_mm; heavy = {"torch", "numpy", "mmengine", "mmaction", "mmpretrain"}; '
            'assert not heavy & set(sys.modules); print(*kss_mm.__all__); print(*dir(kss_mm)); '
            'kss_mm.build_label_graph; assert "torch" not in sys.modules')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=ROOT)
    names, listed = (set(line.split()) for line in result.stdout.splitlines())
    assert result.returncode == 0 and names == FUNCTIONS | {'LabelGraph', '__version__'} and names <= listed


@pytest.mark.parametrize('name', sorted(FUNCTIONS))
def test_every_function_is_documented_and_typed(name):
    function = getattr(kss_mm, name)
    signature = inspect.signature(function)
    assert 'Args:' in function.__doc__ and 'Raises:' in function.__doc__
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(f'{argument}:' in function.__doc__ or f'{argument},' in function.__doc__
               for argument in signature.parameters)


def test_an_unknown_name():
    with pytest.raises(AttributeError, match='nothing'):
        kss_mm.nothing  # noqa: B018


def test_only_the_command_line_knows_argparse():
    for path in (ROOT / 'kss_mm').rglob('*.py'):
        if path.parent.name == 'cli' or '.mim' in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else [
                node.module] if isinstance(node, ast.ImportFrom) else []
            assert 'argparse' not in names, path


def test_tools_are_arguments_and_little_more():
    """Their work is done in kss_mm, where it can be called."""
    for path in (ROOT / 'tools').glob('*.py'):
        names = {node.name for node in ast.parse(path.read_text(encoding='utf-8')).body
                 if isinstance(node, ast.FunctionDef)}
        assert names <= {'parse_args', 'main', 'print_some'}, path


def test_options_are_a_dict_or_texts():
    for options in ({'model.cls_head.num_classes': 3}, ['model.cls_head.num_classes=3'],
                    'model.cls_head.num_classes=3', parse_options(['model.cls_head.num_classes=3'])):
        assert kss_mm.load_config('configs/i3d_toy.py', options).model.cls_head.num_classes == 3
    with pytest.raises(InputError, match='KEY=VALUE'):
        kss_mm.load_config('configs/i3d_toy.py', ['model'])


def test_a_given_config_is_copied():
    given = kss_mm.load_config('configs/i3d_toy.py')
    before = given.pretty_text
    changed = own_config(given, {'model.cls_head.num_classes': 3})
    assert changed.model.cls_head.num_classes == 3 and changed.filename == given.filename
    assert given.pretty_text == before


def test_what_a_config_in_memory_lacks_is_said():
    with pytest.raises(InputError, match='work_dir'):
        set_work_dir(Config(dict(a=1)), Config(dict(a=1)), None)
    with pytest.raises(InputError, match='checkpoint'):
        checkpoint_of(Config(dict(load_from='a.pth')), None)  # what a training starts from is not its result


def test_errors_of_a_config_in_memory_name_no_file():
    cfg = Config(dict(model=dict(type='kss_mm.NoSuchModel'), default_scope='mmengine'))
    with pytest.raises(InputError, match='^the config: .*NoSuchModel'):
        fresh_model(cfg)
    with pytest.raises(InputError, match='^the config: .*no model'):
        fresh_model(Config(dict(a=1)))


def test_a_built_graph_is_read_again_and_nothing_is_not_a_file(tmp_path):
    (tmp_path / 'labels.csv').write_text('file,labels\na,dog;cat\nb,dog\n')
    graph = kss_mm.build_label_graph(labels=tmp_path / 'labels.csv', words='', conceptnet='', classes='',
                                     exclude_relations=None, out=tmp_path / 'graph.npz')
    assert type(graph).load(tmp_path / 'graph.npz').classes == graph.classes == ('cat', 'dog')
    assert graph.embeddings is None and graph.knowledge is None


def test_the_form_to_convert_to_is_checked(tmp_path):
    with pytest.raises(InputError, match="--to 'Released'"):
        convert(tmp_path / 'a.pth', None, tmp_path / 'b.pth', to='Released')



@pytest.mark.slow
def test_from_labels_to_metrics(toy_charades, tmp_path, monkeypatch):
    """The graph, a training, its evaluation and its publication from Python; the config stays as it was."""
    pytest.importorskip('mmaction')
    monkeypatch.chdir(tmp_path)
    config = kss_mm.load_config('kssnet_i3d_toy', tiny(toy_charades))
    graph = kss_mm.build_label_graph(config, words=toy_charades / 'words.txt', out='graph.npz')
    assert isinstance(graph, kss_mm.LabelGraph) and kss_mm.LabelGraph.load('graph.npz').classes == graph.classes
    assert 'CharadesDataset' in graph.report() and '--conceptnet' in graph.report()
    before = config.pretty_text
    options = {'train_cfg.max_epochs': 1}
    runner = kss_mm.train(config, work_dir=tmp_path / 'run', validate=False, seed=1, options=options)
    assert runner.epoch == 1 and runner.cfg.randomness.seed == 1
    metrics = kss_mm.evaluate(config, tmp_path / 'run/epoch_1.pth', work_dir=tmp_path, dump=tmp_path / 'scores.npz')
    assert 0 <= metrics['charades/mAP'] <= 1 and (tmp_path / 'scores.npz').is_file()
    model = kss_mm.build_model(config, tmp_path / 'run/epoch_1.pth', device='cpu')
    assert not model.training and config.pretty_text == before
    published = kss_mm.publish(tmp_path / 'run/epoch_1.pth', tmp_path / 'shared')
    cfg = kss_mm.load_config(published.path)
    assert not kss_mm.build_model(cfg, device='cpu').training
    deployed = kss_mm.deploy(published.path, None, tmp_path / 'deployed.pth')
    assert deployed.difference < 1e-4 and (tmp_path / 'deployed.pth').is_file()
