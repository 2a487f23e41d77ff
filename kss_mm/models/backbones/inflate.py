"""Initialising Inception-I3D from weights of its 2D self, or from published I3D weights."""

import pickle
import re
from collections.abc import Mapping

import torch
from mmengine.logging import print_log
from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from kss_mm.checkpoints.match_weights import unusable, weights_in
from kss_mm.checkpoints.released_keys import BACKBONE, published_to_ours
from kss_mm.errors import InputError
from kss_mm.hosts.runs import repair_hosts

# torchvision's names of GoogLeNet -> ours. Its stages have the same channels, each with batch normalisation.
_STEM = {'conv1': 'Conv3d_1a_7x7', 'conv2': 'Conv3d_2b_1x1', 'conv3': 'Conv3d_2c_3x3'}
# Its stages 3a, 3b, ... are I3D's 3b, 3c, ...
_NEXT_LETTER = str.maketrans('abcde', 'bcdef')
_BRANCHES = {'branch1': 'b0', 'branch2.0': 'b1a', 'branch2.1': 'b1b', 'branch3.0': 'b2a', 'branch3.1': 'b2b',
             'branch4.1': 'b3b'}
# The weights that torchvision converted from TensorFlow expect (rgb - 0.5) / 0.5, our inputs are (rgb - mean) / std.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_FIRST_KERNEL = 'Conv3d_1a_7x7.conv.weight'


