"""Stand-in for a label graph that comes with the weights: a published checkpoint needs no other file."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse as sp
from torch import nn

from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.graph.label_graph import check_classes
from kss_mm.models.graph_labels import labels_of


class GraphPlaceholder:
    """The sizes of a label graph, enough to build a model whose checkpoint holds adjacency and label embeddings.

    Args:
        classes: Names of the K labels, in label order.
        width: D of the label embeddings E(0).
        edges: Non-zero entries of A'_KS where the model keeps it sparse; None where it is dense.
    """

    name = 'the label graph of a published checkpoint'
    counts = num_samples = total = None

    def __init__(self, classes: Sequence[str], *, width: int, edges: int | None = None):
        self.classes = check_classes(classes)
        self.embeddings = np.zeros((len(self.classes), width), np.float32)
        self.edges = edges

    def adjacency(self, **options) -> np.ndarray | sp.csr_array:
        """(K, K) of NaN, so that nothing is ever computed from it; as many entries as the real one."""
        labels = len(self.classes)
        if self.edges is None:
            return np.full((labels, labels), np.nan)
        rows, columns = np.divmod(np.arange(self.edges), labels)
        return sp.csr_array((np.full(self.edges, np.nan), (rows, columns)), (labels, labels))


def resolve_graph(encoder: nn.Module, graph: PathLike | LabelGraph | Mapping) -> LabelGraph | GraphPlaceholder:
    """Read the label graph that a config names for a label encoder, and give the encoder its classes and counts.

    Where the config has the arguments of a :class:`GraphPlaceholder` instead, the encoder refuses to work until
    weights of these sizes have been loaded into it.

    Raises:
        InputError: For a graph without label embeddings.
    """
    if isinstance(graph, Mapping):
        encoder.awaits_weights = True
        encoder.register_forward_pre_hook(_refuse)
        # Public without the underscore from torch 2.5 on. Unlike an override it leaves the encoders' code alone.
        encoder._register_load_state_dict_pre_hook(_look_for_weights, with_module=True)
        resolved = GraphPlaceholder(**graph)
    else:
        resolved = graph if isinstance(graph, LabelGraph) else LabelGraph.load(graph)
    if resolved.embeddings is None:
        raise InputError(f'{resolved.name} has no label embeddings E(0): build it again with --words')
    encoder.classes, encoder.num_classes = resolved.classes, len(resolved.classes)
    encoder.graph_labels = labels_of(resolved)  # to be compared with the training set; the weights do not hold them
    return resolved


def _refuse(encoder: nn.Module, args: tuple) -> None:
    if encoder.awaits_weights:
        raise InputError(f'{type(encoder).__name__}: this config is of a published checkpoint, whose weights hold the '
                         'label graph, and they have not been loaded: set load_from to that file, or graph to that '
                         'of your own labels')


def _look_for_weights(encoder: nn.Module, state_dict: Mapping, prefix: str, *args) -> None:
    own = encoder.state_dict(prefix=prefix)
    if all(key in state_dict and state_dict[key].shape == value.shape for key, value in own.items()):
        encoder.awaits_weights = False
