import configparser
import importlib.metadata
import importlib.util
import pickle
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from kss_mm import hosts
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.hosts.checkpoint_loading import refuse_code_in_checkpoints


def python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)


def test_import_loads_nothing_heavy():
    result = python('import kss_mm, sys; print({"torch", "numpy", "mmengine", "mmaction"} & set(sys.modules))')
    assert result.stdout.strip() == 'set()', result.stderr


def test_mmaction_models_import_after_kss_mm():
    pytest.importorskip('mmaction')
    result = python('import kss_mm, mmaction.models; print("fine")')
    assert result.stdout.strip().endswith('fine'), result.stderr


def test_the_stand_in_refuses_to_be_built():
    pytest.importorskip('mmaction')
    import mmaction.models.localizers.drn.drn as drn

    if 'stand-in' in (drn.DRN.__doc__ or '').lower():
        with pytest.raises(MissingPackageError, match='source repository'):
            drn.DRN()


def test_an_intact_host_is_not_touched(tmp_path):
    """A package of that name with its own drn keeps it: the finder is asked last."""
    folder = tmp_path / 'mmaction' / 'models' / 'localizers' / 'drn'
    folder.mkdir(parents=True)
    for package in (folder.parents[2], folder.parents[1], folder.parent, folder):
        (package / '__init__.py').touch()
    (folder / 'drn.py').write_text('DRN = "the real one"')
    result = python(f'import sys; sys.path.insert(0, {str(tmp_path)!r}); import kss_mm; '
                    'from mmaction.models.localizers.drn.drn import DRN; print(DRN)')
    assert result.stdout.strip() == 'the real one', result.stderr


@pytest.fixture
def installed(monkeypatch):
    """Makes these distributions the only ones there, ``_`` standing for the ``-`` of a name."""
    def pretend(**versions):
        def version(name):
            if name.replace('-', '_') in versions:
                return versions[name.replace('-', '_')]
            raise importlib.metadata.PackageNotFoundError(name)

        monkeypatch.setattr(importlib.metadata, 'version', version)
        monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
        monkeypatch.setattr(importlib, 'import_module', lambda name: None)
    return pretend


@pytest.mark.parametrize(('host', 'versions', 'parts'), [
    ('mmaction2', {}, ["kss_mm.KSSNet needs mmaction2", 'not installed', "pip install 'kss-mm[mmaction2,mmcv-lite]'"]),
    ('mmaction2', {'mmcv': '2.1.0'}, ["mmaction2>=1.2,<2, which is not installed: pip install 'kss-mm[mmaction2]'"]),
    ('mmaction2', {'mmaction2': '0.24.1', 'mmcv': '2.1.0'}, ['mmaction2 0.24.1 is', "pip install 'kss-mm[mmaction2]'"]),
    ('mmaction2', {'mmaction2': '1.2.0'}, ["mmcv>=2.0,<2.2, which is not", "pip install 'kss-mm[mmcv-lite]'"]),
    ('mmaction2', {'mmaction2': '1.2.0', 'mmcv_lite': '2.2.0'}, ['mmcv-lite 2.2.0 is', "'kss-mm[mmcv-lite]'"]),
    ('mmpretrain', {'mmpretrain': '1.2.0', 'mmcv_lite': '2.4.0'}, ['mmcv>=2.0,<2.4', 'mmcv-lite 2.4.0 is']),
    ('mmpretrain', {'onedl_mmpretrain': '1.3.6'}, ["pip install 'onedl-mmcv>=2.0,<2.4'"]),
    ('mmpretrain', {'onedl_mmcv': '2.3.6'}, ["pip install 'onedl-mmpretrain>=1.2,<2'"]),
    ('mmaction2', {'onedl_mmengine': '0.10.12'}, ['in an environment of its own', 'mix with onedl-mmengine']),
])
def test_what_is_lacking_is_named_with_its_install_command(installed, host, versions, parts):
    installed(**versions)
    with pytest.raises(MissingPackageError) as error:
        hosts.require(host, 'kss_mm.KSSNet')
    assert all(part in str(error.value) for part in parts), error.value


@pytest.mark.parametrize('distribution', ['mmcv', 'onedl-mmcv'])
@pytest.mark.parametrize(('host', 'versions', 'mmcv'), [
    ('mmaction2', {}, '2.3.6'), ('mmaction2', {'mmaction2': '1.2.0'}, '2.2.0'), ('mmaction2', {}, '1.7.2'),
    ('mmpretrain', {'mmpretrain': '1.2.0'}, '2.4.0'), ('mmpretrain', {'onedl_mmpretrain': '1.3.6'}, '1.7.2'),
    ('mmcv', {}, '2.4.0'),
])
def test_no_command_replaces_an_mmcv_unasked(installed, distribution, host, versions, mmcv):
    """Two distributions of it in one folder mix their files, and the operators compiled in the first are lost."""
    installed(**versions, **{distribution.replace('-', '_'): mmcv})
    with pytest.raises(MissingPackageError, match=f'{distribution} {mmcv} is installed') as error:
        hosts.require(host, 'kss_mm.KSSNet')
    command, _, rest = str(error.value).partition('pip install ')[2].partition("' ")
    assert rest.startswith('in an environment of its own') and f'pip uninstall {distribution}' in rest, error.value
    assert 'mmcv-lite' in command and (host == 'mmcv' or host in command)


