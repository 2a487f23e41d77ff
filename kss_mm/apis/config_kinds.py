"""Kinds of value that the entries of a config must have."""

from mmengine.config import Config

from kss_mm.errors import InputError, shown

_WORDS = {dict: 'a dict(...)', str: 'a text', list: 'a list'}
_KINDS = {
    dict: ('model', 'data_preprocessor', 'optim_wrapper', 'default_hooks', 'env_cfg', 'randomness', 'train_cfg',
           'val_cfg', 'test_cfg', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'auto_scale_lr'),
    str: ('default_scope', 'load_from', 'work_dir', 'launcher'),
    list: ('custom_hooks',),
}


def check_kinds(cfg: Config, path: str) -> None:
    """Check that no entry is of another kind than MMEngine takes; None is left to it.

    Raises:
        InputError: Naming the first that is.
    """
    for kind, names in _KINDS.items():
        for name in names:
            value = cfg.get(name)
            if value is not None and not isinstance(value, kind) and not (kind is list and isinstance(value, tuple)):
                raise InputError(f'{path}: {name} must be {_WORDS[kind]}, got {shown(value)}')
