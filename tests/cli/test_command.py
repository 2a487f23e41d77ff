"""The console command, from the checkout and as it is packed."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import kss_mm
from kss_mm import cli
from kss_mm.cli import command
from kss_mm.package_files import package_config

TOOLS = sorted(path.stem.replace('_', '-') for path in (ROOT / 'tools').glob('*.py'))


def run(*arguments, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, '-m', 'kss_mm', *map(str, arguments)], capture_output=True, text=True,
                          cwd=cwd)


@pytest.fixture
def call(capsys, monkeypatch):
    """Runs the command in this process; returns its status and what it printed."""
    monkeypatch.setattr(sys, 'argv', ['kss-mm'])
    monkeypatch.setattr(cli, 'running', None)

    def run(*arguments: str) -> tuple[int, str]:
        try:
            command.main(arguments)
        except SystemExit as end:
            return end.code, ''.join(capsys.readouterr())
        return 0, ''.join(capsys.readouterr())
    return run


def test_help_lists_every_tool_with_its_line(call):
    status, output = call('--help')
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in output.splitlines() if line.startswith('  ')}
    assert status == 0 and sorted(lines) == sorted([*TOOLS, 'configs']) and all(map(str.strip, lines.values()))
    assert call() == (0, output)


def test_help_loads_no_torch():
    code = "import sys; from kss_mm.cli.command import main; main(['--help']); main(['configs']); print(*sys.modules)"
    modules = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=ROOT,
                             check=True).stdout.splitlines()[-1].split()
    assert not {'torch', 'numpy', 'mmengine', 'mmaction', 'mmpretrain'} & set(modules)


def test_version_and_configs(call):
    assert call('--version') == (0, f'kss-mm {kss_mm.__version__}\n')
    lines = call('configs')[1].splitlines()
    names = [line.split()[0] for line in lines]
    assert {'kssnet_i3d_toy', 'ablations/depth_2'} <= set(names) and not any('_base_' in name for name in names)
    assert all(line.rstrip().endswith('.') and len(line.split()) > 3 for line in lines)
    assert all(Path(package_config(name)).is_file() for name in names)


@pytest.mark.parametrize(('typed', 'near'), [('trian', 'train'), ('export_onn', 'export-onnx'), ('zzz', '--help')])
def test_an_unknown_command_is_one_line_with_the_nearest(call, typed, near):
    status, output = call(typed)
    (line,) = output.splitlines()
    assert status == 2 and line.startswith('error: ') and typed in line and near in line


def test_a_tool_is_called_by_either_form_of_its_name(call):
    for name in ('publish-model', 'publish_model', 'publish'):
        status, output = call(name, '--help')
        assert status == 0 and output.startswith('usage: kss-mm publish-model ')
        assert 'kss-mm predict published/' in output and 'python tools' not in output


def test_errors_of_a_tool_end_the_command(tmp_path):
    result = run('show-label-graph', 'nowhere.npz')
    assert result.returncode == 2 and result.stderr.startswith('error: nowhere.npz')


@pytest.mark.parametrize('name', ['kssnet_i3d_toy', 'kssnet_i3d_toy.py', 'configs/kssnet_i3d_toy.py',
                                  './configs/kssnet_i3d_toy'])
def test_configs_of_the_package_are_found_elsewhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(package_config(name)).samefile(ROOT / 'configs/kssnet_i3d_toy.py')
    (tmp_path / 'configs').mkdir()
    own = tmp_path / name
    own.write_text('a = 1')
    assert package_config(name) == name  # the user's own comes first


@pytest.mark.parametrize('name', ['nowhere', '/kssnet_i3d_toy.py', '../kss_mm/__init__.py', '_base_', ''])
def test_what_is_no_config_of_the_package_stays(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert package_config(name) == name


def test_the_wheel_carries_tools_and_configs(tmp_path):
    """As it is built from a copy of the checkout, with what is installed here."""
    source = tmp_path / 'source'
    source.mkdir()
    for name in ('kss_mm', 'configs', 'tools'):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns('__pycache__', '.mim'))
    for name in ('setup.py', 'setup.cfg', 'pyproject.toml', 'MANIFEST.in', 'README.md', 'LICENSE', 'model-index.yml'):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation',
                    '--wheel-dir', tmp_path, source], check=True, capture_output=True)
    (wheel,) = tmp_path.glob('*.whl')
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT) for folder in ('configs', 'tools') for path in (ROOT / folder).rglob('*')
              if path.is_file() and '__pycache__' not in path.parts}
    assert {f'kss_mm/.mim/{path.as_posix()}' for path in wanted} | {'kss_mm/.mim/model-index.yml'} <= names
    (entries,) = (name for name in names if name.endswith('entry_points.txt'))
    assert 'kss-mm = kss_mm.cli.command:main' in zipfile.ZipFile(wheel).read(entries).decode()
    folder = tmp_path / 'installed'
    zipfile.ZipFile(wheel).extractall(folder)
    result = run('complexity', '--help', cwd=folder)  # the folder of the moment comes first on the path
    assert result.returncode == 0 and '--shape' in result.stdout, result.stderr
    assert 'kssnet_i3d_toy ' in run('configs', cwd=folder).stdout


def test_errors_name_the_commands_of_who_has_no_checkout(tmp_path):
    result = run('train', 'kssnet_i3d_toy', cwd=tmp_path)
    assert result.returncode == 2 and 'tools/' not in result.stderr
    assert 'kss-mm make-toy-charades' in result.stderr and 'kss-mm build-label-graph' in result.stderr


def test_processes_of_a_launcher_start_a_module(monkeypatch):
    monkeypatch.setattr(cli, 'running', 'kss-mm train')
    text = 'torchrun --nproc-per-node 4 tools/train.py a.py, or python tools/test.py'
    assert cli.as_commands(text) == 'torchrun --nproc-per-node 4 -m kss_mm train a.py, or kss-mm test'
