"""Training as the command line asks for it."""

import argparse
from contextlib import nullcontext

import torch
from mmengine.config import Config

from kss_mm.apis.config import load_config, set_work_dir
from kss_mm.apis.launchers import is_first_process
from kss_mm.apis.runner import build_runner, run
from kss_mm.apis.work_folder import locked, newest_checkpoint
from kss_mm.checkpoints.checkpoint import load_plain, read_plain, weights_of
from kss_mm.errors import InputError


def train(args: argparse.Namespace) -> None:
    """Train the config ``args.config``; see ``tools/train.py`` for the arguments."""
    cfg = load_config(args.config, args.cfg_options)
    merge_args(cfg, args)
    with locked(cfg.work_dir) if is_first_process(cfg.launcher) else nullcontext():
        if args.resume == 'auto' or cfg.get('resume') and not cfg.get('load_from'):
            found = newest_checkpoint(cfg.work_dir)
            cfg.resume = found is not None
            cfg.load_from = found or cfg.get('load_from')  # nothing to go on from: as without --resume
        if cfg.get('load_from') and '://' not in cfg.load_from:
            # Before anything is built: a bad file ends here, in one line. Weights alone are enough to start from.
            weights_of((load_plain if cfg.get('resume') else read_plain)(cfg.load_from), cfg.load_from)
        safeguard(cfg)
        run(build_runner(cfg), 'train')


def safeguard(cfg: Config) -> None:
    """Give a config of the hosts' what every training here has: checkpoints that a kill leaves whole, the validation
    that a kill came before, and one model in all processes. A config that names its own keeps them."""
    checkpoint = cfg.setdefault('default_hooks', {}).get('checkpoint', dict(type='CheckpointHook', interval=1))
    if checkpoint and checkpoint.get('type') in ('CheckpointHook', 'mmengine.CheckpointHook'):
        cfg.default_hooks.checkpoint = {**checkpoint, 'type': 'kss_mm.SafeCheckpointHook'}
    hooks = list(cfg.get('custom_hooks') or ())
    names = {str(hook.get('type')).rpartition('.')[2] for hook in hooks if isinstance(hook, dict)}
    cfg.custom_hooks = hooks + [dict(type=f'kss_mm.{name}') for name in ('SyncBuffersHook', 'ResumedValidationHook')
                                if name not in names]


def merge_args(cfg: Config, args: argparse.Namespace) -> None:
    """Put the command line into the config."""
    cfg.launcher = args.launcher
    set_work_dir(cfg, args.config, args.work_dir)
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        if 'checkpoint' in cfg.get('default_hooks', ()):
            cfg.default_hooks.checkpoint.save_best = None
    if args.amp:
        use_amp(cfg)
    if args.resume:
        cfg.resume = True
        cfg.load_from = cfg.get('load_from') if args.resume == 'auto' else args.resume
    if args.auto_scale_lr:
        if 'auto_scale_lr' not in cfg:
            raise InputError(f'--auto-scale-lr: {args.config} has no auto_scale_lr=dict(base_batch_size=...)')
        cfg.auto_scale_lr.enable = True
    cfg.setdefault('randomness', dict(seed=None))
    randomness = cfg.randomness  # the Config's own, not the dict just given
    if args.seed is not None:
        randomness.seed = args.seed
    if args.diff_rank_seed:
        randomness.diff_rank_seed = True
    if args.deterministic:
        randomness.deterministic = True


def use_amp(cfg: Config) -> None:
    """Mixed precision by the wrapper that the device allows."""
    wrapper = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if wrapper not in ('OptimWrapper', 'AmpOptimWrapper', 'kss_mm.AutocastOptimWrapper'):
        raise InputError(f'--amp: the config has its own optim_wrapper.type={wrapper!r}; set its precision there')
    if torch.cuda.is_available():
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    else:
        cfg.optim_wrapper.type = 'kss_mm.AutocastOptimWrapper'
