"""Tools in processes of their own, forked with the hosts loaded: a call takes what the tool does, not the imports."""

import functools
import multiprocessing
import multiprocessing.forkserver
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRELOADED = ('tiny_run', 'kss_mm.models', 'kss_mm.datasets', 'kss_mm.evaluation', 'kss_mm.engine', 'kss_mm.apis.runner',
             'mmaction.models', 'mmaction.datasets', 'mmpretrain.models', 'mmpretrain.datasets', 'matplotlib.pyplot')


@functools.cache
def forkserver():
    """The context of ``multiprocessing`` whose processes start at once."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(list(PRELOADED))  # those that cannot be imported are passed over
    before = os.environ.get('PYTHONPATH')
    os.environ['PYTHONPATH'] = os.pathsep.join(map(str, (ROOT, ROOT / 'tests', ROOT / 'tests/engine')))
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        os.environ.pop('PYTHONPATH') if before is None else os.environ.update(PYTHONPATH=before)
    return context


def run(path: Path, *arguments, env: dict[str, str]) -> subprocess.CompletedProcess:
    """Run a script in the repository's root, as ``python path arguments`` does."""
    command = [str(path), *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ('out', 'err')]
        process = forkserver().Process(target=_main, args=(command, env, files))
        process.start()
        process.join()
        out, err = (Path(file).read_text() for file in files)
    return subprocess.CompletedProcess(command, process.exitcode, out, err)


def _main(command: list[str], env: dict[str, str], files: list[str]) -> None:
    for number, file in enumerate(files, 1):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout, sys.stderr = open(1, 'w', closefd=False), open(2, 'w', buffering=1, closefd=False)
    multiprocessing.set_start_method(None, force=True)  # the platform's, where that of this process is inherited
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    sys.argv = command
    sys.path[:0] = [os.path.dirname(command[0]), *filter(None, env.get('PYTHONPATH', '').split(os.pathsep))]
    runpy.run_path(command[0], run_name='__main__')
