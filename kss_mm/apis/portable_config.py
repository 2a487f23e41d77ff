"""A config for others' machines: without label graph files, weights to start from, and the paths of this machine."""

from typing import Any

from mmengine.config import Config

from kss_mm.apis.config import evaluation_pipeline
from kss_mm.apis.portable_paths import hide_paths
from kss_mm.checkpoints.foreign_rules import OUTPUTS
from kss_mm.checkpoints.start_weights import mapped
from kss_mm.errors import InputError
from kss_mm.evaluation.annotation_protocol import training_counts
from kss_mm.graph import LabelGraph
from kss_mm.models.losses import WeightedBCELoss
from kss_mm.models.necks.label_gcn import LabelGCN

# Of a run, not of a model.
_OF_THE_RUN = ('work_dir', 'load_from', 'resume', 'launcher')


def graph_file(cfg: Config) -> str | None:
    """The label graph that the model's neck names; None for a model without one."""
    neck = cfg.model.get('neck')
    path = neck.get('graph') if isinstance(neck, dict) else None
    return path if isinstance(path, str) else None


def awaits_graph(cfg: Config) -> bool:
    """Return True if the config is of a published checkpoint, in which the label graph is."""
    neck = cfg.model.get('neck')
    return isinstance(neck, dict) and isinstance(neck.get('graph'), dict)


def use_graph(cfg: Config, graph: str | LabelGraph) -> None:
    """Put another label graph, or its file, in the place of the one that the neck has, wherever the model names it."""
    old = cfg.model.neck.graph
    cfg.model = mapped(cfg.model, lambda key, value: graph if value == old else value)


def without_run(cfg: Config) -> None:
    """Take out what is of a run and not of its model, and the variables in which configs name the label graph."""
    for key in [key for key, value in cfg.items() if key in _OF_THE_RUN or _is_graph(value)]:
        cfg.pop(key)
    for loop in ('val_evaluator', 'test_evaluator'):
        if loop in cfg:
            cfg[loop] = mapped(cfg[loop], _counts)
        metrics = cfg.get(loop) or ()
        for metric in metrics if isinstance(metrics, list | tuple) else (metrics,):
            for key in OUTPUTS & metric.keys():
                metric.pop(key)
    # Read by a host alone, it must still be there before MMAction2 is imported, whose published wheel it repairs.
    cfg.setdefault('custom_imports', dict(imports=['kss_mm'], allow_failed_imports=False))


def make_portable(cfg: Config, graph: LabelGraph | None, neck: LabelGCN | None) -> dict[str, str]:
    """Rewrite a config so that it needs no file beside the checkpoint; what the model took from a label graph stands
    there in numbers, and the pipeline that the hosts' inferencers ask for under its name.

    Args:
        graph: The label graph of the config.
        neck: The label encoder that was built from it; None for both where there is none.

    Returns:
        The paths of this machine that the config had and what they became, see
        :func:`~kss_mm.apis.portable_paths.hide_paths`.

    Raises:
        InputError: For a ``prior`` or ``pos_weight`` whose label graph cannot be read.
    """
    path = graph_file(cfg)

    def numbers(key: str | None, value: Any) -> Any:
        if key == 'graph' and graph is not None and value == path:
            edges = neck.adjacency_values.numel() if getattr(neck, 'sparse', False) else None
            return dict(classes=list(graph.classes), width=graph.embeddings.shape[1], edges=edges)
        if key == 'graph' and isinstance(value, str):  # of the queries of a head, where the neck has none or another
            words = LabelGraph.load(value)
            return dict(classes=list(words.classes), width=words.embeddings.shape[1])
        if key == 'prior' and isinstance(value, str):
            return LabelGraph.load(value).priors.tolist()
        return WeightedBCELoss(value).pos_weight.tolist() if key == 'pos_weight' and isinstance(value, str) else value

    cfg.model = mapped(cfg.model, numbers)
    without_run(cfg)
    if pipeline := evaluation_pipeline(cfg):
        cfg.setdefault('test_pipeline', pipeline)
    return hide_paths(cfg)


def _counts(key: str | None, value: Any) -> Any:
    """The counts of a label graph in the place of its file, where a metric groups labels by them."""
    return training_counts(value).tolist() if key == 'frequency' and isinstance(value, str) else value


def check_ours(cfg: Config, path: str) -> None:
    """Raise an InputError for a config without a model, or with nothing of kss_mm."""
    if 'model' not in cfg:
        raise InputError(f'{path}: the config in it has no model')
    if 'kss_mm.' not in cfg.pretty_text:
        raise InputError(f'{path}: nothing in its config is of kss_mm; tools/deployment/publish_model.py of MMAction2 '
                         'and tools/model_converters/publish_model.py of MMPretrain are for such checkpoints')


def _is_graph(value: Any) -> bool:
    return isinstance(value, str) and value.endswith('.npz')
