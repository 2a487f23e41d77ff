"""Labels that a config's test data set has for a file."""

import logging
import os
from collections.abc import Sequence

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import DATASETS, init_default_scope

from kss_mm.apis.config import name_of
from kss_mm.apis.translate_errors import translate_errors
from kss_mm.errors import InputError
from kss_mm.hosts.runs import repair_hosts
from kss_mm.sample_ids import path_of


def true_labels(cfg: Config, file: str, classes: Sequence[str], checkpoint: str | None = None) -> list[int]:
    """Labels of a video or image in the config's test data set, which are mapped to ``classes``, the model's, by name.

    Args:
        checkpoint: The model's; with the counts in it those of a data set without class names are compared.

    Raises:
        InputError: For a file that is none of the data set's, or a data set of other classes, or in another order.
    """
    from kss_mm.checkpoints.checkpoint import load_plain
    from kss_mm.checkpoints.stored_counts import recorded_counts
    from kss_mm.datasets.align_classes import align_classes, leaves, unnamed
    from kss_mm.datasets.label_counts import label_indices, label_of
    from kss_mm.engine.check_counts import Reference, check_sets

    init_default_scope(cfg.get('default_scope', 'mmengine'))
    repair_hosts()
    if not cfg.get('test_dataloader'):
        raise InputError(f'{name_of(cfg)}: has no test_dataloader, in whose data set true labels are looked up')
    with translate_errors(cfg):
        dataset = DATASETS.build(_without_pipelines(cfg.test_dataloader.dataset))
    without_names = unnamed(dataset)
    for line in align_classes(dataset, classes, 'the checkpoint', what='test set', complete=False,
                              remedy='leave its other classes out, or name them as the checkpoint does'):
        print_log(line, logger='current', level=logging.WARNING)
    counts = recorded_counts(load_plain(checkpoint), len(classes)) if checkpoint and without_names else None
    if counts is not None:
        check_sets(without_names, Reference(counts, 'the training set that the checkpoint was trained on'), 'test set',
                   classes)
    wanted = os.path.realpath(file)
    for leaf in leaves(dataset):
        for index in range(len(leaf)):
            path = path_of(leaf.get_data_info(index))
            if path and os.path.realpath(path) == wanted:
                label = label_of(leaf[index])  # with the mapping, which is all of the pipeline
                return [] if label is None else label_indices(label).tolist()
    raise InputError(f'{file}: not in the test data set of {name_of(cfg)}, so its true labels are not known')


def _without_pipelines(part):
    """A part of a config with every pipeline empty, so that nothing is loaded."""
    if isinstance(part, dict):
        return {key: [] if key == 'pipeline' else _without_pipelines(value) for key, value in part.items()}
    return [_without_pipelines(value) for value in part] if isinstance(part, list | tuple) else part
