"""Labels that are added to a label graph: knowledge and embeddings, and no samples."""

import dataclasses
import os
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.class_names import check_classes, did_you_mean
from kss_mm.graph.concept_names import ENGLISH
from kss_mm.graph.conceptnet import read_assertions
from kss_mm.graph.concepts import candidate_concepts, match_concepts
from kss_mm.graph.knowledge import knowledge_adjacency
from kss_mm.graph.label_embeddings import read_embeddings
from kss_mm.graph.matrices import Matrix
from kss_mm.graph.statistics import UnseenLabelWarning
from kss_mm.graph.unknown_counts import UnknownCounts
from kss_mm.graph.word_forms import split_words

#: Where ``provenance`` names the labels that were added, in their order, at the end of all.
ADDED = 'added'
# Old labels whose embeddings are made again, to see whether these are the graph's word vectors, and how far they may be
# off.
_LOOKED_UP, _ROUNDING = 8, 1e-4

Progress = Callable[[int, int], None]


class Extendable:
    """Part of :class:`~kss_mm.graph.LabelGraph`: graphs of more or fewer labels."""

    def extend(self, labels: Sequence[str], *, conceptnet: PathLike | None = None, words: PathLike | None = None,
               concepts: Mapping[str, Sequence[str]] | None = None, missing_words: str = 'error',
               progress: Progress | None = None) -> 'Extendable':
        """The graph with more labels at its end, of which there is no sample; what was there stays bit for bit.

        The new labels' relations are looked up as those of the old ones were: in the same language, with the same
        kinds of relations.

        >>> from pathlib import Path; from tempfile import TemporaryDirectory
        >>> from kss_mm.graph import LabelGraph
        >>> graph = LabelGraph(('dog',), counts=np.array([[3]]), num_samples=np.array([3]), total=4,
        ...                    knowledge=np.array([[0.]]), embeddings=np.array([[1., 0.]]))
        >>> with TemporaryDirectory() as folder:
        ...     net, words = Path(folder, 'net.csv'), Path(folder, 'words.txt')
        ...     _ = net.write_text('/a/x\\t/r/IsA\\t/c/en/puppy\\t/c/en/dog\\t{"weight": 2.0}')
        ...     _ = words.write_text('dog 1 0\\npuppy .9 .1')
        ...     wider = graph.extend(['puppy'], conceptnet=net, words=words)
        >>> wider.classes, wider.num_samples, wider.knowledge
        (('dog', 'puppy'), array([3, 0]), array([[0., 2.],
               [2., 0.]]))

        Args:
            conceptnet: The assertions, for a graph with knowledge.
            words: The word vectors from which the graph's embeddings were made, for a graph with embeddings.
            concepts: Concepts of new labels in plain words; the others go by their names, see
                :mod:`~kss_mm.graph.concepts`.
            missing_words: See :func:`~kss_mm.graph.embeddings.word_embeddings`.
            progress: Called with (bytes of a file read, its size).

        Raises:
            InputError: For a label that is there already, sources that are missing or not the graph's, a graph of a
                superimposed matrix.
        """
        new = _new_labels(self, labels)
        if self.superimposed is not None:
            raise InputError(f'{self.name}: has a superimposed matrix given ready made, which says nothing of other '
                             'labels; build the graph from labels and ConceptNet to add some')
        _check_sources(self, conceptnet, words)
        added = list(self.provenance.get(ADDED, ())) + list(new)
        provenance = {**self.provenance, ADDED: added}
        knowledge = embeddings = None
        if words is not None:
            embeddings = np.concatenate([self.embeddings, _embeddings(self, new, os.fspath(words), missing_words,
                                                                       progress)])
        if conceptnet is not None:
            rows, found = _relations(self, new, os.fspath(conceptnet), concepts or {}, progress)
            knowledge = _joined(self.knowledge, rows)
            stored = provenance.get('knowledge', {})
            provenance['knowledge'] = {**stored, 'concepts': {**stored.get('concepts', {}), **found}}
        return dataclasses.replace(
            _plain(self), classes=(*self.classes, *new), counts=_padded(self.counts, len(new)),
            num_samples=np.pad(self.num_samples, (0, len(new))), knowledge=knowledge, embeddings=embeddings,
            provenance=provenance, unknown=_unknown(self, len(new)))

    def chosen(self, labels: Sequence[int]) -> 'Extendable':
        """The graph of some of its labels alone.

        >>> from kss_mm.graph import LabelGraph
        >>> graph = LabelGraph(('dog', 'puppy'), counts=np.array([[3, 0], [0, 0]]), num_samples=np.array([3, 0]),
        ...                    total=4)
        >>> graph.chosen([0]).counts
        array([[3]])

        Args:
            labels: Their indices, in the order that they are to have.
        """
        labels = np.asarray(labels)

        def part(matrix: Matrix | None) -> Matrix | None:
            return None if matrix is None else matrix[labels][:, labels]

        unknown = self.unknown and UnknownCounts(self.unknown.samples[labels], part(self.unknown.pairs))
        return dataclasses.replace(
            _plain(self), classes=tuple(self.classes[label] for label in labels), counts=part(self.counts),
            knowledge=part(self.knowledge), superimposed=part(self.superimposed), unknown=unknown,
            num_samples=None if self.num_samples is None else self.num_samples[labels],
            embeddings=None if self.embeddings is None else self.embeddings[labels])

    def frozen_adjacency(self, seen: int, **options) -> Matrix:
        """A'_KS in which the first labels, ``seen`` of them, have the rows that they have without the others.

        Each of the others has the row that it has beside these alone, so that it does not depend on what else was
        added.

        >>> from kss_mm.graph import LabelGraph
        >>> graph = LabelGraph(('dog', 'puppy'), counts=np.array([[3, 0], [0, 0]]), num_samples=np.array([3, 0]),
        ...                    total=4, knowledge=np.array([[0., 2.], [2., 0.]]))
        >>> graph.frozen_adjacency(1, lam=0, tau=0, eta=.5)
        array([[1. , 0. ],
               [0.5, 0.5]])

        Args:
            options: Of :meth:`LabelGraph.adjacency`.
        """
        first = range(seen)
        top = self.chosen(first).adjacency(**options)  # (k, k)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', UnseenLabelWarning)  # they are known to be
            rows = [self.chosen([*first, label]).adjacency(**options)[[-1]]  # (1, k + 1)
                    for label in range(seen, len(self.classes))]
        below, loops = [row[:, :seen] for row in rows], np.diag([row[0, seen] for row in rows])
        if sp.issparse(rows[0]):
            return sp.bmat([[sp.csr_matrix(top), None], [sp.vstack(below), sp.csr_matrix(loops)]], format='csr')
        return np.block([[top, np.zeros((seen, len(rows)))], [np.concatenate(below), loops]])