@pytest.mark.parametrize(('host', 'versions'), [
    ('mmaction2', {'mmaction2': '1.2.0', 'mmcv_lite': '2.1.0'}),
    ('mmaction2', {'mmaction2': '1.3.0rc1', 'mmcv': '2.0.0rc4'}),
    ('mmpretrain', {'mmpretrain': '1.2.0', 'mmcv': '2.2.0'}),
    ('mmpretrain', {'onedl_mmpretrain': '1.3.6', 'onedl_mmcv': '2.3.6'}),
    # One environment, both hosts: the mmcv that MMAction2 refuses is right for MMPretrain.
    ('mmpretrain', {'mmaction2': '1.2.0', 'mmpretrain': '1.2.0', 'onedl_mmcv': '2.3.6'}),
    ('mmcv', {'onedl_mmcv': '2.3.6'}),
])
def test_each_host_has_its_own_bound_for_mmcv(installed, host, versions):
    installed(**versions)
    hosts.require(host, 'kss_mm.KSSNet')


def test_installing_this_package_replaces_no_host():
    """Only the extra mmcv-lite names an mmcv; whatever a fork provides under a name of its own stands in extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / 'setup.cfg')
    extras = {name: set(map(name_of, text.split('\n'))) for name, text in setup['options.extras_require'].items()}
    assert [name for name, needed in extras.items() if any('mmcv' in part for part in needed)] == ['mmcv-lite']
    always = set(map(name_of, setup['options']['install_requires'].strip().split('\n')))
    assert not always & {'mmengine', 'mmcv', 'mmcv-lite', 'mmaction2', 'mmpretrain'}
    assert all('mmengine' in extras[host] for host in ('mmaction2', 'mmpretrain'))


def name_of(requirement: str) -> str:
    return re.split(r'[<>=;\[ ]', requirement.strip())[0]


@pytest.mark.slow
def test_a_config_that_needs_an_absent_host_says_so(tmp_path):
    """Without MMAction2, the other components still register, and KSSNet names what it needs."""
    result = python(
        'import importlib.metadata as m, sys\n'
        'sys.modules["mmaction"] = None\n'
        'real = m.version\n'
        'def version(name):\n'
        '    if name == "mmaction2": raise m.PackageNotFoundError(name)\n'
        '    return real(name)\n'
        'm.version = version\n'
        'import importlib.util as u\n'
        'find = u.find_spec\n'
        'u.find_spec = lambda name, *a: None if name == "mmaction" else find(name, *a)\n'
        'from mmengine.registry import MODELS\n'
        'MODELS.build(dict(type="kss_mm.InceptionI3d", width=.1))\n'
        'try:\n'
        '    MODELS.build(dict(type="kss_mm.KSSNet"))\n'
        'except ImportError as error:\n'
        '    print(error)\n')
    assert 'kss_mm.KSSNet needs mmaction2' in result.stdout, result.stderr


@pytest.mark.slow
def test_a_broken_host_does_not_take_the_other_with_it():
    """Installed, but its import fails: the other host's parts register, and its own say why they are not there."""
    pytest.importorskip('mmaction')
    result = python(
        'import kss_mm, sys\n'
        'sys.modules["mmpretrain.models"] = None\n'
        'from mmengine.registry import MODELS\n'
        'print(MODELS.build(dict(type="kss_mm.LCInceptionI3d", width=.1, num_classes=3)).__class__.__name__)\n'
        'try:\n'
        '    MODELS.build(dict(type="kss_mm.KSSNetClassifier"))\n'
        'except ImportError as error:\n'
        '    print(error)\n')
    assert 'LCInceptionI3d' in result.stdout, result.stderr
    assert 'kss_mm.KSSNetClassifier needs mmpretrain, which is installed but does not work here' in result.stdout


@pytest.mark.parametrize(('kind', 'line', 'label'), [
    ('VideoDataset', 'b.mp4 1 -1', '-1'), ('VideoDataset', 'b.mp4 7', '7'), ('RawframeDataset', 'b.mp4 8', '-1'),
    ('RawframeDataset', 'b.mp4 8 0 3', '3')])
def test_label_indices_of_list_files_are_checked(tmp_path, kind, line, label):
    """MMAction2 took -1 for the last class, also where it had written -1 itself for a line without labels."""
    pytest.importorskip('mmaction')
    from mmaction import datasets

    from kss_mm.hosts.runs import repair_hosts

    frames = ' 8' if kind == 'RawframeDataset' else ''
    (tmp_path / 'list.txt').write_text(f'a.mp4{frames} 0 2\n')
    options = dict(ann_file=str(tmp_path / 'list.txt'), pipeline=[], multi_class=True, num_classes=3)
    repair_hosts()
    assert getattr(datasets, kind)(**options).get_data_info(0)['label'].tolist() == [1, 0, 1]
    (tmp_path / 'list.txt').write_text(f'a.mp4{frames} 0 2\n{line}\n')
    with pytest.raises(InputError) as error:
        getattr(datasets, kind)(**options)
    for part in ('list.txt', 'b.mp4', f'label {label},', '0..2'):
        assert part in str(error.value)


