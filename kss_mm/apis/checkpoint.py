"""Checkpoints as plain data: read without running anyone's code, written whole or not at all."""

import os
import pickle

import torch

from kss_mm.errors import InputError, MissingFileError

# What a checkpoint that holds more than tensors and plain values is answered with.
REFUSAL = ('holds more than tensors and plain values, and unpickling it could run any code, so it is refused; if you '
           'trust where it comes from, set TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1')


def load_plain(path: str) -> dict:
    """The content of a checkpoint.

    Raises:
        MissingFileError, InputError: if it is not there, no checkpoint, or needs unpickling.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such checkpoint; tools/train.py writes them to work_dirs/')
    try:
        checkpoint = torch.load(path, map_location='cpu')
    except pickle.UnpicklingError as error:
        raise InputError(f'{path}: {REFUSAL}') from error
    except Exception as error:
        raise InputError(f'{path}: no readable checkpoint ({" ".join(str(error).split())[:100]})') from error
    if not isinstance(checkpoint, dict) or 'state_dict' not in checkpoint:
        raise InputError(f'{path}: no checkpoint of a run, it has no state_dict')
    return checkpoint


def save_plain(checkpoint: dict, path: str) -> None:
    """Write a checkpoint; a file of that name is replaced only when the new one is whole."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    torch.save(checkpoint, f'{path}.part')
    os.replace(f'{path}.part', path)
