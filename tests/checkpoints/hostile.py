"""Configs of published files that would harm, each one change of a good one: what it does, and what is answered.

MARK stands for the path of a file that must not come to be.
"""

TOUCH = dict(type='subprocess.Popen', args=['touch', 'MARK'])
SYSTEM = dict(type='os.system', command='touch MARK')
STEP = 'test_dataloader.dataset.pipeline.0'
DATA = 'test_dataloader.dataset'
UNKNOWN = 'is not a registered type'

#: name -> (edits of the config by dotted names, a part of the message)
REFUSED = {
    # names of anything that Python can import
    'model': ({'model': dict(type='subprocess.getoutput', cmd='touch MARK')}, UNKNOWN),
    'backbone': ({'model.backbone': TOUCH}, UNKNOWN),
    'head': ({'model.head': SYSTEM}, UNKNOWN),
    'loss': ({'model.head.loss': SYSTEM}, UNKNOWN),
    'data_preprocessor': ({'model.data_preprocessor': TOUCH}, UNKNOWN),
    'layer': ({'model.backbone.norm_cfg': SYSTEM}, UNKNOWN),
    'initialiser': ({'model.backbone.init_cfg': TOUCH}, UNKNOWN),
    'pipeline': ({STEP: TOUCH}, UNKNOWN),
    'runpy': ({STEP: dict(type='runpy.run_path', path_name='evil.txt')}, UNKNOWN),
    'nested_step': ({STEP: dict(type='RandomApply', transforms=[TOUCH])}, UNKNOWN),
    'variable': ({'some_variable': [dict(a=(TOUCH,))]}, UNKNOWN),
    'dataset': ({DATA: TOUCH}, UNKNOWN),
    'wrapped_dataset': ({DATA: dict(type='RepeatDataset', times=1, dataset=TOUCH)}, UNKNOWN),
    'sampler': ({'test_dataloader.sampler': TOUCH}, UNKNOWN),
    'collate': ({'test_dataloader.collate_fn': dict(type='os.system')}, UNKNOWN),
    'worker_init': ({'test_dataloader.worker_init_fn': dict(type='os.system')}, UNKNOWN),
    'evaluator': ({'test_evaluator': SYSTEM}, UNKNOWN),
    'evaluators': ({'test_evaluator': [SYSTEM]}, UNKNOWN),
    'hook': ({'custom_hooks.0': TOUCH}, UNKNOWN),
    'default_hook': ({'default_hooks.timer': TOUCH}, UNKNOWN),
    'visualizer': ({'visualizer': TOUCH}, UNKNOWN),
    'loop': ({'test_cfg': TOUCH}, UNKNOWN),
    'optimizer': ({'optim_wrapper.optimizer': TOUCH}, UNKNOWN),
    'optim_wrapper': ({'optim_wrapper': TOUCH}, UNKNOWN),
    'scheduler': ({'param_scheduler.0': TOUCH}, UNKNOWN),
    'module': ({STEP: dict(type='antigravity')}, UNKNOWN),
    'mmengine_function': ({STEP: dict(type='mmengine.fileio.rmtree', dir_path='.')}, UNKNOWN),
    'scope_of_type': ({'model.type': 'evilpackage.Net'}, UNKNOWN),
    'type_is_a_list': ({'model.type': ['subprocess.Popen']}, 'is not a name'),
    'scope': ({'default_scope': 'evilpackage'}, 'default_scope'),
    'inner_scope': ({'model._scope_': 'evilpackage'}, '_scope_'),
    'imports': ({'custom_imports': dict(imports=['evilpackage'], allow_failed_imports=True)}, 'custom_imports'),
    'inner_imports': ({'custom_imports': dict(imports='mmpretrain.models.multimodal.ram.gradio_demo')},
                      'custom_imports'),
    'base': ({'_base_': ['evil.py']}, '_base_'),
    # what registered parts of the hosts do with their arguments
    'eval_of_dtype': ({STEP: dict(type='torchvision/ConvertImageDtype',
                                  dtype='float32 if __import__("os").system("touch MARK") else 0')}, 'dtype'),
    'eval_of_operation': ({'custom_hooks.+': dict(type='RFSearchHook', mode='search', config=dict())}, 'RFSearchHook'),
    'sys_path': ({f'{STEP}.backend_args': dict(backend='memcached', server_list_cfg='a', client_cfg='b',
                                               sys_path='.')}, 'backend_args'),
    'sys_path_of_step': ({f'{STEP}.sys_path': '.'}, 'sys_path'),
    'storage': ({f'{STEP}.file_client_args': dict(backend='petrel')}, 'file_client_args'),
    'io_backend': ({STEP: dict(type='mmaction.DecordInit', io_backend='memcached')}, 'io_backend'),
    'pickle': ({f'{DATA}.ann_file': 'labels.pkl'}, 'can run code'),
    'pickle_of_a_place': ({f'{DATA}.data_prefix': dict(img_path='IMAGES.PICKLE')}, 'can run code'),
    'yaml': ({f'{DATA}.ann_file': 'labels.yaml'}, 'can run code'),
    'address': ({f'{DATA}.ann_file': 'http://127.0.0.1:9/labels.json'}, 'from the internet'),
    'bucket': ({f'{DATA}.data_root': 's3://bucket/'}, 'from the internet'),
    'metainfo_address': ({f'{DATA}.metainfo': dict(classes='https://127.0.0.1:9/names.txt')}, 'from the internet'),
    'device': ({f'{DATA}.ann_file': '/dev/zero'}, 'not a file of data'),
    'albumentations': ({STEP: dict(type='Albumentations', transforms=[dict(type='load')])}, 'Albumentations'),
    'imgaug': ({STEP: dict(type='mmaction.ImgAug', transforms=[dict(type='Rotate')])}, 'ImgAug'),
    'huggingface': ({'model': dict(type='HuggingFaceClassifier', model_name='a/b')}, 'HuggingFaceClassifier'),
    'remote_code': ({'model.trust_remote_code': True}, 'trust_remote_code'),
    'timm_hub': ({'model.backbone': dict(type='TIMMBackbone', model_name='hf-hub:a/b')}, 'model_name'),
    'clip': ({'model': dict(type='mmaction.CLIPSimilarity', clip_arch='MARK')}, 'CLIPSimilarity'),
    'download': ({DATA: dict(type='CIFAR10', data_root='.', split='test')}, 'CIFAR10'),
    'written_answers': ({'test_evaluator': dict(type='NocapsSave', save_dir='MARK')}, 'NocapsSave'),
    'written_queue': ({'custom_hooks.+': dict(type='SwAVHook', batch_size=1)}, 'SwAVHook'),
    'environment': ({f'{DATA}.ann_file': '{{$HOME:x}}'}, 'not plain text'),
    'terminal': ({'test_evaluator.prefix': '\x1b[2Jpwned'}, 'control characters'),
    'wide_format': ({DATA: dict(type='mmaction.RawframeDataset', ann_file='a.txt',
                                filename_tmpl='{:0999999999999}')}, 'not plain text'),
    'workers': ({'test_dataloader.num_workers': 10 ** 6}, 'num_workers'),
    'pixels': ({'test_dataloader.dataset.pipeline.1.scale': (10 ** 7, 10 ** 7)}, 'scale'),
}
#: Texts that are added to the config's: (text, a part of the message)
TEXTS = {
    'call': ("x = __import__('os').system('touch MARK')", 'is code'),
    'import': ('import os', 'is code'),
    'f_string': ("x = f\"{open('MARK', 'w')}\"", 'is code'),
    'comprehension': ("x = [open('MARK', 'w') for _ in 'a']", 'is code'),
    'power': ('x = 9 ** 9 ** 9', 'is code'),
    'twice': ('model = dict()', 'twice'),
    # MMEngine writes keys down as they are: the config in the run's folder would be code
    'key_that_ends': ("x = {\"a': open('MARK', 'w'), 'b\": 1}", 'not a plain one'),
    'deep': ('x = ' + '[' * 150 + ']' * 150, 'nested too deeply'),
    'deeper': ('x = ' + '-' * 200_000 + '1', 'nested too deeply'),
    'digits': ('x = ' + '9' * 10_000, 'digits'),
    'own_names_of_mmengine': ("filename = 'a.py'", 'filename'),
    'surrogate': ("x = '\udc80'", 'not Python'),
    'unfinished': ('x = (', 'not Python'),
}
#: name -> (edits, what the log says is left out; '' for what belongs to a run and is left out without a word)
LEFT_OUT = {
    'scores': ({'test_evaluator.dump': 'MARK.npz'}, 'test_evaluator.dump'),
    'table': ({'test_evaluator.class_csv': 'MARK'}, 'test_evaluator.class_csv'),
    'submission': ({'test_evaluator': dict(type='kss_mm.CharadesMetric', submission='MARK')}, 'submission'),
    'removed_folder': ({'test_evaluator.collect_dir': 'MARK'}, 'collect_dir'),
    'results': ({'test_evaluator': [dict(type='kss_mm.KSSMultiLabelMetric'),
                                    dict(type='DumpResults', out_file_path='MARK.pkl')]}, 'test_evaluator.1'),
    'trace': ({'custom_hooks.+': dict(type='ProfilerHook', json_trace_path='MARK')}, 'ProfilerHook'),
    'network_backend': ({'visualizer.vis_backends.+': dict(type='WandbVisBackend')}, 'WandbVisBackend'),
    'config_file': ({'visualizer.vis_backends.0.config_save_file': 'MARK.py'}, 'config_save_file'),
    'pictures': ({'visualizer.save_dir': 'MARK'}, 'visualizer.save_dir'),
    'logs': ({'default_hooks.logger.out_dir': 'MARK'}, 'logger.out_dir'),
    'checkpoints': ({'default_hooks.checkpoint.out_dir': 'MARK'}, 'checkpoint.out_dir'),
    'checkpoint_name': ({'default_hooks.checkpoint.filename_tmpl': '../MARK{}.pth'}, 'filename_tmpl'),
    'work_dir': ({'work_dir': 'MARK'}, ''),
    'start': ({'load_from': 'http://127.0.0.1:9/a.pth', 'resume': True}, ''),
    'weights': ({'model.backbone.init_cfg': dict(type='Pretrained', checkpoint='http://127.0.0.1:9/a.pth')}, ''),
    'compiler': ({'compile': dict(backend='MARK')}, ''),
    'wrapper': ({'model_wrapper_cfg': TOUCH}, ''),
    'advice': ({'data_help': 'run: touch MARK \x1b[2J'}, ''),
    'distribution': ({'env_cfg.dist_cfg': dict(backend='gloo', init_method='tcp://127.0.0.1:9')}, ''),
}
#: Names that stand elsewhere than under ``type``; they are held up where something is built from them.
LATE = {
    'constructor': {'optim_wrapper.constructor': 'evilpackage.Constructor'},
    'average': {'custom_hooks.+': dict(type='EMAHook', ema_type='evilpackage.Average')},
    'network': {'custom_hooks.+': dict(type='torchvision.resnet18')},
    'misplaced': {'custom_hooks.+': dict(type='Resize', scale=(2, 2))},
}
