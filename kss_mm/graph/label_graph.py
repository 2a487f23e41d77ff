"""LabelGraph: what is known about the labels of one data set, in one .npz file without pickles."""

import json
import os
from dataclasses import dataclass, field

import numpy as np

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike
from kss_mm.graph.archive import pack_matrix, read_npz, unpack_matrix, write_npz
from kss_mm.graph.class_names import check_classes
from kss_mm.graph.extend import Extendable
from kss_mm.graph.graph_entries import number_in, provenance_in, unknown_in
from kss_mm.graph.matrices import Matrix, as_square
from kss_mm.graph.statistics import MLGCN_REWEIGHT, MLGCN_THRESHOLD, statistical_adjacency
from kss_mm.graph.superimpose import ks_graph, mlgcn_graph, superimpose
from kss_mm.graph.unknown_counts import UnknownCounts

#: Raised when the layout of the file changes, so that an old reader says so instead of guessing.
FORMAT_VERSION = 1
#: That of files with counts of unknown labels, without which an old reader would take wrong shares.
UNKNOWN_VERSION = 2
REMEDY = 'build it with tools/build_label_graph.py'
#: How an adjacency is normalised: as the paper writes it, or as ML-GCN's released code does.
NORMALIZATIONS = ('paper', 'mlgcn')