def _plain(graph: Extendable) -> Extendable:
    """The label graph itself, without what a subclass knows of how it was built, and without its file."""
    kinds = type(graph).__mro__
    kind = kinds[kinds.index(Extendable) - 1]
    names = [field.name for field in dataclasses.fields(kind)]
    return kind(**{**{name: getattr(graph, name) for name in names}, 'path': None})


def _new_labels(graph: Extendable, labels: Sequence[str]) -> tuple[str, ...]:
    if isinstance(labels, str):
        raise InputError(f'labels must be a list of names, got the text {shown(labels)}')
    new = check_classes(labels)
    if there := [name for name in new if name in set(graph.classes)]:
        raise InputError(f'{graph.name}: has the label {shown(there[0])} already; add labels of other names')
    return new


def _check_sources(graph: Extendable, conceptnet: PathLike | None, words: PathLike | None) -> None:
    for name, part, given, origin in (
            ('conceptnet', graph.knowledge, conceptnet, graph.provenance.get('knowledge', {}).get('file')),
            ('words', graph.embeddings, words, graph.provenance.get('embeddings', {}).get('source'))):
        what = 'knowledge graph' if name == 'conceptnet' else 'label embeddings'
        has = f'a {what}' if name == 'conceptnet' else what
        made = f', made from {origin}' if origin else ''
        if part is not None and given is None:
            raise InputError(f'{graph.name}: has {has}{made}, so labels that are added need the same: give {name}')
        if part is None and given is not None:
            raise InputError(f'{graph.name}: has no {what}, so {name}={os.fspath(given)} cannot add to it; leave it '
                             'out, or build the graph and train with it')
    if graph.knowledge is None and graph.embeddings is None:
        raise InputError(f'{graph.name}: has neither knowledge nor embeddings, so nothing is known of a label without '
                         'samples; build it with ConceptNet and word vectors')


