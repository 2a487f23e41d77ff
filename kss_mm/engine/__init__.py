"""Hooks of training runs: plain checkpoints, reproducible epochs, labels in order; and autocast on any device."""

from kss_mm.engine.autocast_optim_wrapper import AutocastOptimWrapper
from kss_mm.engine.bad_sample_hook import BadSampleHook
from kss_mm.engine.cached_features_hook import CachedFeaturesHook
from kss_mm.engine.channels_last_hook import ChannelsLastHook
from kss_mm.engine.class_precisions_hook import ClassPrecisionsHook
from kss_mm.engine.epoch_line_hook import EpochLineHook
from kss_mm.engine.epoch_seed_hook import EpochSeedHook, seed_worker
from kss_mm.engine.finite_loss_hook import FiniteLossHook
from kss_mm.engine.freeze_norm_hook import FreezeNormHook
from kss_mm.engine.label_graph_start_hook import LabelGraphStartHook
from kss_mm.engine.label_order_hook import LabelOrderHook
from kss_mm.engine.label_record_hook import LabelRecordHook
from kss_mm.engine.plain_checkpoint_hook import PlainCheckpointHook
from kss_mm.engine.progress_hook import ProgressHook
from kss_mm.engine.rates_hook import RatesHook
from kss_mm.engine.resumed_validation_hook import ResumedValidationHook
from kss_mm.engine.safe_checkpoint_hook import SafeCheckpointHook
from kss_mm.engine.sample_id_hook import SampleIdHook
from kss_mm.engine.show_predictions_hook import ShowPredictionsHook
from kss_mm.engine.show_validation_hook import ShowValidationHook
from kss_mm.engine.single_label_metric_hook import SingleLabelMetricHook
from kss_mm.engine.sync_buffers_hook import SyncBuffersHook

__all__ = ['AutocastOptimWrapper', 'BadSampleHook', 'CachedFeaturesHook', 'ChannelsLastHook', 'ClassPrecisionsHook',
           'EpochLineHook', 'EpochSeedHook', 'FiniteLossHook', 'FreezeNormHook', 'LabelGraphStartHook',
           'LabelOrderHook', 'LabelRecordHook', 'PlainCheckpointHook', 'ProgressHook', 'RatesHook',
           'ResumedValidationHook', 'SafeCheckpointHook', 'SampleIdHook', 'ShowPredictionsHook', 'ShowValidationHook',
           'SingleLabelMetricHook', 'SyncBuffersHook', 'seed_worker']
