"""Access to the model of a runner, whatever is wrapped around it."""

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn


def unwrap_model(runner: Runner) -> nn.Module:
    """The model itself, also where the runner has it wrapped for several processes."""
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
