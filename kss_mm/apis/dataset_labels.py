"""The labels of every sample: asked from any multi-label data set that a host's config names.

Only annotations are read: the data set is built with an empty pipeline and no sample is ever loaded.
"""

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from mmengine.config import Config

from kss_mm.apis.config import name_of, own_config
from kss_mm.errors import InputError, MissingFileError, UserError, shown
from kss_mm.files import PathLike
from kss_mm.graph.class_names import check_classes
from kss_mm.graph.label_readers.label_columns import LABEL_KEYS
from kss_mm.graph.label_readers.label_samples import LabelMatrix
from kss_mm.graph.statistics import label_matrix
from kss_mm.graph.unknown import UNKNOWN
from kss_mm.sample_ids import path_of

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


def _label_steps(config: dict) -> list[Callable[[dict], dict]]:
    """The steps of the data set's pipeline that take labels away."""
    from kss_mm.datasets import KeepPositives
    inner = [value for value in config.values() if isinstance(value, dict) and 'pipeline' in value]
    steps = [dict(step) for part in inner or [config] for step in part.get('pipeline') or ()]
    return [KeepPositives(**{key: value for key, value in step.items() if key != 'type'}) for step in steps
            if step.get('type') is KeepPositives
            or str(step.get('type')).rpartition('.')[2] == KeepPositives.__name__]


def _unknown(info: dict) -> list[int]:
    """Labels that a sample's K numbers call unknown."""
    scores = info.get('gt_score')
    if scores is None:
        scores = next((info[key] for key in LABEL_KEYS if info.get(key) is not None), None)
        if isinstance(scores, list | tuple | set | frozenset) or np.asarray(scores).dtype.kind != 'f':
            return []
    return np.flatnonzero(np.asarray(scores) == UNKNOWN).tolist()


def _indices(label, num_classes: int) -> list[int]:
    """Label indices from the forms that the hosts use.

    Lists and sets hold indices. Arrays and tensors of one number a class are many-hot, others hold indices.

    Raises:
        ValueError: Neither, or an index or value that no class has.
    """
    if isinstance(label, list | tuple | set | frozenset):
        if odd := [value for value in label if isinstance(value, bool) or not isinstance(value, int | np.integer)]:
            raise ValueError(f'label {shown(label)} holds {shown(odd[0])}, which is not a label index')
        indices = sorted(map(int, label))
        if len(indices) == num_classes > 1 and len(set(indices)) < num_classes and set(indices) <= {0, 1}:
            raise ValueError(f'label {shown(label)} looks like a row of 0 and 1; lists hold label indices')
    else:
        values = np.asarray(label)  # also takes CPU tensors
        if values.ndim != 1 or values.dtype.kind not in 'biuf':
            raise ValueError(f'label {shown(label)} is neither a list of indices nor a vector of 0 and 1')
        allowed = (0, 1, UNKNOWN) if values.dtype.kind == 'f' else (0, 1)
        wrong = np.flatnonzero(~np.isin(values, allowed))
        whole = values.dtype.kind in 'iu' and len(np.unique(values)) == len(values)
        if len(values) == num_classes and not wrong.size:
            return np.flatnonzero(values == 1).tolist()
        if not whole or len(values) == num_classes and (values.min() < 0 or values.max() >= num_classes):
            place = f'holds {values[wrong[0]]} for class {wrong[0]}' if wrong.size else f'has {len(values)} numbers'
            raise ValueError(f'its many-hot label {place}, but should be {num_classes} numbers 0 and 1')
        indices = sorted(values.tolist())
    if outside := [index for index in indices if not 0 <= index < num_classes]:
        raise ValueError(f'label index {outside[0]} is not one of the {num_classes} classes (0 .. {num_classes - 1})'
                         + ('; MMAction2 puts -1 where a sample has no label, and then counts its last class: leave '
                            'such samples out' if outside[0] == -1 else ''))
    return indices


def _label_of(dataset, index: int, num_classes: int,
              steps: Sequence[Callable[[dict], dict]] = ()) -> tuple[list[int], list[int], bool, str | None]:
    """Label indices of a sample after ``steps``, those unknown, whether its label was a bare number, and its name.

    Raises:
        ValueError: No label, or one that no class has.
    """
    from mmengine.dataset import BaseDataset
    stored = _info(partial(BaseDataset.get_data_info, dataset), index) if isinstance(dataset, BaseDataset) else {}
    for key in LABEL_KEYS:  # before the host makes a vector of it, where -1 becomes the last class
        if isinstance(stored.get(key), list | tuple):
            _indices(stored[key], num_classes)
    info = _info(dataset.get_data_info, index)
    for step in steps:
        info = step(info)
    label = next((info[key] for key in LABEL_KEYS if info.get(key) is not None), None)
    if label is None:
        raise ValueError(f'no label under {", ".join(LABEL_KEYS)}')
    single = isinstance(label, int | np.integer) and not isinstance(label, bool)
    return _indices([label] if single else label, num_classes), _unknown(info), single, path_of(info)


def _info(get: Callable[[int], dict], index: int) -> dict:
    try:
        return get(index)
    except Exception as error:  # whatever the host raises for a label that does not fit
        raise ValueError(f'the data set cannot give it ({type(error).__name__}: {error})') from error


def read_config_labels(config: PathLike | Config, classes: Sequence[str] | None = None,
                       options: Mapping | Sequence[str] | None = None,
                       progress: Callable[[int, int], None] | None = None) -> LabelMatrix:
    """Read the labels of ``train_dataloader.dataset`` of a config of MMAction2 or MMPretrain.

    Args:
        config: The config, or its file.
        classes: The class names, where the data set does not have them (MMAction2's list files).
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.
        progress: Called with (samples read, samples in all).

    Raises:
        InputError: If the config has no such data set, it cannot be built, has no names or is not multi-label.
    """
    from mmengine.registry import DATASETS, init_default_scope

    from kss_mm.hosts.runs import repair_hosts

    path, config = name_of(config), own_config(config, options)
    try:
        leaves = _leaves(config.train_dataloader.dataset)
    except (AttributeError, KeyError) as error:
        raise InputError(f'{path}: it has no train_dataloader.dataset ({error}); give a training config, or plain '
                         'files with --labels') from error
    init_default_scope(config.get('default_scope', 'mmengine'))
    repair_hosts()
    rows: list[list[int]] = []
    unknown: list[list[int]] = []
    names: list[str | None] = []
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
        steps = _label_steps(leaf)
        for index in range(len(dataset)):
            try:
                indices, hidden, is_single, name = _label_of(dataset, index, len(classes), steps)
            except ValueError as error:
                raise InputError(f'{where}: sample {index} (counted from 0): {error}') from None
            rows.append(indices)
            unknown.append(hidden)
            names.append(name)
            single += is_single
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
        matrix = label_matrix(rows, len(classes)) + UNKNOWN * label_matrix(unknown, len(classes))
        return LabelMatrix(classes, matrix, {'dataset': kinds, 'file': files},
                           None if None in names else tuple(names))
    except InputError as error:
        raise InputError(f'{path}: {error}') from None