def _embeddings(graph: Extendable, new: Sequence[str], words: str, missing: str,
                progress: Progress | None) -> np.ndarray:
    """E(0) of the new labels, (n, D), after some of the old ones have come out as the graph has them."""
    known = graph.classes[:_LOOKED_UP]
    policy = 'zero' if missing == 'error' else missing
    found, report = read_embeddings([*known, *new], words, missing=policy, progress=progress)
    again, added = np.split(found, [len(known)])
    if again.shape[1] != graph.embeddings.shape[1]:
        raise InputError(f'{words}: has vectors of {again.shape[1]} numbers, the embeddings of {graph.name} have '
                         f'{graph.embeddings.shape[1]}; give the word vectors that it was made from')
    off = np.abs(again - graph.embeddings[:len(known)]).max(axis=1)  # (k,)
    if (off > _ROUNDING).all():
        raise InputError(f'{words}: gives {shown(known[0])} another embedding than {graph.name} has; give the word '
                         'vectors that it was made from')
    for name, vector in zip(new, added):
        absent = [word for word in split_words(name) if word in report.missing]
        if not vector.any():
            raise InputError(f'{words}: has no word of the label {shown(name)}, so nothing is known of it; name it in '
                             'words that are there')
        if absent and missing == 'error':
            raise InputError(f'{words}: lacks the word {shown(absent[0])} of the label {shown(name)}; name it in other '
                             "words, or set missing_words='zero' to leave it out")
    return added


def _relations(graph: Extendable, new: Sequence[str], conceptnet: str, concepts: Mapping[str, Sequence[str]],
               progress: Progress | None) -> tuple[np.ndarray, dict[str, list[str]]]:
    """Weights of the new labels' relations to all labels, (n, K + n), and the concepts that they go by."""
    if unknown := [name for name in concepts if name not in new]:
        raise InputError(f'concepts name {shown(unknown[0])}, which is no label that is added'
                         f'{did_you_mean(unknown[0], new)}')
    made = graph.provenance.get('knowledge', {})
    language, stored = made.get('language', ENGLISH), made.get('concepts', {})
    looked_up = [*(name for name in graph.classes if name not in stored), *new]  # the others are known already
    phrases = [phrase for name in looked_up for phrase in concepts.get(name, [name])]
    wanted = candidate_concepts(phrases, language).union(*stored.values())
    found = read_assertions(conceptnet, wanted, language=language, relations=made.get('relations'),
                            exclude=made.get('exclude', ()), progress=progress)
    matches = {match.label: match.concepts for match in match_concepts(looked_up, found.known, concepts, language)}
    every = [stored.get(name) or matches.get(name, ()) for name in (*graph.classes, *new)]
    adjacency = knowledge_adjacency(found.edges, every, sparse=sp.issparse(graph.knowledge))
    return adjacency[len(graph.classes):], {name: list(matches[name]) for name in looked_up}


def _joined(old: Matrix, rows: Matrix) -> Matrix:
    """A symmetric matrix with more rows, (n, K + n), below and the same to its right."""
    size = old.shape[0]
    if sp.issparse(old):
        rows = sp.csr_matrix(rows)
        return sp.bmat([[old, rows[:, :size].T], [rows[:, :size], rows[:, size:]]], format='csr')
    return np.block([[old, rows[:, :size].T], [rows[:, :size], rows[:, size:]]])


def _padded(matrix: Matrix, more: int) -> Matrix:
    """A square matrix with rows and columns of zeros at its end."""
    if not sp.issparse(matrix):
        return np.pad(matrix, (0, more))
    matrix = matrix.copy()
    matrix.resize(tuple(size + more for size in matrix.shape))
    return matrix


def _unknown(graph: Extendable, more: int) -> UnknownCounts | None:
    if graph.unknown is None:
        return None
    return UnknownCounts(np.pad(graph.unknown.samples, (0, more)), _padded(graph.unknown.pairs, more))
