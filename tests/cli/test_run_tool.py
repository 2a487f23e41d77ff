"""The end of every tool: quietly where nobody reads on, in one line where a place cannot be read or written."""

import errno
import logging
import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from kss_mm.cli.run_tool import run_tool

TOOLS = sorted(path.name for path in (ROOT / 'tools').glob('*.py'))


def start(code: str, **kwargs) -> subprocess.Popen:
    imports = 'import logging, sys, time\nfrom kss_mm.cli.run_tool import run_tool'
    program = f'{imports}\ndef main():\n{code}\nrun_tool(main)'
    return subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **kwargs)


@pytest.mark.parametrize('code', [
    '    for i in range(100000): print(i)',
    '    print(0, flush=True); time.sleep(1); print(1)',  # left in the buffer until the interpreter ends
    '    logging.basicConfig(stream=sys.stdout)\n    for i in range(100000): logging.warning(i)',
    '    print(0, flush=True); time.sleep(1); print(1); sys.exit(0)',  # as --help does
])
def test_a_reader_that_has_seen_enough_ends_it_quietly(code):
    process = start(code)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ''
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE


def test_a_reader_of_errors_that_has_gone():
    process = start('    time.sleep(1)\n    for i in range(100000): print(i, file=sys.stderr)')
    process.stderr.close()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE


def test_another_broken_pipe_keeps_its_stack():
    process = start('    raise BrokenPipeError(32, "of a worker")')
    out, err = process.communicate(timeout=60)
    assert 'Traceback' in err and 'of a worker' in err and process.returncode == 1


def test_an_interrupt_ends_with_the_usual_status():
    # The background jobs of a shell ignore the signal, and so does Python in them.
    process = start('    import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n'
                    '    print("ready", flush=True); time.sleep(60)')
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == 'interrupted\n' and process.returncode == 128 + signal.SIGINT


def failing(error: BaseException):
    def main():
        raise error
    return main


@pytest.mark.parametrize(('code', 'says'), [
    (errno.EACCES, 'a.npz: no permission to read or write it'), (errno.EPERM, 'a.npz: no permission'),
    (errno.EISDIR, 'a.npz: is a folder; give the name of a file'), (errno.ENOSPC, 'a.npz: no space is left'),
    (errno.ENOENT, 'a.npz: no such file'), (errno.EROFS, 'a.npz: Read-only file system; choose another place'),
    (errno.ENOTDIR, 'a.npz: a part of it is a file'), (errno.EEXIST, 'a.npz: is a file, where a folder'),
])
def test_places_that_cannot_be_read_or_written(capsys, code, says):
    with pytest.raises(SystemExit) as end:
        run_tool(failing(OSError(code, os.strerror(code), 'a.npz')))
    error = capsys.readouterr().err
    assert end.value.code == 2 and error.startswith(f'error: {says}') and error.count('\n') == 1


def test_a_full_disk_is_named_without_a_file():
    with pytest.raises(SystemExit) as end:
        run_tool(failing(OSError(errno.ENOSPC, 'No space left on device')))
    assert end.value.code == 2
    with pytest.raises(OSError, match='of a socket'):
        run_tool(failing(OSError(errno.EIO, 'of a socket')))


# For root: no more reading and writing of what permissions forbid. A program of its own, as between fork and exec of a
# process with threads, such as the one that runs the tests, a library is not safely loaded.
WITHOUT_PRIVILEGES = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.parametrize('arguments', [
    ('show_label_graph.py', 'a.npz'), pytest.param(('complexity.py', 'a.py'), marks=pytest.mark.slow),
    ('deploy.py', 'a.pth', 'b.pth'), ('ablate.py', 'a.yaml')])
def test_a_file_that_may_not_be_read(tmp_path, arguments):
    tool, name, *rest = arguments
    file = tmp_path / name
    file.touch(mode=0o000)
    result = subprocess.run([sys.executable, '-c', WITHOUT_PRIVILEGES, ROOT / 'tools' / tool, file,
                             *(tmp_path / other for other in rest)],
                            text=True, capture_output=True, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    (line,) = [line for line in result.stderr.splitlines() if line.startswith('error: ')]
    assert result.returncode == 2 and str(file) in line and 'permission' in line.lower(), result.stderr


def test_names_that_the_encoding_lacks_are_printed():
    result = start(r"    print('\u00fc\udcff \u4e2d')", env={**os.environ, 'PYTHONIOENCODING': 'ascii'})
    assert result.communicate(timeout=60) == ('\\xfc\\udcff \\u4e2d\n', '')


def test_the_logging_of_others_is_left_as_it_was():
    before = logging.StreamHandler.handleError
    run_tool(lambda: None)
    assert logging.StreamHandler.handleError is before


@pytest.mark.parametrize(('name', 'arguments'), [
    ('show_label_graph.py', ('a.npz', '--out', '')), ('ablate.py', ('a.yaml', '--work-dir', '')),
    ('make_toy_charades.py', ('--out', '')), ('publish_model.py', ('a.pth', '')),
    ('train.py', ('a.py', '--work-dir', ''))])
def test_an_output_without_a_name_is_not_the_folder_of_the_moment(tool, name, arguments):
    status, printed = tool(name, *arguments)
    assert status == 2 and printed.rstrip().endswith(': the name is empty')


@pytest.mark.slow
@pytest.mark.parametrize('name', TOOLS)
def test_every_tool_explains_itself(name):
    result = subprocess.run([sys.executable, ROOT / 'tools' / name, '--help'], text=True, capture_output=True,
                            env={**os.environ, 'PYTHONPATH': str(ROOT)})
    assert result.returncode == 0 and result.stdout.startswith(f'usage: {name}') and '%(' not in result.stdout
    assert f'python tools/{name}' in result.stdout, 'an example'
    assert result.stderr == ''
