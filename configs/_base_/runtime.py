# What every run of this project shares: hooks, logging, reproducibility. Any MMAction2 or MMPretrain option applies.

# Also in the hosts' own tools, before they import MMAction2, whose published wheel it repairs.
custom_imports = dict(imports=['kss_mm'], allow_failed_imports=False)

default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='kss_mm.SafeCheckpointHook', interval=1, max_keep_ckpts=2, save_best='auto'),
    sampler_seed=dict(type='DistSamplerSeedHook'))

custom_hooks = [
    dict(type='kss_mm.EpochSeedHook'),  # a resumed run equals one in one piece
    dict(type='kss_mm.FiniteLossHook'),  # stop at NaN instead of training on
    dict(type='kss_mm.SyncBuffersHook'),  # all processes validate the weights that the checkpoint holds
    dict(type='kss_mm.ResumedValidationHook'),  # a kill before the validation does not cost the best checkpoint
    dict(type='kss_mm.LabelOrderHook'),  # labels are compared and mapped by name
    dict(type='kss_mm.LabelGraphStartHook'),  # which label graph a run that starts from a checkpoint has
    dict(type='kss_mm.LabelRecordHook'),  # checkpoints say whose labels they are of
    dict(type='kss_mm.SampleIdHook'),  # score files and messages name samples by their files
    dict(type='kss_mm.SingleLabelMetricHook'),  # accuracy is not a metric of multi-label data
    dict(type='kss_mm.BadSampleHook'),  # unreadable videos and images of all processes, told together
    dict(type='kss_mm.PlainCheckpointHook'),  # checkpoints load with weights_only=True
]


# 'spawn' and other start methods work as well; OpenCV's own threads only get in the way of the workers.
env_cfg = dict(cudnn_benchmark=False, mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
               dist_cfg=dict(backend='nccl'))
log_level = 'INFO'
log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
load_from = None
resume = False
