"""The files of a command line: which is the model, which its weights, and which are to be predicted."""

import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext

from kss_mm.errors import InputError
from kss_mm.inference.load import ONNX_SUFFIX
from kss_mm.inference.sources import Source, list_sources

_CHECKPOINTS = ('.pth', '.pt', '.ckpt')
# The beginnings of what torch.save writes: an archive, and a pickle as it was before.
_STARTS = (b'PK\x03\x04', b'\x80\x02')


def split_files(model: str, files: Sequence[str]) -> tuple[str | None, list[str]]:
    """The checkpoint that stands after a config, and the files after it; None for a model that needs none.

    A published or deployed file, or one in ONNX, is a model by itself; a config needs its checkpoint. What is what says
    the content of the files.

    Raises:
        InputError: For a config without a checkpoint after it, and for two models.
    """
    whole = model.endswith(ONNX_SUFFIX) or is_checkpoint(model)
    if files and is_checkpoint(files[0]):
        if whole:
            raise InputError(f'{model} and {files[0]}: are two models, and one predicts; name one of them')
        return files[0], list(files[1:])
    if whole:
        return None, list(files)
    after = f'and {files[0]} is none' if files else 'and nothing is'
    raise InputError(f'{model}: is a config, so its checkpoint must stand after it, {after}; only a published or '
                     'deployed file (.pth) is a model by itself')


def is_checkpoint(path: str) -> bool:
    """Tell whether a file holds weights, by its beginning, or by its name where it is not there."""
    try:
        with open(path, 'rb') as file:
            return file.read(len(_STARTS[0])).startswith(_STARTS) or path.endswith(_CHECKPOINTS)
    except OSError:
        return path.endswith(_CHECKPOINTS) and not os.path.isdir(path)


def name_below(file: str, folders: Iterable[str]) -> str:
    """How a file is called below the first of the folders that it lies in; its own name outside of all."""
    return next((os.path.relpath(file, folder) for folder in folders if file.startswith(os.path.join(folder, ''))),
                os.path.basename(file))


def named_sources(files: Iterable[str], lists: Iterable[str], kind: str) -> Iterator[Source]:
    """The files of folders and patterns, then those in files of lists, listed one at a time.

    Args:
        lists: Files with a path on each line; '-' is the standard input.
        kind: 'video' or 'image', what folders are searched for.

    Raises:
        InputError: For a list that is no text, and as :func:`~kss_mm.inference.sources.list_sources`.
    """
    return itertools.chain(list_sources(iter(files), kind), itertools.chain.from_iterable(map(_lines, lists)))


def _lines(path: str) -> Iterator[Source]:
    with nullcontext(sys.stdin.buffer) if path == '-' else open(path, 'rb') as file:
        for number, line in enumerate(file, 1):
            line = line.removeprefix(b'\xef\xbb\xbf') if number == 1 else line
            if b'\0' in line:
                raise InputError(f'{path}:{number}: is no line of text; the list must have one path a line, in UTF-8')
            if name := os.fsdecode(line.rstrip(b'\r\n')):
                yield Source(name, name)