@dataclass(frozen=True, eq=False, repr=False)
class LabelGraph(Extendable):
    """Classes, co-occurrence counts, knowledge edges and word vectors of one data set, and how each was made.

    ``counts``, ``num_samples`` and ``total`` belong together; only where ``superimposed`` is given may they be None.

    >>> graph = LabelGraph(('person', 'dog'), counts=np.array([[4, 2], [2, 2]]), num_samples=np.array([4, 2]), total=8)
    >>> graph.priors
    array([0.5 , 0.25])
    >>> graph.adjacency(lam=1, tau=0, eta=.5).round(3)  # the statistical graph alone
    array([[0.9, 0.1],
           [0.1, 0.9]])

    Args:
        classes: Names of the labels, all different, in label order.
        counts: (K, K) int64 samples with both labels, the diagonal samples with the label; dense or CSR.
        num_samples: (K,) samples with each label.
        total: Samples in the data set, with or without labels.
        knowledge: (K, K) A_K of eq. 1, raw; None if none was built.
        embeddings: (K, D) float32 E(0); None if none were read.
        provenance: How each part was made, plain JSON values.
        superimposed: (K, K) the mixture of eq. 2 given ready made, before tau, eta and the last normalisation, as in
            the adjacency file of the released code; None, as a rule, where counts and knowledge give it.
        path: The file it was read from, for messages.
        unknown: Samples in which labels are unknown; None where all are known.

    Raises:
        InputError: Names that repeat, shapes that do not fit, numbers that are not finite.
    """

    classes: tuple[str, ...]
    counts: Matrix | None = None
    num_samples: np.ndarray | None = None
    total: int | None = None
    knowledge: Matrix | None = None
    embeddings: np.ndarray | None = None
    provenance: dict = field(default_factory=dict)
    superimposed: Matrix | None = None
    path: PathLike | None = None
    unknown: UnknownCounts | None = None

    def __post_init__(self):
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731  (the dataclass is frozen)
        put('classes', check_classes(self.classes))
        absent = [name for name in ('counts', 'num_samples', 'total') if getattr(self, name) is None]
        if absent and (len(absent) < 3 or self.superimposed is None):
            raise InputError(f'{", ".join(absent)} must be given: only a graph with a superimposed matrix does without '
                             'counts, num_samples and total')
        if not absent:
            put('counts', as_square(self.counts, 'counts'))
            put('num_samples', np.asarray(self.num_samples))
            put('total', int(self.total))
            self._check_counts()
        for name in ('knowledge', 'superimposed'):
            if getattr(self, name) is not None:
                put(name, as_square(getattr(self, name), name).astype(np.float64))
                self._check_size(name, getattr(self, name).shape[0])
        if self.embeddings is not None:
            if np.asarray(self.embeddings).dtype.kind not in 'iuf':
                raise InputError(f'embeddings must be numbers, got {np.asarray(self.embeddings).dtype}')
            with np.errstate(over='ignore'):  # the check below finds what float32 cannot hold
                put('embeddings', np.asarray(self.embeddings, dtype=np.float32))
            if self.embeddings.ndim != 2 or not self.embeddings.shape[1]:
                raise InputError(f'embeddings must be (K, D) with D >= 1, got shape {self.embeddings.shape}')
            self._check_size('embeddings', len(self.embeddings))
            if not np.isfinite(self.embeddings).all():
                raise InputError('embeddings hold NaN or infinity')

    def _check_counts(self) -> None:
        self._check_size('counts', self.counts.shape[0])
        if self.num_samples.ndim != 1 or self.num_samples.dtype.kind not in 'iu' or (self.num_samples < 0).any():
            raise InputError('num_samples must be a vector of integers >= 0, one a label')
        self._check_size('num_samples', len(self.num_samples))
        if not 0 <= self.total < 1 << 63:
            raise InputError(f'total must be a number of samples, got {self.total}')
        if self.total < self.num_samples.max():
            raise InputError(f'total is {self.total}, but one label alone has {self.num_samples.max()} samples')
        if self.unknown is not None:
            object.__setattr__(self, 'unknown', self.unknown.checked(self.num_samples, self.total))

    def _check_size(self, name: str, size: int) -> None:
        if size != len(self.classes):
            raise InputError(f'{name} is for {size} labels, but there are {len(self.classes)} classes')

    @property
    def name(self) -> str:
        """Name in messages: its file, if it has one."""
        return 'the label graph' if self.path is None else str(self.path)

    def __repr__(self) -> str:
        said = 'superimposed' if self.total is None else f'{self.total} samples'
        file = '' if self.path is None else f'{self.path}: '
        return f'<{type(self).__name__} {file}{len(self.classes)} labels, {said}>'

    def _repr_html_(self) -> str:
        from kss_mm.graph.html_summary import html_summary

        return html_summary(self)

    def require_counts(self, purpose: str) -> None:
        """Raise an InputError, saying what they are for, if there are no counts."""
        if self.counts is None:
            raise InputError(f'{self.name} holds a superimposed matrix and no counts, which {purpose} needs; build it '
                             'with labels as well (tools/build_label_graph.py --labels)')

    @property
    def known(self) -> np.ndarray:
        """(K,) samples in which it is known whether they carry each label; InputError without counts."""
        self.require_counts('the number of samples with each label known')
        return self.total - (np.zeros_like(self.num_samples) if self.unknown is None else self.unknown.samples)

    @property
    def priors(self) -> np.ndarray:
        """(K,) share of the samples that carry each label, of those where it is known; InputError without counts."""
        self.require_counts('the share of samples of each label')
        return self.num_samples / np.maximum(self.known, 1)

    def statistical(self, *, form: str = 'mlgcn', threshold: float = MLGCN_THRESHOLD,
                    reweight: float = MLGCN_REWEIGHT) -> Matrix:
        """(K, K) raw A_S, see :func:`~kss_mm.graph.statistical_adjacency`; InputError without counts."""
        self.require_counts('the statistical graph')
        return statistical_adjacency(self.counts, self.num_samples, form, threshold, reweight,
                                     unknown_pairs=None if self.unknown is None else self.unknown.pairs)

    def adjacency(self, *, lam: float | None, tau: float, eta: float, form: str = 'mlgcn',
                  threshold: float = MLGCN_THRESHOLD, reweight: float = MLGCN_REWEIGHT,
                  normalize: str = 'paper', frozen: int | None = None) -> Matrix:
        """(K, K) float64 normalised A_KS of eq. 6, see :func:`~kss_mm.graph.superimpose`; CSR where counts are.

        lam=None takes ``superimposed`` for the mixture, as it is, and ends as the released code does: tau and eta,
        then normalised by the sums of columns. ``form``, ``threshold`` and ``reweight`` play no part in it.
        normalize='mlgcn' is :func:`~kss_mm.graph.superimpose.mlgcn_graph` of the statistical graph alone, lam=1.
        frozen keeps the rows of the first labels, so many, as they are without the others, see
        :meth:`frozen_adjacency`.

        Raises:
            InputError: Lam=None without ``superimposed``, another lam without counts, or normalize='mlgcn' with a lam
                other than 1.
        """
        if frozen is not None:
            return self.frozen_adjacency(frozen, lam=lam, tau=tau, eta=eta, form=form, threshold=threshold,
                                         reweight=reweight, normalize=normalize)
        if normalize not in NORMALIZATIONS:
            raise InputError(f'normalize must be one of {", ".join(NORMALIZATIONS)}, got {shown(normalize)}')
        if normalize == 'mlgcn' and lam != 1:
            raise InputError(f"normalize='mlgcn' is of the statistical graph alone, got lam={shown(lam)}: set lam=1")
        if lam is None:
            if self.superimposed is None:
                raise InputError(f'{self.name} has no superimposed matrix, which lam=None takes as it is; set lam in '
                                 '0..1 or build it with one (tools/build_label_graph.py --superimposed)')
            return ks_graph(self.superimposed, tau=tau, eta=eta, by_columns=True)
        if self.counts is None:
            raise InputError(f'{self.name} holds a superimposed matrix and no counts, so there is nothing to mix by '
                             f'lam={lam}; set lam=None')
        stat = self.statistical(form=form, threshold=threshold, reweight=reweight)
        if normalize == 'mlgcn':
            return mlgcn_graph(stat, tau=tau, eta=eta)
        return superimpose(stat, self.knowledge, lam=lam, tau=tau, eta=eta)

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays of numbers and text, what the file holds; :meth:`from_arrays` is the way back."""
        version = FORMAT_VERSION if self.unknown is None else UNKNOWN_VERSION
        arrays = {'format_version': np.array(version), 'classes': np.array(self.classes, dtype=np.str_)}
        if self.counts is not None:
            arrays |= {'num_samples': self.num_samples.astype(np.int64), 'total': np.array(self.total, np.int64)}
        arrays['provenance'] = np.array(json.dumps(self.provenance, sort_keys=True, allow_nan=False))
        if self.unknown is not None:
            arrays |= {'unknown': self.unknown.samples, **pack_matrix('unknown_pairs', self.unknown.pairs)}
        for name in ('counts', 'knowledge', 'embeddings', 'superimposed'):
            if getattr(self, name) is not None:
                arrays |= pack_matrix(name, getattr(self, name))
        return arrays

    def save(self, path: PathLike) -> None:
        """Write the .npz file as a whole or not at all; the same graph gives the same bytes."""
        write_npz(path, self.arrays())

    @classmethod
    def load(cls, path: PathLike) -> 'LabelGraph':
        """Read what :meth:`save` wrote.

        Raises:
            MissingFileError: There is no such file.
            InputError: It is not a label graph, damaged, or of another format version.
        """
        if not os.path.isfile(path):
            raise MissingFileError(f'{path}: no such label graph; {REMEDY}')
        try:
            arrays = read_npz(path)
        except (ValueError, TypeError) as error:
            raise InputError(f'{path}: not a readable label graph ({error}); {REMEDY}') from error
        return cls.from_arrays(arrays, path)

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], path: PathLike) -> 'LabelGraph':
        """The graph of :meth:`arrays`, which the file ``path`` holds; errors as :meth:`load`."""
        try:
            version = number_in(arrays, 'format_version')
            if version not in (FORMAT_VERSION, UNKNOWN_VERSION):
                raise ValueError(f'format version {version}, this kss_mm reads {FORMAT_VERSION} and {UNKNOWN_VERSION}')
            if (version == UNKNOWN_VERSION) != ('unknown' in arrays):
                raise ValueError(f'format version {version}, {"but" if "unknown" in arrays else "without"} counts of '
                                 'unknown labels')
            names = np.asarray(arrays['classes'])
            if names.ndim != 1 or names.dtype.kind != 'U':
                raise ValueError(f'its classes must be a list of names, got {names.dtype} of shape {names.shape}')
            counts, superimposed = unpack_matrix('counts', arrays), unpack_matrix('superimposed', arrays)
            if counts is None and superimposed is None:
                raise KeyError('counts')
            samples = {} if counts is None else {'num_samples': arrays['num_samples'],
                                                 'total': number_in(arrays, 'total'), 'unknown': unknown_in(arrays)}
            return LabelGraph(classes=tuple(names.tolist()), counts=counts, **samples,
                              knowledge=unpack_matrix('knowledge', arrays), embeddings=arrays.get('embeddings'),
                              provenance=provenance_in(arrays), superimposed=superimposed, path=path)
        except KeyError as error:
            raise InputError(f'{path}: not a label graph, it has no entry {error}; {REMEDY}') from error
        except (ValueError, TypeError, OverflowError, MemoryError) as error:
            raise InputError(f'{path}: not a readable label graph ({error}); {REMEDY}') from error
