"""Labels that are added to a trained model, without any training."""

import os
import warnings
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import NamedTuple

import torch
from mmengine.config import Config
from torch import Tensor

from kss_mm._version import __version__
from kss_mm.apis.config import CHECKPOINT_SUFFIX, config_in
from kss_mm.apis.progress import progress_bar
from kss_mm.checkpoints.checkpoint import load_plain, save_plain
from kss_mm.checkpoints.stored_counts import KEY as COUNTS
from kss_mm.checkpoints.stored_graph import as_tensors, label_graph_in
from kss_mm.checkpoints.threshold_logits import reaching, rename_all_former
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike, check_target
from kss_mm.graph import LabelGraph
from kss_mm.graph.concept_mapping import read_concept_mapping
from kss_mm.graph.statistics import UnseenLabelWarning
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.necks.label_gcn import LabelGCN
from kss_mm.numeric import check_number

#: Where ``meta.dataset_meta`` names the labels that no sample of the training set had.
UNSEEN = 'unseen'
_METRIC = 'kss_mm.KSSMultiLabelMetric'


class Added(NamedTuple):
    """The model that was written.

    Args:
        labels: All its labels; the new ones are the last.
        concepts: ConceptNet's concepts of each new label; empty without a knowledge graph.
        neighbours: How many labels each new one is connected with in the adjacency that the model has now.
        changed: Largest change of the other labels' embeddings in any layer, relative to the largest; 0 where frozen.
        notes: What was taken for granted, in words.
    """

    path: str
    labels: tuple[str, ...]
    concepts: dict[str, list[str]]
    neighbours: dict[str, int]
    changed: float
    notes: list[str]

    def report(self) -> str:
        """All of it in words, a line for each new label."""
        lines = []
        for name, count in self.neighbours.items():
            concepts = ', '.join(self.concepts[name])
            lines.append(f'{name}: {count} neighbours{f", concepts: {concepts}" if concepts else ""}')
        what = 'stay as they were' if not self.changed else f'change by up to {self.changed:.2g} of the largest'
        lines.append(f'embeddings of the other {len(self.labels) - len(self.neighbours)} labels {what}')
        return '\n'.join([*lines, *self.notes, f'{self.path}: {len(self.labels)} labels'])


def add_labels(model: PathLike, labels: Sequence[str], out: PathLike, *, conceptnet: PathLike | None = None,
               words: PathLike | None = None, concepts: PathLike | Mapping[str, Sequence[str]] | None = None,
               missing_words: str = 'error', frozen: bool = True, threshold: float | None = None) -> Added:
    """Write ``out``: a published model with more labels, whose rows of the classifier the GCN makes from the graph.

    The new labels get what labels get that training held out (``hold_out`` of the heads): no row of a fully
    connected layer, no lateral connection, and the bias that such labels share. Without ``hold_out`` the bias is the
    median of the others, as is the threshold.

    Args:
        model: A published file; it stays as it is.
        labels: Names of the new labels.
        out: Name of the new file, ``.pth``.
        conceptnet: ConceptNet assertions, where the model's label graph has knowledge.
        words: The word vectors from which its embeddings were made.
        concepts: JSON, CSV or TSV file, label -> its concepts, or the same as a mapping.
        missing_words: See :func:`kss_mm.graph.embeddings.word_embeddings`.
        frozen: The logits of the other labels stay as they are. Otherwise the new ones become their neighbours, and
            change them.
        threshold: A probability from which the new labels are predicted.

    Raises:
        UserError: In one line, for a file that is no such model, labels that are there already, other word vectors.
    """
    model, out = os.fspath(model), os.fspath(out)
    if not out.endswith(CHECKPOINT_SUFFIX):
        raise InputError(f'{out}: must be the name of a file that ends in {CHECKPOINT_SUFFIX}')
    if os.path.exists(out) and os.path.exists(model) and os.path.samefile(out, model):
        raise InputError(f'{out}: is the model itself, which would be lost; give another name')
    if threshold is not None:
        check_number('threshold', threshold, 0, 1)
    check_target(out)
    content = load_plain(model)
    cfg = config_in(model, content)
    _check_kind(cfg, content, model)
    old = label_graph_in(content, model)
    if isinstance(concepts, str | os.PathLike):
        concepts = read_concept_mapping(os.fspath(concepts), labels)
    with progress_bar('Reading knowledge and words') as progress:
        graph = old.extend(labels, conceptnet=conceptnet or None, words=words or None, concepts=concepts,
                           missing_words=missing_words, progress=progress)
    state = content['state_dict']
    rename_all_former(state)
    encoders = [_encoder(cfg, state, of, unseen, frozen) for of, unseen in
                ((old, cfg.model.neck.get('unseen', 0)), (graph, cfg.model.neck.get('unseen', 0) + len(labels)))]
    changed = _change(*encoders)
    prefix = 'neck.'
    for key in [key for key in state if key.startswith(prefix)]:
        del state[key]
    state.update({prefix + key: value for key, value in encoders[1].state_dict().items()})
    notes = _widen_head(state, len(old.classes), len(labels), threshold, model)
    _widen_config(cfg, encoders[1], graph, list(labels), frozen, state)
    meta = _meta(content, cfg, graph, list(labels))
    save_plain(dict(state_dict=state, meta=meta, label_graph=as_tensors(graph)), out)
    found = graph.provenance.get('knowledge', {}).get('concepts', {})
    neighbours = dict(zip(labels, _neighbours(encoders[1])[-len(labels):]))
    notes += [f'{shown(name)}: has no neighbour in the label graph, so its word vector alone speaks for it'
              for name, count in neighbours.items() if not count]
    return Added(out, graph.classes, {name: found.get(name, []) for name in labels}, neighbours, changed, notes)


