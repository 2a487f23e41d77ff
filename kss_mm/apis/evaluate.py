"""Evaluating a checkpoint."""

import os

from mmengine.config import Config

from kss_mm.apis.config import checkpoint_of, name_of, own_config, set_work_dir
from kss_mm.apis.input_kind import input_kind
from kss_mm.apis.runner import build_runner, run
from kss_mm.checkpoints.checkpoint import check_fits, load_plain
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.files import PathLike


def evaluate(config: PathLike | Config, checkpoint: PathLike | None = None, *, work_dir: PathLike | None = None,
             dump: PathLike | None = None, per_class: bool = False, show_dir: PathLike | None = None,
             show: bool = False, interval: int = 1, wait_time: float = 2., launcher: str = 'none',
             options: dict | list[str] | None = None) -> dict[str, float]:
    """Evaluate a checkpoint by the metrics of its config, on the test data set.

    Args:
        config: A config, its file, or a published checkpoint with its config inside; the config given stays as it is.
        checkpoint: Weights to evaluate; by default those of the published checkpoint.
        work_dir: Folder of logs; by default the config's, else ``work_dirs/{name of the config}``.
        dump: File for the scores, ``.npz`` in our form or ``.pkl`` in MMEngine's.
        per_class: Log a table of every class's AP, the highest first.
        show_dir: Folder for a picture of every sample with its scores and true labels.
        show: Show images in a window, by the config's hook.
        interval: Show or draw every how many samples.
        wait_time: Seconds that each is shown.
        launcher: What started the processes of a distributed run: none, pytorch, slurm or mpi.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.

    Returns:
        The metrics by name, such as ``charades/mAP``.

    Raises:
        UserError: In one line, for a mistake in the config, a file that is missing, or weights of another model.
    """
    checkpoint = checkpoint_of(config, checkpoint)
    cfg = own_config(config, options)
    cfg.launcher = launcher
    set_work_dir(cfg, config, work_dir)
    cfg.load_from = checkpoint
    if show_dir:
        hook = dict(type='kss_mm.ShowPredictionsHook', out_dir=os.fspath(show_dir), interval=interval)
        cfg.custom_hooks = [*(cfg.get('custom_hooks') or ()), hook]  # a Config gives copies of the lists it is given
    if show:
        _show(cfg, name_of(config), interval, wait_time)
    if dump or per_class:
        evaluators = cfg.test_evaluator if isinstance(cfg.test_evaluator, (list, tuple)) else [cfg.test_evaluator]
        evaluators = list(evaluators)
        if per_class:
            _first_of_ours(evaluators, '--per-class')['per_class'] = True
        cfg.test_evaluator = dump_scores(evaluators, os.fspath(dump)) if dump else evaluators
    content = load_plain(checkpoint)
    runner = build_runner(cfg)
    check_fits(content, unwrap_model(runner), checkpoint)
    return run(runner, 'test')


def _show(cfg: Config, name: str, interval: int, wait_time: float) -> None:
    """Let the host's own hook open windows, where it can."""
    if input_kind(cfg) == 'video':
        raise InputError("--show: MMAction2's hook cannot show clips; use --show-dir FOLDER, which writes pictures")
    if 'visualization' not in cfg.get('default_hooks', ()):
        raise InputError(f'--show: {name} has no default_hooks.visualization=dict(type="VisualizationHook"); '
                         'add it, or use --show-dir FOLDER, which needs none')
    cfg.default_hooks.visualization.update(enable=True, show=True, wait_time=wait_time, interval=interval)


def dump_scores(evaluators: list, path: str) -> list:
    """Return evaluators that also write the scores: ``.npz`` by our own metrics, ``.pkl`` by MMEngine's.

    Raises:
        InputError: For a name of another ending, or ``.npz`` without a metric of kss_mm.
    """
    if path.endswith(('.pkl', '.pickle')):
        return [*evaluators, dict(type='DumpResults', out_file_path=path)]
    if not path.endswith('.npz'):
        raise InputError(f'--dump {path}: the name must end in .npz (plain arrays, by a metric of kss_mm) or .pkl '
                         "(MMEngine's pickle of all results)")
    _first_of_ours(evaluators, f'--dump {path}')['dump'] = path
    return evaluators


def _first_of_ours(evaluators: list, option: str) -> dict:
    """The first metric of kss_mm, which an option needs."""
    for evaluator in evaluators:
        if str(evaluator.get('type')).startswith('kss_mm.'):
            return evaluator
    raise InputError(f"{option}: needs a metric of kss_mm; set test_evaluator=dict(type='kss_mm.KSSMultiLabelMetric')")
