"""Checkpoints as plain data: read without running anyone's code, written whole or not at all."""

import io
import os
import pickle
import re

import torch
from torch import nn

from kss_mm.checkpoints.file_check import check_file, is_archive
from kss_mm.checkpoints.match_weights import weights_in
from kss_mm.checkpoints.meta import check_meta
from kss_mm.checkpoints.pickle_scan import BadPickle, UnsafeName
from kss_mm.errors import InputError, MissingCheckpointError
from kss_mm.files import write_whole

# torch's own switch.
_TRUST = 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'
# What a checkpoint that holds more than tensors and plain values is answered with.
REFUSAL = ('holds more than tensors and plain values, and unpickling it could run any code, so it is refused; if you '
           f'trust where it comes from, set {_TRUST}=1')
# What of a run's record is of use to others; its times and paths are not.
_LASTING = ('epoch', 'iter', 'seed', 'converted_from', 'dataset_meta', 'label_counts')


def load_plain(path: str) -> dict:
    """The content of a checkpoint of a run, its entries of the types that they should have.

    Raises:
        MissingCheckpointError, InputError: If it is not there, no checkpoint, damaged, or needs unpickling.
    """
    checkpoint = read_plain(path)
    if not isinstance(checkpoint, dict) or 'state_dict' not in checkpoint:
        raise InputError(f'{path}: no checkpoint of a run, it has no state_dict')
    state = checkpoint['state_dict']
    if not isinstance(state, dict):
        raise InputError(f'{path}: its state_dict is a {type(state).__name__}, no weights by name')
    for key, value in state.items():
        if isinstance(value, torch.Tensor) and not is_whole(value):
            raise InputError(f'{path}: its {key} is not a dense tensor of plain numbers, or repeats one of them'
                             ' in many places')
    check_meta(checkpoint, path)
    return checkpoint


def is_whole(tensor: torch.Tensor) -> bool:
    """Tell whether a tensor holds a number for each element: a view of one number can claim a shape of terabytes."""
    return (tensor.layout == torch.strided and not tensor.is_quantized and not tensor.is_complex() and
            tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes())


def load_weights(path: str) -> dict:
    """The weights in a checkpoint of anyone's, with or without ``state_dict`` around and ``module.`` before them.

    Raises:
        MissingCheckpointError, InputError: As :func:`load_plain`.
    """
    return weights_of(read_plain(path), path)


def read_plain(path: str):
    """The content of any file of torch.save, if it is plain data; errors as :func:`load_plain`."""
    if not os.path.isfile(path):
        raise MissingCheckpointError(f'{path}: no such checkpoint; tools/train.py writes them to work_dirs/')
    trusted = os.environ.get(_TRUST, '').lower() in ('1', 'y', 'yes', 'true')  # as torch reads it
    try:
        if not trusted:
            check_file(path)
        # Tensors are read from the file when they are used: to look at names and shapes costs nothing.
        return torch.load(path, map_location='cpu', mmap=is_archive(path), weights_only=not trusted)
    except UnsafeName as error:
        raise InputError(f'{path}: {REFUSAL} ({error})') from error
    except BadPickle as error:
        raise InputError(f'{path}: no readable checkpoint: {error}') from error
    except Exception as error:
        # torch says which class or function it refuses; other failures to unpickle are those of a damaged file.
        if isinstance(error, pickle.UnpicklingError) and 'Unsupported operand' not in str(error):
            wanted = re.search(r'GLOBAL (\S+)', str(error))
            raise InputError(f'{path}: {REFUSAL}{f" (it asks for {wanted[1]})" if wanted else ""}') from error
        reason = f'{type(error).__name__} {" ".join(str(error).split())[:100]}'
        raise InputError(f'{path}: no readable checkpoint, or cut short ({reason.strip()})') from error


def weights_of(checkpoint: dict, path: str = 'the checkpoint') -> dict[str, torch.Tensor]:
    """The weights of a checkpoint, by the names they have in a model that is not wrapped.

    Raises:
        InputError: If it holds none by name, or two of one name.
    """
    return weights_in(checkpoint, path)


def check_fits(checkpoint: dict, model: nn.Module, path: str) -> None:
    """Check that a checkpoint holds every weight of a model, and no other.

    MMEngine loads what fits and leaves the rest at random: an evaluation would print a figure all the same.

    Raises:
        InputError: Naming the first entry that is missing, unknown or of another shape.
    """
    weights = weights_of(checkpoint, path)
    own = model.state_dict()
    missing = [key for key in own if key not in weights]
    unknown = [key for key in weights if key not in own]
    shapes = [key for key in own if key in weights and _shape(own[key]) != _shape(weights[key])]
    if missing or unknown or shapes:
        first = (f'it has no {missing[0]}' if missing else f'it has {unknown[0]}, which the model lacks' if unknown else
                 f'{shapes[0]} is {_shape(weights[shapes[0]])}, in the model {_shape(own[shapes[0]])}')
        deployed = 'deployed_from' in checkpoint.get('meta', {})
        remedy = ('it is in deployed form, with its config inside: give it alone' if deployed else
                  'give the config that it was trained with')
        raise InputError(f'{path}: of another model than the config: {first} ({len(missing)} entries missing, '
                         f'{len(unknown)} unknown, {len(shapes)} of another shape); {remedy}')


def _shape(value: object) -> tuple[int, ...] | str:
    return tuple(value.shape) if isinstance(value, torch.Tensor) else f'a {type(value).__name__}'


def lasting_meta(checkpoint: dict) -> dict:
    """The entries of a run's ``meta`` that a checkpoint for others keeps."""
    meta = checkpoint.get('meta', {})
    return {key: meta[key] for key in _LASTING if key in meta}


def save_plain(checkpoint: dict, path: str) -> None:
    """Write a checkpoint; a file of that name is replaced only when the new one is whole.

    Errors as :func:`~kss_mm.files.whole_path`.
    """
    buffer = io.BytesIO()  # torch answers a disk that is full with an error of its own
    torch.save(checkpoint, buffer)
    write_whole(buffer.getbuffer(), path)
