"""Training a config."""

import logging
from collections.abc import Callable
from contextlib import nullcontext

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from kss_mm.apis.config import name_of, own_config, set_work_dir
from kss_mm.apis.launchers import is_first_process
from kss_mm.apis.runner import build_runner, run
from kss_mm.apis.shown_in_training import runner_of, show_in_training, shown_progress
from kss_mm.apis.tensorboard import require_tensorboard, use_tensorboard
from kss_mm.apis.work_folder import locked, newest_checkpoint
from kss_mm.checkpoints.checkpoint import load_plain, read_plain, weights_of
from kss_mm.errors import InputError
from kss_mm.files import PathLike

#: Goes on from the newest whole checkpoint of the work folder, if there is one.
NEWEST = 'auto'
_SAFEGUARDS = ('SyncBuffersHook', 'ResumedValidationHook', 'PlainCheckpointHook')


def train(config: PathLike | Config, *, work_dir: PathLike | None = None, resume: bool | PathLike | None = None,
          amp: bool = False, validate: bool = True, auto_scale_lr: bool = False, seed: int | None = None,
          diff_rank_seed: bool = False, deterministic: bool = False, tensorboard: bool = False,
          show_predictions: int = 0, progress: bool | None = None, launcher: str = 'none',
          options: dict | list[str] | None = None) -> Runner:
    """Train a model as its config says, of this project, of MMAction2 or of MMPretrain.

    Args:
        config: A config or its file; the config given stays as it is.
        work_dir: Folder of logs and checkpoints; by default the config's, else ``work_dirs/{name of the config}``.
        resume: Checkpoint to go on from; True or 'auto' for the newest one in the work folder, if there is one.
        amp: Mixed precision, float16 with loss scaling on a GPU and bfloat16 on a CPU.
        validate: Evaluate while training.
        auto_scale_lr: Scale the learning rate by the batch size over ``auto_scale_lr.base_batch_size``.
        seed: Random seed; by default the config's.
        diff_rank_seed: Use another seed in each process.
        deterministic: Use only deterministic algorithms of cuDNN.
        tensorboard: Write the figures for TensorBoard as well, beside the logs in ``work_dir``.
        show_predictions: Draw so many samples of every validation into ``work_dir``, and for TensorBoard.
        progress: Show a progress bar and a line an epoch instead of the log; by default where a person looks on, at
            a terminal or in a notebook. The log file is the same either way.
        launcher: What started the processes of a distributed run: none, pytorch, slurm or mpi.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.

    Returns:
        MMEngine's runner after the training; ``runner.model`` is the trained model.

    Raises:
        UserError: In one line, for a mistake in the config, a file that is missing, or a work folder in use.
    """
    cfg = own_config(config, options)
    cfg.launcher = launcher
    set_work_dir(cfg, config, work_dir)
    if not validate:
        leave_out_validation(cfg)
    if amp:
        use_amp(cfg)
    if tensorboard:
        use_tensorboard(cfg)
    require_tensorboard(cfg)
    show_in_training(cfg, show_predictions=show_predictions)
    if resume:
        cfg.resume = True
        cfg.load_from = cfg.get('load_from') if resume in (True, NEWEST) else str(resume)
    if auto_scale_lr:
        if 'auto_scale_lr' not in cfg:
            raise InputError(f'--auto-scale-lr: {name_of(config)} has no auto_scale_lr=dict(base_batch_size=...)')
        cfg.auto_scale_lr.enable = True
    set_randomness(cfg, seed=seed, diff_rank_seed=diff_rank_seed, deterministic=deterministic)
    with locked(cfg.work_dir) if is_first_process(cfg.launcher) else nullcontext():
        if resume in (True, NEWEST) or cfg.get('resume') and not cfg.get('load_from'):
            found = newest_checkpoint(cfg.work_dir)
            cfg.resume = found is not None
            cfg.load_from = found or cfg.get('load_from')  # nothing to go on from: as without it
        if cfg.get('load_from') and '://' not in cfg.load_from:
            # Before anything is built: a bad file ends here, in one line. Weights alone are enough to start from.
            weights_of((load_plain if cfg.get('resume') else read_plain)(cfg.load_from), cfg.load_from)
        safeguard(cfg)
        runner = build_runner(cfg, runner_of(progress))
        runner.logger.addFilter(name_one_frozen())
        with shown_progress(runner):
            run(runner, 'train')
    return runner


def safeguard(cfg: Config) -> None:
    """Give a config of the hosts' what every training here has: checkpoints that a kill leaves whole and that our tools
    read, the validation that a kill came before, and one model in all processes. A config that names its own keeps
    them."""
    checkpoint = cfg.setdefault('default_hooks', {}).get('checkpoint', dict(type='CheckpointHook', interval=1))
    if checkpoint and checkpoint.get('type') in ('CheckpointHook', 'mmengine.CheckpointHook'):
        cfg.default_hooks.checkpoint = {**checkpoint, 'type': 'kss_mm.SafeCheckpointHook'}
    hooks = list(cfg.get('custom_hooks') or ())
    names = {str(hook.get('type')).rpartition('.')[2] for hook in hooks if isinstance(hook, dict)}
    cfg.custom_hooks = hooks + [dict(type=f'kss_mm.{name}') for name in _SAFEGUARDS if name not in names]


def name_one_frozen() -> Callable[[logging.LogRecord], bool]:
    """A filter of logs, which keeps the first of MMEngine's lines on frozen parameters, of which there is one for each.
    """
    frozen = ' is skipped since its requires_grad=False'
    named: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        if not record.getMessage().endswith(frozen):
            return True
        if not named:
            record.msg, record.args = f'{record.getMessage()}, as are all that are frozen', ()
        named.append(record.name)
        return len(named) == 1
    return keep


def leave_out_validation(cfg: Config) -> None:
    """Take the evaluation while training out of a config, and the best checkpoint that it would choose."""
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if 'checkpoint' in cfg.get('default_hooks', ()):
        cfg.default_hooks.checkpoint.save_best = None


def set_randomness(cfg: Config, *, seed: int | None, diff_rank_seed: bool, deterministic: bool) -> None:
    """Change what a config says of random numbers, where something else is asked for."""
    cfg.setdefault('randomness', dict(seed=None))
    randomness = cfg.randomness  # the Config's own, not the dict just given
    if seed is not None:
        randomness.seed = seed
    if diff_rank_seed:
        randomness.diff_rank_seed = True
    if deterministic:
        randomness.deterministic = True


def use_amp(cfg: Config) -> None:
    """Set mixed precision by the wrapper that the device allows."""
    wrapper = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if wrapper not in ('OptimWrapper', 'AmpOptimWrapper', 'kss_mm.AutocastOptimWrapper'):
        raise InputError(f'--amp: the config has its own optim_wrapper.type={wrapper!r}; set its precision there')
    if torch.cuda.is_available():
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    else:
        cfg.optim_wrapper.type = 'kss_mm.AutocastOptimWrapper'
