"""Evaluation as the command line asks for it."""

import argparse

from mmengine.config import Config

from kss_mm.apis.config import checkpoint_of, load_config, set_work_dir
from kss_mm.apis.input_kind import input_kind
from kss_mm.apis.runner import build_runner, run
from kss_mm.checkpoints.checkpoint import check_fits, load_plain
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError


def evaluate(args: argparse.Namespace) -> None:
    """Evaluate ``args.checkpoint`` on ``args.config``; see ``tools/test.py`` for the arguments."""
    args.checkpoint = checkpoint_of(args.config, args.checkpoint)
    cfg = load_config(args.config, args.cfg_options)
    merge_args(cfg, args)
    checkpoint = load_plain(args.checkpoint)
    runner = build_runner(cfg)
    check_fits(checkpoint, unwrap_model(runner), args.checkpoint)
    run(runner, 'test')


def merge_args(cfg: Config, args: argparse.Namespace) -> None:
    """Put the command line into the config."""
    cfg.launcher = args.launcher
    set_work_dir(cfg, args.config, args.work_dir)
    cfg.load_from = args.checkpoint
    if args.show_dir:
        cfg.setdefault('custom_hooks', []).append(
            dict(type='kss_mm.ShowPredictionsHook', out_dir=args.show_dir, interval=args.interval))
    if args.show:
        _show(cfg, args)
    if args.dump:
        evaluators = cfg.test_evaluator if isinstance(cfg.test_evaluator, (list, tuple)) else [cfg.test_evaluator]
        cfg.test_evaluator = dump_scores(list(evaluators), args.dump)


def _show(cfg: Config, args: argparse.Namespace) -> None:
    """Let the host's own hook open windows, where it can."""
    if input_kind(cfg) == 'video':
        raise InputError("--show: MMAction2's hook cannot show clips; use --show-dir FOLDER, which writes pictures")
    if 'visualization' not in cfg.get('default_hooks', ()):
        raise InputError(f'--show: {args.config} has no default_hooks.visualization=dict(type="VisualizationHook"); '
                         'add it, or use --show-dir FOLDER, which needs none')
    cfg.default_hooks.visualization.update(enable=True, show=True, wait_time=args.wait_time, interval=args.interval)


def dump_scores(evaluators: list, path: str) -> list:
    """Evaluators that also write the scores: ``.npz`` by our own metrics, ``.pkl`` by MMEngine's."""
    if path.endswith(('.pkl', '.pickle')):
        return [*evaluators, dict(type='DumpResults', out_file_path=path)]
    ours = [evaluator for evaluator in evaluators if str(evaluator.get('type')).startswith('kss_mm.')]
    if not path.endswith('.npz') or not ours:
        raise InputError(f'--dump {path}: the name must end in .npz (plain arrays, by a metric of kss_mm) or .pkl '
                         "(MMEngine's pickle of all results)")
    ours[0]['dump'] = path
    return evaluators
