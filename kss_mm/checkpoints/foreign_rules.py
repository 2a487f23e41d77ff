"""Rules for the values of a config from others, each with its reason; types stand in ``known_types``."""

import re
from typing import Any

from kss_mm.checkpoints.known_types import SCOPES
from kss_mm.errors import InputError, shown

# Of a run and its machine, not of a model and its data; the user's own run has its own.
OF_THE_RUN = ('work_dir', 'load_from', 'resume', 'launcher', 'experiment_name', 'runner_type', 'strategy',
              'model_wrapper_cfg', 'compile', 'activation_checkpointing', 'data_help', 'cfg')
# Where hosts and this project write, and what they write with.
OUTPUTS = frozenset((
    'submission', 'dump', 'class_csv', 'out_file_path', 'out_dir', 'out_folder', 'save_dir', 'work_dir', 'log_dir',
    'collect_dir', 'tmpdir', 'dump_config', 'csv_dir', 'json_trace_path', 'on_trace_ready', 'result_path',
    'img_save_dir', 'config_save_file', 'scalar_save_file'))
WRITERS = frozenset(('DumpResults', 'ProfilerHook', 'NPUProfilerHook'))
# A checkpoint's name may lead out of its folder.
CHECKPOINT_NAME = ('CheckpointHook', 'filename_tmpl')
# Of env_cfg; dist_cfg may name another machine to listen to.
KEPT_ENVIRONMENT = ('cudnn_benchmark', 'mp_cfg')

_DENIED_KEYS = {
    'trust_remote_code': 'it runs code from the internet',
    'name_or_path': 'it downloads', 'pretrained_model_name_or_path': 'it downloads', 'hf_hub_id': 'it downloads',
    'pretrained_cfg': 'it downloads', 'pretrained_cfg_overlay': 'it downloads', 'custom_load': 'it runs code',
    'sys_path': 'it makes Python import from there', 'server_list_cfg': 'it reads from other machines',
    'client_cfg': 'it reads from other machines', 'db_path': 'it reads from a database',
    'file_format': 'a pickle under another name would be unpickled', 'rfstructure_file': 'its text is run as code'}
_LOCAL = ('disk', 'local')
# MMEngine unpickles the first, and its reader of YAML builds any object.
_READ_AS_CODE = ('.pkl', '.pickle', '.yaml', '.yml', '.pt', '.pth', '.pth.tar', '.ckpt', '.py')
_IMPORTABLE = re.compile(rf'({"|".join(SCOPES)})(\.(models|datasets|engine|evaluation|visualization|registry))?')
# '{:09999999999}' would fill the memory with zeros.
_WIDE_FORMAT = re.compile(r'\{[^}]*\d{5}')
# Numbers of workers and samples; sizes in a model and its pipelines, of which only the last cost memory by themselves.
_LARGEST = {'num_workers': 256, 'prefetch_factor': 256, 'batch_size': 65_536}
_LARGEST_IN = {'model': 1 << 27, 'pipeline': 1 << 16}


def check_key(key: str | int, where: str) -> None:
    """Raise an InputError for a name that no such config may use."""
    if key == '_base_':
        raise InputError(f'{where}: it builds on another file, and a checkpoint stands alone')
    if key in _DENIED_KEYS:
        raise InputError(f'{where}: {_DENIED_KEYS[key]}')


def check_value(key: str | int | None, value: Any, where: str) -> None:
    """Raise an InputError for a number or text that no such config may hold under this name."""
    if isinstance(value, str):
        _check_text(key, value, where)
    elif isinstance(value, int):
        limit = min(_LARGEST.get(key, 1 << 40), *(most for part, most in _LARGEST_IN.items() if part in where),
                    1 << 40)
        if abs(value) > limit:
            raise InputError(f'{where}={value} is beyond {limit}')


def _check_text(key: str | int | None, text: str, where: str) -> None:
    reason = None
    if '://' in text:
        reason = 'it reads from the internet or another machine'
    elif text.lower().endswith(_READ_AS_CODE):
        reason = 'reading such a file can run code'
    elif text.startswith(('/dev/', '/proc/', '/sys/')):
        reason = 'it is not a file of data'
    elif '{{' in text or _WIDE_FORMAT.search(text):
        reason = 'it is not plain text'
    elif any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        reason = 'it holds control characters'
    elif key == 'io_backend' and text not in _LOCAL:
        reason = f'it is not one of {", ".join(_LOCAL)}'
    elif str(key).endswith('dtype') and not text.removeprefix('torch.').isidentifier():
        reason = 'it is not a type of numbers'  # MMPretrain evaluates it
    elif key == 'model_name' and ':' in text:
        reason = 'timm would download it'
    if reason:
        raise InputError(f'{where}={shown(text)}: {reason}')


def check_storage(arguments: Any, where: str) -> None:
    """Raise an InputError for arguments of a storage client other than the local disk's."""
    if arguments is None:
        return
    if (not isinstance(arguments, dict) or set(arguments) - {'backend', 'io_backend'} or
            not all(value in _LOCAL for value in arguments.values())):
        raise InputError(f'{where}={shown(arguments)}: only {" and ".join(_LOCAL)} are on this machine')


def check_imports(imports: Any) -> None:
    """Raise an InputError for ``custom_imports`` of other packages than the hosts' and this one."""
    names = imports.get('imports') if isinstance(imports, dict) else None
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) and _IMPORTABLE.fullmatch(name)
                                                      for name in names):
        raise InputError(f'custom_imports={shown(imports)}: only {", ".join(SCOPES)} are imported')
