"""After an import of this project, and beside runs that use it, the hosts are and do what they do without it."""

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT
from media import image_bytes, write_video

MODULES = ('kss_mm', 'kss_mm.models', 'kss_mm.datasets.register', 'kss_mm.engine', 'kss_mm.evaluation.charades_metric',
           'kss_mm.visualization.prediction', 'kss_mm.apis.runner', 'kss_mm.apis.export',
           'kss_mm.inference.torch_network', 'kss_mm.checkpoints.foreign_config')


@pytest.fixture(scope='module')
def lines(tmp_path_factory):
    """The output of ``host_fingerprint.py`` without this project, and with all of it."""
    pytest.importorskip('mmaction')
    pytest.importorskip('mmpretrain')
    folder = tmp_path_factory.mktemp('data')
    write_video(folder / 'a.mp4')
    (folder / 'list.txt').write_text('a.mp4 0 2\na.mp4 -1\n')
    for name in ('cat', 'dog'):
        (folder / 'images' / name).mkdir(parents=True)
        (folder / 'images' / name / 'a.png').write_bytes(image_bytes('PNG'))
    command = [sys.executable, str(ROOT / 'tests/host_fingerprint.py'), str(folder)]
    processes = [subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, 'PYTHONPATH': str(ROOT)})
                 for more in ((), (*MODULES, '--after-ours'))]
    outputs = [process.communicate() for process in processes]
    assert not any(process.returncode for process in processes), [error[-2000:] for _, error in outputs]
    return [[json.loads(line) for line in out.splitlines() if line.startswith('{')] for out, _ in outputs]


def test_an_import_changes_nothing_of_the_hosts(lines):
    (without,), (imported, *_) = lines
    for module, registries in without['registered'].items():
        for registry, names in registries.items():
            now = imported['registered'][module][registry]
            assert {name: now.get(name) for name in names} == names, f'{module}.{registry}'
    assert {**imported, 'registered': None} == {**without, 'registered': None}


def test_a_run_with_parts_of_this_project_is_repaired(lines):
    run = lines[1][1]
    assert run == {'before': 'DecordInit', 'after': ['SafeDecordInit', 'SafeDecordDecode', 'SafeLoadImage']}


def test_a_later_run_of_a_hosts_own_config_is_not(lines):
    (without,), (_, _, later) = lines
    assert later == {name: value for name, value in without.items() if name not in ('registered', 'patched')}
    assert later['last label'] == [0, 0, 1], 'the host reads -1 as the last class'
