"""What training runs need beside MMEngine: plain checkpoints, reproducible epochs, autocast on any device."""

from kss_mm.engine.autocast_optim_wrapper import AutocastOptimWrapper
from kss_mm.engine.bad_sample_hook import BadSampleHook
from kss_mm.engine.channels_last_hook import ChannelsLastHook
from kss_mm.engine.epoch_seed_hook import EpochSeedHook, seed_worker
from kss_mm.engine.finite_loss_hook import FiniteLossHook
from kss_mm.engine.label_order_hook import LabelOrderHook
from kss_mm.engine.plain_checkpoint_hook import PlainCheckpointHook
from kss_mm.engine.show_predictions_hook import ShowPredictionsHook

__all__ = ['AutocastOptimWrapper', 'BadSampleHook', 'ChannelsLastHook', 'EpochSeedHook', 'FiniteLossHook',
           'LabelOrderHook', 'PlainCheckpointHook', 'ShowPredictionsHook', 'seed_worker']
