"""Which sample carries which label: asked from any multi-label data set that a host's config names.

Only annotations are read: the data set is built with an empty pipeline and no sample is ever loaded.
"""

import copy
import os
from collections.abc import Callable, Sequence

import numpy as np

from kss_mm.apis.config import load_config
from kss_mm.apis.label_matrix import LABEL_KEYS, LabelMatrix
from kss_mm.errors import InputError, MissingFileError, UserError
from kss_mm.graph.label_graph import check_classes
from kss_mm.graph.statistics import label_matrix

#: Wrappers that only repeat samples: statistics are those of the data set inside.
REPEATING = ('RepeatDataset', 'ClassBalancedDataset', 'RepeatAugDataset')


def _leaves(config: dict) -> list[dict]:
    """Configs of the data sets inside the wrappers."""
    kind = str(config.get('type')).rpartition('.')[2]
    if kind in REPEATING and 'dataset' in config:
        return _leaves(config['dataset'])
    if kind == 'ConcatDataset':
        return [leaf for part in config['datasets'] for leaf in _leaves(part)]
    return [config]


def _without_pipeline(config: dict) -> dict:
    config = copy.deepcopy(config)
    inner = [value for value in config.values() if isinstance(value, dict) and 'pipeline' in value]
    for part in inner or [config]:  # a wrapper that is not in REPEATING, which may take no pipeline, or the data set
        part['pipeline'] = []
    return config


def _indices(label, num_classes: int | None) -> list[int]:
    """Label indices from the forms that the hosts use.

    Lists and sets hold indices. Arrays and tensors of one number a class are many-hot, others hold indices.
    """
    if isinstance(label, list | tuple | set | frozenset):
        return sorted(int(index) for index in label)
    values = np.asarray(label)  # also takes CPU tensors
    many_hot = values.ndim == 1 and (values.dtype.kind == 'f' or len(values) == num_classes)
    if many_hot and np.isin(values, (0, 1)).all():
        return np.flatnonzero(values).tolist()
    if values.ndim == 1 and values.dtype.kind in 'iu':
        return values.tolist()
    raise ValueError(f'label {label!r} is neither a list of indices nor a vector of 0 and 1')


def read_config_labels(path: str, classes: Sequence[str] | None = None, options: dict | None = None,
                       progress: Callable[[int, int], None] | None = None) -> LabelMatrix:
    """Labels of ``train_dataloader.dataset`` of a config of MMAction2 or MMPretrain.

    Args:
        path: the config file.
        classes: the class names, where the data set does not have them (MMAction2's list files).
        options: what ``--cfg-options`` changes in the config.
        progress: called with (samples read, samples in all).

    Raises:
        InputError: the config has no such data set, it cannot be built, has no names or is not multi-label.
    """
    from mmengine.registry import DATASETS, init_default_scope
    config = load_config(path, options)
    try:
        leaves = _leaves(config.train_dataloader.dataset)
    except (AttributeError, KeyError) as error:
        raise InputError(f'{path}: it has no train_dataloader.dataset ({error}); give a training config, or plain '
                         'files with --labels') from error
    init_default_scope(config.get('default_scope', 'mmengine'))
    rows: list[list[int]] = []
    single = 0
    for leaf in leaves:
        where = f'{path}: data set {leaf.get("type")}'
        try:
            dataset = DATASETS.build(_without_pipeline(leaf))
        except UserError:
            raise
        except FileNotFoundError as error:
            raise MissingFileError(f'{where}: {error}; set its data_root and ann_file') from error
        except Exception as error:  # whatever the host raises for its own arguments
            raise InputError(f'{where}: cannot be built ({type(error).__name__}: {error})') from error
        own = dataset.metainfo.get('classes') if hasattr(dataset, 'metainfo') else None
        if classes is None:
            classes = own
        if classes is None:
            raise InputError(f'{where} has no class names; give --classes names.txt, one name a line')
        if own is not None and list(own) != list(classes):
            raise InputError(f'{where} has other classes than the class list ({len(own)} and {len(classes)}, or in '
                             'another order)')
        for index in range(len(dataset)):
            info = dataset.get_data_info(index)
            label = next((info[key] for key in LABEL_KEYS if info.get(key) is not None), None)
            if isinstance(label, int | np.integer):
                single, label = single + 1, [label]
            try:
                if label is None:
                    raise ValueError(f'no label under {", ".join(LABEL_KEYS)}')
                rows.append(_indices(label, len(classes)))
            except ValueError as error:
                raise InputError(f'{where}: sample {index} (counted from 0): {error}') from None
            if progress and index % 1000 == 0:
                progress(index, len(dataset))
    if not rows:
        raise InputError(f'{path}: its training data set has no samples')
    if single == len(rows):
        raise InputError(f'{path}: every sample has one label that is a bare number; a label graph needs multi-label '
                         'data (MMAction2: multi_class=True and num_classes; MMPretrain: MultiLabelDataset)')
    kinds = ', '.join(dict.fromkeys(str(leaf.get('type')) for leaf in leaves))
    files = ', '.join(os.path.basename(str(leaf['ann_file'])) for leaf in leaves if leaf.get('ann_file'))
    try:
        classes = check_classes(classes)
        return LabelMatrix(classes, label_matrix(rows, len(classes)), {'dataset': kinds, 'file': files})
    except InputError as error:
        raise InputError(f'{path}: {error}') from None