def _check_kind(cfg: Config, content: Mapping, path: str) -> None:
    neck = cfg.get('model', {}).get('neck')
    if cfg.get('model', {}).get('deploy'):
        raise InputError(f'{path}: is in deployed form, which has no label graph any more; add labels to the published '
                         'file that it was made from, and deploy that')
    if not isinstance(neck, Mapping) or str(neck.get('type')).rpartition('.')[2] != LabelGCN.__name__:
        raise InputError(f'{path}: has no kss_mm.LabelGCN, which makes the classifier of a label from a graph; only '
                         'models with one take labels that were never trained')
    if 'label_graph' not in content:
        raise InputError(f'{path}: has no label graph in it; publish it first: kss-mm publish-model {path} published/')


def _encoder(cfg: Config, state: Mapping[str, Tensor], graph: LabelGraph, unseen: int, frozen: bool) -> LabelGCN:
    """The GCN of the model, with its weights and another graph."""
    weights = {key.removeprefix('neck.'): value for key, value in state.items() if key.startswith('neck.layers.')}
    last = {key.split('.')[1]: value.shape[1] for key, value in weights.items() if '.weights.' in key}
    options = {**cfg.model.neck, 'graph': graph, 'unseen': unseen, 'frozen': frozen,
               'channels': [last[layer] for layer in sorted(last, key=int)]}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnseenLabelWarning)  # labels without samples are what this is about
        encoder = LabelGCN(**{key: value for key, value in options.items() if key not in ('type', 'init_cfg')})
    encoder.load_state_dict(weights, strict=False)
    return encoder.eval()


def _neighbours(encoder: LabelGCN) -> list[int]:
    """How many other labels each label takes something of."""
    adj = encoder.adj()
    counts = (adj != 0).sum(1) if isinstance(adj, Tensor) else adj.rows.diff()
    return (counts - 1).tolist()  # the label itself is one of them


@torch.no_grad()
def _change(before: LabelGCN, after: LabelGCN) -> float:
    """Largest change of the old labels' embeddings, relative to the largest of their layer."""
    return max(((new[:len(old)] - old).abs().max() / old.abs().max().clamp_min(torch.finfo(old.dtype).tiny)).item()
               for old, new in zip(before(), after()))


