"""The folder of a training run: one run at a time, no leftovers, and the newest checkpoint that is whole."""

import logging
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.logging import print_log

from kss_mm.checkpoints.checkpoint import load_plain
from kss_mm.errors import InputError, UserError

try:
    import fcntl
except ImportError:  # no POSIX system
    fcntl = None

_LOCK, _POINTER = '.lock', 'last_checkpoint'
# A run's own checkpoints, which a run can go on from; best_*.pth have no optimiser.
_CHECKPOINT = re.compile(r'(?:epoch|iter)_(\d+)\.pth')
# What a killed writer leaves, see kss_mm.files.
_LEFTOVER = re.compile(r'\.(?:epoch_|iter_|best_|last_checkpoint).*\.[0-9a-f]{8}\.part(?:\.pth)?')


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Keep a second training out of the folder, and take away what a killed one left half written.

    The lock is the process's: it ends with it, however it ends. Of a distributed run only the first process takes it.

    Raises:
        InputError: If another training holds it, with its process number.
    """
    if fcntl is None:
        yield
        return
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, _LOCK), 'a+', encoding='utf-8') as file:
        try:
            # Of the process: DataLoader workers, which outlive a killed one by seconds, do not have it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            file.seek(0)
            owner = file.read(20).strip() or 'unknown'
            raise InputError(f'{folder}: another training (process {owner}) writes to this folder; wait for it, or '
                             'choose another --work-dir') from None
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        except OSError as error:
            raise OSError(error.errno, error.strerror, folder) from error
        for name in os.listdir(folder):
            if _LEFTOVER.fullmatch(name):
                os.remove(os.path.join(folder, name))
        yield


def newest_checkpoint(folder: str) -> str | None:
    """The checkpoint that a run in this folder goes on from; None where there is none at all.

    That is the one that ``last_checkpoint`` names, by its name in this folder, since folders get moved. Where it is not
    there or not whole, it is the newest other one that is, and the log says so.

    Raises:
        InputError: If there are checkpoints, and none is whole.
    """
    named = _named(folder)
    numbers = {name: int(match[1]) for name in _names(folder) if (match := _CHECKPOINT.fullmatch(name))}
    others = [os.path.join(folder, name) for name in sorted(
        numbers, key=lambda name: (os.path.getmtime(os.path.join(folder, name)), numbers[name]), reverse=True)]
    candidates = list(dict.fromkeys(([named] if named else []) + others))
    problems = []
    for path in candidates:
        problem = _problem(path)
        if problem is None:
            if problems or named is None:
                print_log(f'{"; ".join(problems) or f"{folder}/{_POINTER} names no checkpoint"}: going on from the '
                          f'newest whole one, {path}', logger='current', level=logging.WARNING)
            return path
        problems.append(problem)
    if problems:
        raise InputError(f'{"; ".join(problems)}: there is no whole checkpoint in {folder} to go on from; train '
                         'without --resume, or name one by --resume CHECKPOINT')
    return None


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _named(folder: str) -> str | None:
    """The checkpoint that ``last_checkpoint`` names, here or where it says."""
    try:
        with open(os.path.join(folder, _POINTER), encoding='utf-8', errors='replace') as file:
            text = file.read().strip()
    except FileNotFoundError:
        return None
    here = os.path.join(folder, os.path.basename(text))
    return None if not text else here if os.path.isfile(here) or not os.path.isfile(text) else text


def _problem(path: str) -> str | None:
    """The fault of a checkpoint to go on from; None where it is whole."""
    try:
        content = load_plain(path)
        # Also what it holds: a file system that lost power may give zeros for what was never written.
        if zipfile.is_zipfile(path) and (member := zipfile.ZipFile(path).testzip()):
            return f'{path}: is damaged (checksum of {member})'
    except UserError as error:
        return str(error)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        return f'{path}: cannot be read ({error})'
    meta = content.get('meta')
    if 'optimizer' not in content or not isinstance(meta, dict) or not {'epoch', 'iter'} <= meta.keys():
        return f'{path}: is not a checkpoint of a run, it has no optimizer or no epoch and iteration'
    return None
