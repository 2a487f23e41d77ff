"""From a config to its model, untrained or with the weights of a checkpoint."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from kss_mm.apis.config import checkpoint_of, name_of, own_config
from kss_mm.apis.translate_errors import translate_build_errors, translate_errors
from kss_mm.checkpoints.bounds import bounded
from kss_mm.checkpoints.checkpoint import check_fits, load_plain, weights_of
from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.hosts.runs import repair_hosts


def build_model(config: PathLike | Config, checkpoint: PathLike | None = None, device: str | None = None) -> nn.Module:
    """Build the trained model of a config, in evaluation mode.

    Args:
        config: A config, its file, or a published checkpoint with its config inside.
        checkpoint: Weights of the model; by default those of the published checkpoint.
        device: By default a GPU where there is one.

    Raises:
        UserError: As :func:`fresh_model`, and for a checkpoint that is not there or belongs to another model.
    """
    cfg = own_config(config)
    require_model(cfg)
    cfg.load_from = checkpoint = checkpoint_of(config, checkpoint)
    device = choose_device(device)
    content = load_plain(checkpoint)
    model = fresh_model(cfg)
    check_fits(content, model, checkpoint)
    model.load_state_dict(weights_of(content))
    model.cfg = cfg
    return model.to(device).eval()


def fresh_model(cfg: Config) -> nn.Module:
    """Build the model of a config as it is before any weights are loaded.

    Raises:
        UserError: In one line, for whatever in the config cannot be built.
    """
    require_model(cfg)
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    repair_hosts()
    if cfg.get('data_preprocessor'):  # MMPretrain's configs have it beside the model; MMEngine's runner moves it too
        cfg.model.setdefault('data_preprocessor', cfg.data_preprocessor)
    with translate_errors(cfg), translate_build_errors(cfg), bounded(cfg), _no_remarks():
        complete_model(cfg)
        return MODELS.build(cfg.model)


@contextmanager
def _no_remarks() -> Iterator[None]:
    """Without the lines in which a network lists its parts, as MMPretrain's of timm do; warnings stay."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(max(level, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(level)


def complete_model(cfg: Config) -> None:
    """Write into a config what its model leaves out, so that it says so wherever it is kept: ``num_classes`` and
    ``in_channels``, see :func:`~kss_mm.models.infer_sizes.infer_sizes`."""
    from kss_mm.models.infer_sizes import infer_sizes

    for name in ('cls_head', 'head'):
        if cfg.model.get(name):
            cfg.model.backbone, cfg.model[name] = infer_sizes(cfg.model.get('backbone'), cfg.model.get('neck'),
                                                              cfg.model[name])


def require_model(cfg: Config) -> None:
    """Check that a config has a model.

    Raises:
        InputError: Naming the config.
    """
    if set(cfg.get('model') or ()) <= {'data_preprocessor'}:  # all that a base of ours may say of it
        raise InputError(f'{name_of(cfg)}: has no model; is it a complete config, not one of _base_?')


def choose_device(wanted: str | None) -> str:
    """Return the device asked for, or a GPU where there is one.

    Raises:
        InputError: For a device that is not there.
    """
    if wanted is None:
        return 'cuda:0' if torch.cuda.is_available() else 'cpu'
    try:
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f'device {wanted!r} is not there; use cpu, or cuda:0 where torch sees a GPU') from error
    return wanted