class Code:
    def __reduce__(self):
        return print, ('run',)


def test_no_host_unpickles_what_torch_refuses(tmp_path, capsys):
    """A fork of MMEngine falls back to it."""
    runner = pytest.importorskip('mmengine.runner')
    import torch

    from kss_mm.hosts.runs import repair_hosts

    repair_hosts()

    torch.save(dict(state_dict=Code()), tmp_path / 'a.pth')
    with pytest.raises(pickle.UnpicklingError):
        runner.CheckpointLoader.load_checkpoint(str(tmp_path / 'a.pth'), map_location='cpu')
    assert 'run' not in capsys.readouterr().out.split()


def test_a_fallback_of_a_host_to_unpickling_is_taken_out(tmp_path, monkeypatch):
    """As onedl-mmengine 0.10.12 has it."""
    pytest.importorskip('mmengine')
    import torch
    from mmengine.runner import checkpoint

    monkeypatch.setattr(checkpoint, 'get_torch_safe_globals', lambda: [], raising=False)
    monkeypatch.setattr(checkpoint, '_safe_torch_load',
                        lambda file, map_location=None, weights_only=None: torch.load(file, weights_only=False),
                        raising=False)
    ours = True
    refuse_code_in_checkpoints(lambda: ours)
    torch.save(dict(a=torch.ones(1)), tmp_path / 'plain.pth')
    assert checkpoint._safe_torch_load(tmp_path / 'plain.pth', map_location='cpu')['a'] == 1
    torch.save(dict(a=Code()), tmp_path / 'code.pth')
    with pytest.raises(pickle.UnpicklingError):
        checkpoint._safe_torch_load(tmp_path / 'code.pth')
    ours = False  # a run of the host's own config
    checkpoint._safe_torch_load(tmp_path / 'code.pth')


def test_a_repair_is_put_in_once_and_told_at_debug_level(caplog):
    calls = []

    def fails_at_first(*arguments):
        """A host does something wrong.

        And more of it.
        """
        calls.append(arguments)
        if len(calls) == 1:
            raise ValueError

    caplog.set_level('DEBUG', logger='kss_mm')
    with pytest.raises(ValueError):
        hosts.repair(fails_at_first, 1)
    assert not caplog.records
    for _ in range(2):
        hosts.repair(fails_at_first, 2)
    assert calls == [(1,), (2,)]
    assert [(record.levelname, 'A host does something wrong.' in record.message, 'more' in record.message)
            for record in caplog.records] == [('DEBUG', True, False)]


def test_a_part_that_a_type_of_another_scope_builds_is_of_the_same_run():
    """MMEngine puts a default scope of its own on top while it builds by the key _scope_."""
    from mmengine.registry import MODELS, DefaultScope

    from kss_mm.hosts.runs import is_ours

    DefaultScope.get_instance('a run of ours', scope_name='mmengine')
    assert not is_ours()
    MODELS.build(dict(type='InceptionI3d', width=.1, _scope_='kss_mm'))
    assert is_ours()
    DefaultScope.get_instance('a run of others', scope_name='mmengine')
    assert not is_ours()


def test_an_inferencer_of_a_model_with_parts_of_ours_decodes_safely():
    """Whatever opens and decodes in its config, the host puts its own names there."""
    pytest.importorskip('mmaction')
    from mmaction.apis.inferencers import ActionRecogInferencer
    from mmengine.config import Config
    from mmengine.registry import DefaultScope

    pipeline = [dict(type='PyAVInit'), dict(type='SampleFrames', clip_len=2), dict(type='PyAVDecode'),
                dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]

    def steps(backbone: dict, channels: int) -> set[str]:
        DefaultScope.get_instance(f'run of {backbone["type"]}', scope_name='mmaction')
        head = dict(type='I3DHead', num_classes=3, in_channels=channels)
        cfg = dict(default_scope='mmaction', test_dataloader=dict(dataset=dict(pipeline=pipeline)),
                   model=dict(type='Recognizer3D', backbone=backbone, cls_head=head))
        inferencer = ActionRecogInferencer(Config(cfg), device='cpu')
        return {type(step).__name__ for step in inferencer.pipeline.transforms}

    ours = steps(dict(type='kss_mm.InceptionI3d', width=.1), 102)
    theirs = steps(dict(type='ResNet3dSlowOnly', depth=18, base_channels=8, pretrained=None), 64)
    assert {'SafeDecordInit', 'SafeDecordDecode'} <= ours
    assert {'DecordInit', 'DecordDecode'} <= theirs
