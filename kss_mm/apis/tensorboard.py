"""TensorBoard as one more place for the figures of a run."""

from mmengine.config import Config

from kss_mm.errors import MissingPackageError

_BACKEND = 'TensorboardVisBackend'


def use_tensorboard(cfg: Config) -> None:
    """Have a run write its figures for TensorBoard as well, beside its logs; a config that does so stays as it is."""
    if cfg.get('visualizer') is None:
        cfg.visualizer = dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')])
    if not _used(cfg):
        cfg.visualizer.vis_backends = [*(cfg.visualizer.get('vis_backends') or ()), dict(type=_BACKEND)]


def require_tensorboard(cfg: Config) -> None:
    """Check that TensorBoard is there, if a config writes for it, before any work is done.

    Raises:
        MissingPackageError: Naming the command that installs it.
    """
    if not _used(cfg):
        return
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(f"TensorBoard is an optional extra ({error}): pip install 'kss-mm[tensorboard]' or "
                                  'pip install tensorboard, or train without --tensorboard') from error


def writes_curves(cfg: Config) -> bool:
    """Tell whether a run writes its figures elsewhere than into its own logs, as for TensorBoard."""
    backends = (cfg.get('visualizer') or {}).get('vis_backends') or ()
    return any(str(backend.get('type')).rpartition('.')[2] != 'LocalVisBackend' for backend in backends)


def _used(cfg: Config) -> bool:
    backends = (cfg.get('visualizer') or {}).get('vis_backends') or ()
    return any(str(backend.get('type')).rpartition('.')[2] == _BACKEND for backend in backends)