def _widen_head(state: MutableMapping[str, Tensor], old: int, more: int, threshold: float | None,
                path: str) -> list[str]:
    """Give the classifier's entries rows for more labels; notes on what they were made from."""
    def entry(name: str) -> Tensor | None:
        return next((value for key, value in state.items() if key.endswith(f'classifier.{name}')), None)

    shared, readout, notes = entry('unseen_bias'), entry('shared_readout'), []
    if shared is None:
        notes.append('the model was trained without hold_out, so its label embeddings never had to do alone: expect '
                     'little of labels that were added')

    def rows(key: str, value: Tensor) -> Tensor | None:
        name = key.rpartition('classifier.')[2]
        match name:
            case 'fc.weight' | 'fc.bias' | 'readout_bias':
                return value.new_zeros(more, *value.shape[1:])
            case 'bias':
                return (value.median() if shared is None else shared).expand(more).clone()
            case 'threshold_logits':
                chosen = value.median() if threshold is None else reaching(torch.tensor([float(threshold)]))[0]
                return chosen.expand(more).clone()
            case 'readout':
                return (value.mean(0, keepdim=True) if readout is None else readout).expand(more, -1, -1).clone()
        return None

    for key in [key for key in state if 'head.' in key]:
        value = state[key]
        new = rows(key, value) if value.ndim and len(value) == old else None
        if new is not None:
            state[key] = torch.cat([value, new.to(value)])
        elif value.ndim and len(value) == old and 'classifier.' in key and 'layers.' not in key:
            raise InputError(f'{path}: {key} has a row for each of the {old} labels, and nothing says what it is for '
                             'others')
    return notes


def _widen_config(cfg: Config, encoder: LabelGCN, graph: LabelGraph, labels: list[str], frozen: bool,
                  state: Mapping[str, Tensor]) -> None:
    """Say in the config what the model has now: labels, sizes, numbers of each label."""
    number, more = len(graph.classes), len(labels)
    edges = encoder.adjacency_values.numel() if encoder.sparse else None
    cfg.model.neck.update(graph=dict(classes=list(graph.classes), width=graph.embeddings.shape[1], edges=edges),
                          unseen=number - encoder.seen, frozen=frozen)
    head = head_of(cfg.model)
    if head.get('num_classes') is not None:
        head.num_classes = number
    bias = next((value for key, value in state.items() if key.endswith('classifier.bias')), None)
    if isinstance(head.get('prior'), list | tuple):
        head.prior = [*head.prior, *bias[-more:].sigmoid().tolist()]
    for loss in (head.get('loss'), head.get('loss_cls')):
        if isinstance(loss, Mapping) and isinstance(loss.get('pos_weight'), list | tuple):
            loss.pos_weight = [*loss.pos_weight, *[1.] * more]
    for loop in ('val', 'test'):
        _each(cfg.get(f'{loop}_evaluator'), lambda metric: _widen_metric(metric, labels))
        dataset = (cfg.get(f'{loop}_dataloader') or {}).get('dataset')
        _each(dataset, lambda dataset: _no_longer_left_out(dataset, labels))


def _each(parts: object, change: Callable[[MutableMapping], None]) -> None:
    for part in parts if isinstance(parts, list | tuple) else [parts]:
        if isinstance(part, MutableMapping):
            change(part)


def _widen_metric(metric: MutableMapping, labels: list[str]) -> None:
    if metric.get('type') == _METRIC:
        metric['unseen'] = [*(metric.get('unseen') or ()), *labels]
    if isinstance(metric.get('frequency'), list | tuple):
        metric['frequency'] = [*metric['frequency'], *[0] * len(labels)]


def _no_longer_left_out(dataset: MutableMapping, labels: list[str]) -> None:
    left_out = dataset.get('held_out')
    if isinstance(left_out, list | tuple):
        dataset['held_out'] = [name for name in left_out if name not in labels]


def _meta(content: Mapping, cfg: Config, graph: LabelGraph, labels: list[str]) -> dict:
    meta = dict(content.get('meta', {}), cfg=cfg.pretty_text, kss_mm_version=__version__)
    dataset = dict(meta.get('dataset_meta', {}))
    dataset.update({'classes': list(graph.classes), UNSEEN: [*dataset.get(UNSEEN, ()), *labels]})
    meta['dataset_meta'] = dataset
    if isinstance(meta.get(COUNTS), Mapping):
        meta[COUNTS] = dict(meta[COUNTS], samples=[*meta[COUNTS]['samples'], *[0] * len(labels)])
    return meta
