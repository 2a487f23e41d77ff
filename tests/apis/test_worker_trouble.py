"""A worker that is killed and a full shared memory, in one line with the remedy; other errors stay what they are."""

import os
import signal

import processes
import pytest
from mmengine.config import Config

from kss_mm.apis.translate_errors import translate_errors
from kss_mm.apis.worker_trouble import worker_trouble

# In a process of its own: torch raises once more, wherever the main process is, when it hears of the worker's end.
PROGRAM = '''
import os, sys
import torch
from mmengine.config import Config
from torch.utils.data import DataLoader, Dataset
from kss_mm.cli.run_tool import run_tool
from kss_mm.apis.translate_errors import translate_errors

class Ends(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        if index == 2 and sys.argv[1] == 'exit':
            os._exit(3)
        if index == 2:
            os.kill(os.getpid(), int(sys.argv[1]))
        return torch.zeros(1)

def main():
    with translate_errors(Config()):
        for _ in DataLoader(Ends(), num_workers=1):
            pass

run_tool(main)
'''


@pytest.mark.parametrize('how', [int(signal.SIGKILL), int(signal.SIGSEGV), int(signal.SIGBUS), 'exit'])
def test_a_worker_that_ends(tmp_path, how):
    """As the system ends it when memory runs out, or a bug does."""
    (tmp_path / 'program.py').write_text(PROGRAM)
    result = processes.run(tmp_path / 'program.py', how, env=dict(os.environ))
    assert result.returncode == 2 and 'Traceback' not in result.stderr, result.stderr[-2000:]
    (line,) = [line for line in result.stderr.splitlines() if 'error: ' in line]
    assert 'DataLoader worker' in line and 'num_workers' in line and '--shm-size' in line


@pytest.mark.parametrize(('text', 'word'), [
    ('Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\nRuntimeError: '
     'unable to allocate shared memory(shm) for file </torch_23858_2816474765_0>: No space left on device (28)',
     '--shm-size'),
    ('unable to mmap 4096 bytes from file </torch_1_2_3>: Cannot allocate memory (12)', '--shm-size'),
    ('unable to write to file </torch_1_2>: No space left on device (28)', '--shm-size'),
    ('DataLoader worker (pid(s) 12, 13) exited unexpectedly', '12, 13'),
    ('received 0 items of ancdata', 'ulimit -n'), ('[Errno 24] Too many open files', 'ulimit -n')])
def test_what_torch_says_of_it(text, word):
    assert word in str(worker_trouble(RuntimeError(text)))


@pytest.mark.parametrize('error', [RuntimeError('mat1 and mat2 shapes cannot be multiplied'), ValueError('Bus error'),
                                   OSError(28, 'No space left on device', '/data/torch_run/epoch_1.pth')])
def test_other_errors_stay(error):
    assert worker_trouble(error) is None
    with pytest.raises(type(error)), translate_errors(Config()):
        raise error