def googlenet_to_i3d(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of torchvision's GoogLeNet under our names, still 2D; its classifiers are left out."""
    renamed = {}
    for key, value in state.items():
        stage, _, rest = key.partition('.')
        if stage in _STEM:
            renamed[f'{_STEM[stage]}.{rest}'] = value
        elif stage.startswith('inception'):
            block = f'Mixed_{stage.removeprefix("inception").translate(_NEXT_LETTER)}'
            for theirs, ours in _BRANCHES.items():
                if rest.startswith(f'{theirs}.'):
                    renamed[f'{block}.{ours}{rest.removeprefix(theirs)}'] = value
    return renamed


def fold_input_scaling(state: dict[str, Tensor]) -> dict[str, Tensor]:
    r"""Make weights for inputs (rgb - 0.5) / 0.5 those for inputs x = (rgb - mean) / std.

    With :math:`(rgb - 0.5) / 0.5 = a x + b`, a goes into the first kernels and b, away from the zero padding, into the
    mean of the normalisation behind them. Inflated kernels give the same.
    """
    kernel = state[_FIRST_KERNEL]  # (64, 3, 7, 7) or (64, 3, T, 7, 7)
    channels = (1, 3, *[1] * (kernel.ndim - 2))
    scale = (torch.tensor(_STD) / 0.5).view(channels)
    shift = ((torch.tensor(_MEAN) - 0.5) / 0.5).view(channels)
    mean = state['Conv3d_1a_7x7.bn.running_mean'] - (kernel * shift).flatten(1).sum(1)
    return {**state, _FIRST_KERNEL: kernel * scale, 'Conv3d_1a_7x7.bn.running_mean': mean}


def inflate(state: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    r"""Repeat each 2D kernel over time and divide it by its length (I3D paper, section 3.2).

    .. math:: W^{3D}_{oithw} = W^{2D}_{oihw} / T

    A video that repeats one image then gives the features of the image. Shapes (O, I, H, W) -> (O, I, T, H, W), T
    being that of ``module``; what is not a 2D kernel stays.
    """
    target = module.state_dict()
    inflated = {}
    for key, value in state.items():
        if value.ndim == 4 and key in target and target[key].ndim == 5:
            frames = target[key].shape[2]
            value = value.unsqueeze(2).expand(-1, -1, frames, -1, -1) / frames
        inflated[key] = value
    return inflated


@WEIGHT_INITIALIZERS.register_module(name='Inflated2D')
class Inflated2D:
    """``init_cfg=dict(type='Inflated2D', checkpoint=...)`` of an :class:`InceptionI3d` of full width.

    2D weights of torchvision's GoogLeNet are inflated; published I3D weights and ours, alone or within a network, are
    3D already and taken as they are. Every weight of the backbone must be in the file; lateral connections are never
    touched.

    torchvision's own network pads its first convolution by 3 on all sides where SAME pads by 2 and 3, as if the image
    were one pixel further down and right. On photographs of 224x224, under random weights, that changes features by
    50% (root mean square, Conv3d_1a_7x7) to 90% (Mixed_5c). Pooling differs only at sizes that 16 does not divide.

    Args:
        checkpoint: 'torchvision://googlenet', a URL or a file.
        fold_input: Whether 2D weights were trained on inputs (rgb - 0.5) / 0.5, as torchvision's GoogLeNet was; see
            :func:`fold_input_scaling`.

    Raises:
        InputError: If the checkpoint cannot be had, or does not have the weights of the module.
    """

    def __init__(self, checkpoint: str, *, fold_input: bool = True):
        self.checkpoint = checkpoint
        self.fold_input = fold_input

    def __call__(self, module: nn.Module) -> None:
        own = {key: tuple(value.shape) for key, value in module.state_dict().items()
               if not key.startswith('laterals.') and not key.endswith('num_batches_tracked')}
        state, flat = self._load()
        missing = sorted(own.keys() - state.keys())
        if missing:
            raise InputError(f'{self.checkpoint}: has no weights for {len(missing)} entries of the backbone, such as '
                             f'{missing[0]}; it must be of GoogLeNet with batch normalisation, or of Inception-I3D')
        state = {key: state[key] for key in own}
        odd = next((f'{key} {reason}' for key in own if (reason := unusable(state[key], key))), None)
        if odd:
            raise InputError(f'{self.checkpoint}: {odd}; give the weights as they were trained')
        if flat:
            state = inflate(state, module)
        self._check_shapes(state, own, 'width=1' if flat else 'the width of the file')
        if flat and self.fold_input:
            if own[_FIRST_KERNEL][1] != len(_MEAN):
                raise InputError(f'{self.checkpoint}: not of RGB, which fold_input=True is for: set fold_input=False')
            state = fold_input_scaling(state)
        module.load_state_dict(state, strict=False)
        if hasattr(module, '_params_init_info'):  # what MMEngine's log of the initialisation says of each weight
            update_init_info(module, f'Inflated2D: load from {self.checkpoint}')
        print_log(f'Inflated2D: {len(own)} entries from {self.checkpoint}', logger='current')

    def _load(self) -> tuple[dict[str, Tensor], bool]:
        """The entries of the file under our names, and whether they are of the 2D network."""
        repair_hosts()
        try:
            content = CheckpointLoader.load_checkpoint(self.checkpoint, map_location='cpu')
        except Exception as error:  # a missing file, no network, a foreign pickle
            raise InputError(f'{self.checkpoint}: cannot be loaded ({_reason(error)}); give a file of plain weights on '
                             'disk as init_cfg.checkpoint of the backbone') from error
        state = weights_in(content, self.checkpoint)
        if any(key.startswith(BACKBONE) for key in state):  # a whole network
            state = {key.removeprefix(BACKBONE): value for key, value in state.items() if key.startswith(BACKBONE)}
        if any(key.startswith('inception3a.') for key in state):
            return googlenet_to_i3d(state), True
        names = {key: published_to_ours(key) for key in state}
        return {name.removeprefix(BACKBONE): state[key] for key, name in names.items() if name}, False

    def _check_shapes(self, state: Mapping[str, Tensor], own: Mapping[str, tuple[int, ...]], width: str) -> None:
        wrong = next((key for key in sorted(own) if tuple(state[key].shape) != own[key]), None)
        if wrong:
            shape = tuple(state[wrong].shape)
            # Another width shows in the normalisation, which is sorted before the kernels.
            fits = f'in_channels={shape[1]}' if wrong == _FIRST_KERNEL and len(shape) == 5 else width
            raise InputError(f'{self.checkpoint}: {wrong} has shape {shape}, the backbone {own[wrong]}; only {fits} '
                             'fits')


def _reason(error: Exception) -> str:
    """The reason why a file was not loaded, in a sentence; torch's own text of a refused pickle is a page of advice."""
    text = ' '.join(str(error).split())
    if isinstance(error, pickle.UnpicklingError):
        refused = re.search(r'GLOBAL (\S+)', text)
        return (f'it asks for {refused[1]}, which could run any code; if you trust where it comes from, set '
                'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1' if refused else 'it holds no plain weights, or is damaged')
    return f'{type(error).__name__}: {re.split("[.] ", text)[0]}'.rstrip('.: ')
