"""From a trained checkpoint to one in deployed form, with its config inside."""

import copy
import os
from collections.abc import Sequence
from typing import NamedTuple

import torch
from mmengine.config import Config
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from kss_mm._version import __version__
from kss_mm.apis.config import CHECKPOINT_SUFFIX, checkpoint_of, name_of, own_config
from kss_mm.apis.input_shape import input_shape as shape_of_pipeline
from kss_mm.apis.model import build_model
from kss_mm.apis.portable_config import without_run
from kss_mm.checkpoints.checkpoint import lasting_meta, load_plain, save_plain
from kss_mm.checkpoints.start_weights import drop_pretrained
from kss_mm.checkpoints.to_plain import to_plain
from kss_mm.errors import InputError
from kss_mm.files import PathLike, check_target
from kss_mm.models.deploy import Deployable
from kss_mm.models.deploy.fixed_lateral import FixedLateral
from kss_mm.models.deploy.pixels_to_logits import PixelsToLogits
from kss_mm.models.heads.head_of import head_of

# How far the logits of a random input may differ from the trained model's, relative to the largest.
TOLERANCE = 1e-4


class Deployed(NamedTuple):
    """The checkpoint that was written, compared with the trained one.

    Args:
        difference: Largest difference of the logits of a random input, relative to the largest logit.
        parameters: Before and after.
        left: Batch normalisations and lateral connections that could not be folded.
    """

    path: str
    difference: float
    parameters: tuple[int, int]
    left: tuple[int, int]


def deploy(config: PathLike | Config, checkpoint: PathLike | None, out: PathLike, *,
           options: dict | list[str] | None = None, dtype: str = 'float32', input_shape: Sequence[int] | None = None,
           shape: Sequence[int] | None = None) -> Deployed:
    """Write the checkpoint ``out`` in deployed form; its config says so (``model.deploy``) and needs no label graph.

    Args:
        config: A config, its file, or a published checkpoint with its config inside; the config given stays as it is.
        checkpoint: Its trained weights; None for those of the published checkpoint.
        out: Name of the new file, which ends in ``.pth``.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.
        dtype: See :func:`~kss_mm.models.deploy.switch_to_deploy`.
        input_shape: Likewise.
        shape: (C, T, H, W) or (C, H, W) of the input of the comparison; by default what the test pipeline makes.

    Raises:
        UserError: For a model that is not of this project or deployed already, or whose logits would change.
    """
    out = os.fspath(out)
    if not out.endswith(CHECKPOINT_SUFFIX):
        raise InputError(f'{out}: must be the name of a file that ends in {CHECKPOINT_SUFFIX}')
    checkpoint = checkpoint_of(config, checkpoint)
    if os.path.exists(out) and os.path.exists(checkpoint) and os.path.samefile(out, checkpoint):
        raise InputError(f'{out}: is the trained checkpoint, which would be lost')
    check_target(out)
    cfg = own_config(config, options)
    model = build_model(cfg, checkpoint, 'cpu')
    if not isinstance(model, Deployable):
        raise InputError(f'{name_of(config)}: its model is a {type(model).__name__}; only kss_mm.KSSNet, KSSNet2D and '
                         'KSSNetClassifier have a deployed form')
    if model.deployed:
        raise InputError(f'{checkpoint}: is in deployed form already')
    network = PixelsToLogits(model)
    shape = tuple(shape or shape_of_pipeline(cfg, getattr(model.data_preprocessor, 'format_shape', None)))
    pixels = network.random_pixels(shape)
    meta, parameters, before = _meta(checkpoint, model), _parameters(model), logits_of(network, pixels)
    arguments = {**({} if dtype == 'float32' else dict(dtype=dtype)),
                 **({} if input_shape is None else dict(input_shape=tuple(input_shape)))}
    model.switch_to_deploy(**arguments)
    difference = relative_difference(before, logits_of(network, pixels))
    if dtype == 'float32' and not difference <= TOLERANCE:
        raise InputError(f'{checkpoint}: cannot be deployed: the logits would change by {difference:.1g} of the '
                         'largest')
    meta['cfg'] = deployed_config(cfg, arguments or True).pretty_text
    save_plain(dict(state_dict=model.state_dict(), meta=to_plain(meta)), out)
    left = tuple(sum(isinstance(module, kind) for module in model.modules()) for kind in (_BatchNorm, FixedLateral))
    return Deployed(out, difference, (parameters, _parameters(model)), left)


def deployed_config(cfg: Config, arguments: bool | dict) -> Config:
    """The config of a trained model with that of its deployed form in its place, which names no file.

    Args:
        arguments: Those of :func:`~kss_mm.models.deploy.switch_to_deploy`; True for none.
    """
    cfg = copy.deepcopy(cfg)
    cfg.model = drop_pretrained(cfg.model)
    cfg.model.deploy = arguments
    cfg.model.pop('neck', None)
    head = head_of(cfg.model)
    for key in ('prior', 'loss', 'loss_cls', 'hold_out'):  # merged, or for training only; some name the label graph
        head.pop(key, None)
    if 'queries' in head:  # of whatever kind, they are numbers now
        head.queries = 'learned'
        head.pop('graph', None)
    without_run(cfg)
    return cfg


def _meta(checkpoint: str, model: nn.Module) -> dict:
    """The record of the deployed checkpoint; class names are the dataset's, or those of the label graph."""
    kept = lasting_meta(load_plain(checkpoint))
    if 'classes' not in kept.get('dataset_meta', {}) and hasattr(model.neck, 'classes'):
        kept['dataset_meta'] = {**kept.get('dataset_meta', {}), 'classes': list(model.neck.classes)}
    return {**kept, 'kss_mm_version': __version__, 'deployed_from': os.path.basename(checkpoint)}


@torch.inference_mode()
def logits_of(network: PixelsToLogits, pixels: Tensor) -> Tensor:
    """Logits (B, K) of an input.

    Raises:
        InputError: If the model does not take it.
    """
    try:
        return network(pixels)[0]
    except (RuntimeError, ValueError, AssertionError, IndexError) as error:
        raise InputError(f'the model does not take an input of {" x ".join(map(str, pixels.shape))}, give another '
                         f'--shape: {" ".join(str(error).split())[:200]}') from error


def relative_difference(expected: Tensor, found: Tensor) -> float:
    """Largest difference, relative to the largest of what was expected."""
    return ((expected - found).abs().max() / expected.abs().max()).item()


def _parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
