"""All evidence for one label in one file."""

from collections.abc import Collection, Sequence

from torch import nn

from kss_mm.errors import InputError, shown
from kss_mm.explain.activation import class_activation, label_attention
from kss_mm.explain.explanation import PARTS, Evidence, HeatMap
from kss_mm.explain.graph_evidence import graph_evidence
from kss_mm.explain.lateral_maps import lateral_maps
from kss_mm.explain.view import View
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier
from kss_mm.models.laterals.lateral import laterals_of
from kss_mm.models.necks.label_gcn import LabelGCN


def explain_label(view: View, classes: Sequence[str], *, top: int = 8,
                  parts: Collection[str] | None = None) -> Evidence:
    """Collect the evidence for a label.

    Args:
        top: How many neighbours, and how many edges.
        parts: Of :data:`~kss_mm.explain.explanation.PARTS`; None for all that the model has.

    Raises:
        InputError: For a part that does not exist, or that is asked for and the model does not have.
        MissingPackageError: Where a library is missing.
    """
    if parts is not None and (not parts or set(parts) - set(PARTS)):
        raise InputError(f'parts={shown(parts)}: must be some of {", ".join(PARTS)}')
    wanted, missing = parts or PARTS, _missing(view.model)
    for part in missing.keys() & set(parts or ()):
        raise InputError(missing[part])
    maps: list[HeatMap] = []
    notes = [missing[part] for part in wanted if part in missing and part != 'attention']
    if 'laterals' in wanted and 'laterals' not in missing:
        maps, unplaced = lateral_maps(view)
        notes += unplaced
    if 'activation' in wanted:
        try:
            maps.append(class_activation(view))
        except InputError as error:
            if parts:
                raise
            notes.append(str(error))
    if 'attention' in wanted and 'attention' not in missing:
        maps.append(label_attention(view))
    graph = graph_evidence(view, classes, top) if 'graph' in wanted and 'graph' not in missing else None
    return Evidence(view.logit(), (view.number + 1, view.count), view.frames, maps, graph, notes)


def _missing(model: nn.Module) -> dict[str, str]:
    """Parts that a model does not have, and why."""
    name, missing = type(model).__name__, {}
    if not isinstance(getattr(model, 'neck', None), LabelGCN):
        missing['graph'] = f'{name} computes with no label graph, so no label carries another'
    if not laterals_of(model.backbone):
        missing['laterals'] = f'{name} has no lateral connections, so there are no maps of theirs'
    if not isinstance(getattr(head_of(model), 'classifier', None), LabelQueryClassifier):
        missing['attention'] = f'{name} has no label-query head, so there is no attention of labels'
    return missing
