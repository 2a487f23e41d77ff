"""What a DataLoader worker that died, or memory that ran out between processes, means for the user."""

import re

from kss_mm.errors import InputError

# What torch says of it, and what to do. Its messages are whole paragraphs about its own options.
_SHARED_MEMORY = re.compile(r'out of shared memory|Bus error|bus error encountered in worker|'
                            r'unable to (?:mmap|write to file|(?:open|allocate) shared memory).*torch_')
_MORE_SHARED_MEMORY = ('the shared memory through which workers hand over batches (/dev/shm) is full: make it larger '
                       '(docker run --shm-size=8g, or --ipc=host), or use fewer num_workers or a smaller batch_size')
_DIED = re.compile(r'DataLoader worker \(pid\(?s?\)?\.? ?([\d, ]+)\) '
                   r'(?:is killed by signal: ([\w ]+)|exited unexpectedly)')
# The signal by which the system ends a process when memory runs out.
_KILLED = 'Killed'
_LESS_MEMORY = ('this is how the system ends processes when memory runs out (dmesg tells): use fewer num_workers or a '
                'smaller batch_size of the dataloaders')
_LOOK = 'set num_workers=0 of the dataloaders to see what ends it'
_FILES = re.compile(r'Too many open files|received \d+ items of ancdata')
_MORE_FILES = 'too many files are open: raise the limit (ulimit -n 65536), or use fewer num_workers'


def worker_trouble(error: Exception) -> InputError | None:
    """The one line for an error of a DataLoader's processes; None for every other error."""
    text = ' '.join(str(error).split())
    if not isinstance(error, RuntimeError | OSError):
        return None
    if _SHARED_MEMORY.search(text):
        return InputError(_MORE_SHARED_MEMORY)
    died = _DIED.search(text)
    if died:
        signal = (died[2] or '').strip()
        how = f'was ended by the signal "{signal}"' if signal else 'ended without a word'
        remedy = _LESS_MEMORY if signal == _KILLED else _LOOK
        return InputError(f'a DataLoader worker (pid {died[1].strip()}) {how}; {remedy}')
    return InputError(_MORE_FILES) if _FILES.search(text) else None
