"""The validation that was due when a run was killed."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.engine.training_step import training_end, training_step
from kss_mm.registry import HOOKS

# Entry of the message hub: epoch, or iteration, of the last validation. (MMEngine logs entries that begin with "val".)
_VALIDATED = 'last_validation'


@HOOKS.register_module()
class ResumedValidationHook(Hook):
    """Validate a resumed checkpoint first, where its validation was due and the checkpoint does not know of it.

    MMEngine saves an epoch before it validates it. A run killed in between goes on with the next epoch, and the best
    checkpoint is chosen among the others. A run that has nothing left to train is always validated, so that its log
    ends with the figure. To validate twice changes nothing: epochs have their own random numbers
    (``kss_mm.EpochSeedHook``), and an equal figure is not a better one.
    """

    priority = 'LOWEST'  # after CheckpointHook knows what is best so far

    def before_train(self, runner: Runner) -> None:
        loop, step, end = runner.train_loop, training_step(runner), training_end(runner)
        known = runner.message_hub.runtime_info.get(_VALIDATED) == step
        if not step or runner.val_loop is None or known and step < end:
            return
        if step >= loop.val_begin and (step % loop.val_interval == 0 or step >= end):
            runner.val_loop.run()

    def before_val_epoch(self, runner: Runner) -> None:
        # Before and not after: where the figure is the best, CheckpointHook saves the record again after the epoch.
        runner.message_hub.update_info(_VALIDATED, training_step(runner))
