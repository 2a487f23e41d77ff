"""How far a training is, in the unit of its loop."""

from mmengine.runner import EpochBasedTrainLoop, Runner


def counts_epochs(runner: Runner) -> bool:
    """Tell whether the training counts epochs, and not iterations."""
    return isinstance(runner.train_loop, EpochBasedTrainLoop)


def training_step(runner: Runner) -> int:
    """Epochs done, or iterations of a loop that counts these."""
    return runner.epoch if counts_epochs(runner) else runner.iter


def training_end(runner: Runner) -> int:
    """Epochs or iterations that the training has."""
    return runner.train_loop.max_epochs if counts_epochs(runner) else runner.train_loop.max_iters
