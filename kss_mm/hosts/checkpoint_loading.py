"""onedl-mmengine 0.10.12 unpickles a checkpoint that torch refuses as unsafe, which runs any code in it.

Now torch's refusal stands, as with MMEngine; torch's own switch TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD lifts it. A release
without that fallback ends this repair.
"""

from collections.abc import Callable


def refuse_code_in_checkpoints(acts: Callable[[], bool]) -> None:
    """A fork of MMEngine runs code in checkpoints.

    Args:
        acts: Whether the repair acts, asked each time that a checkpoint is read.
    """
    from mmengine.runner import checkpoint

    theirs = getattr(checkpoint, '_safe_torch_load', None)
    if theirs is None:
        return

    def load(file, map_location=None, weights_only=None):
        import torch

        if not acts():
            return theirs(file, map_location=map_location, weights_only=weights_only)
        with torch.serialization.safe_globals(checkpoint.get_torch_safe_globals()):
            return torch.load(file, map_location=map_location, weights_only=weights_only)

    checkpoint._safe_torch_load = load
