"""Checkpoints of plain data, which ``torch.load(..., weights_only=True)`` reads."""

from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from kss_mm.checkpoints.to_plain import HISTORY, to_plain
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Store tensors and built-in types only, and rebuild MMEngine's log buffers when a run resumes.

    MMEngine puts HistoryBuffer objects and NumPy scalars into its checkpoints. Since torch 2.6 these do not load
    without switching off the protection against foreign pickles.
    """

    priority = 'LOWEST'  # after EMAHook has put its weights into the checkpoint

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        for key in list(checkpoint):
            checkpoint[key] = to_plain(checkpoint[key])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for key, value in scalars.items():
            if isinstance(value, dict) and HISTORY in value:
                log, count, max_length = value[HISTORY]
                scalars[key] = HistoryBuffer(log, count, max_length)
