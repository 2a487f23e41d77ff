"""LabelGraph: what is known about the labels of one data set, in one .npz file without pickles."""

import json
import os
from dataclasses import dataclass, field

import numpy as np

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.archive import pack_matrix, read_npz, unpack_matrix, write_npz
from kss_mm.graph.matrices import Matrix, as_square
from kss_mm.graph.statistics import MLGCN_REWEIGHT, MLGCN_THRESHOLD, statistical_adjacency
from kss_mm.graph.superimpose import superimpose

#: Raised when the layout of the file changes, so that an old reader says so instead of guessing.
FORMAT_VERSION = 1
REMEDY = 'build it with tools/build_label_graph.py'

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class LabelGraph:
    """Classes, co-occurrence counts, knowledge edges and word vectors of one data set, and how each was made.

    Args:
        classes: names of the labels, all different, in label order.
        counts: (K, K) int64 samples with both labels, the diagonal samples with the label; dense or CSR.
        num_samples: (K,) samples with each label.
        total: samples in the data set, with or without labels.
        knowledge: (K, K) A_K of eq. 1, raw; None if none was built.
        embeddings: (K, D) float32 E(0); None if none were read.
        provenance: how each part was made, plain JSON values.

    Raises:
        InputError: names that repeat, shapes that do not fit, numbers that are not finite.
    """

    classes: tuple[str, ...]
    counts: Matrix
    num_samples: np.ndarray
    total: int
    knowledge: Matrix | None = None
    embeddings: np.ndarray | None = None
    provenance: dict = field(default_factory=dict)

    def __post_init__(self):
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731  (the dataclass is frozen)
        put('classes', check_classes(self.classes))
        put('counts', as_square(self.counts, 'counts'))
        put('num_samples', np.asarray(self.num_samples))
        put('total', int(self.total))
        self._check_size('counts', self.counts.shape[0])
        if self.num_samples.ndim != 1 or self.num_samples.dtype.kind not in 'iu' or (self.num_samples < 0).any():
            raise InputError('num_samples must be a vector of integers >= 0, one a label')
        self._check_size('num_samples', len(self.num_samples))
        if len(self.num_samples) and self.total < self.num_samples.max():
            raise InputError(f'total is {self.total}, but one label alone has {self.num_samples.max()} samples')
        if self.knowledge is not None:
            put('knowledge', as_square(self.knowledge, 'knowledge').astype(np.float64))
            self._check_size('knowledge', self.knowledge.shape[0])
        if self.embeddings is not None:
            put('embeddings', np.asarray(self.embeddings, dtype=np.float32))
            if self.embeddings.ndim != 2 or not self.embeddings.shape[1]:
                raise InputError(f'embeddings must be (K, D) with D >= 1, got shape {self.embeddings.shape}')
            self._check_size('embeddings', len(self.embeddings))
            if not np.isfinite(self.embeddings).all():
                raise InputError('embeddings hold NaN or infinity')

    def _check_size(self, name: str, size: int) -> None:
        if size != len(self.classes):
            raise InputError(f'{name} is for {size} labels, but there are {len(self.classes)} classes')

    @property
    def priors(self) -> np.ndarray:
        """(K,) share of the samples that carry each label."""
        return self.num_samples / max(self.total, 1)

    def statistical(self, *, form: str = 'mlgcn', threshold: float = MLGCN_THRESHOLD,
                    reweight: float = MLGCN_REWEIGHT) -> Matrix:
        """(K, K) raw A_S, see :func:`~kss_mm.graph.statistical_adjacency`."""
        return statistical_adjacency(self.counts, self.num_samples, form, threshold, reweight)

    def adjacency(self, *, lam: float, tau: float, eta: float, form: str = 'mlgcn',
                  threshold: float = MLGCN_THRESHOLD, reweight: float = MLGCN_REWEIGHT) -> Matrix:
        """(K, K) float64 normalised A_KS of eq. 6, see :func:`~kss_mm.graph.superimpose`; CSR where counts are."""
        stat = self.statistical(form=form, threshold=threshold, reweight=reweight)
        return superimpose(stat, self.knowledge, lam=lam, tau=tau, eta=eta)

    def save(self, path: PathLike) -> None:
        """Write the .npz file as a whole or not at all; the same graph gives the same bytes."""
        arrays = {'format_version': np.array(FORMAT_VERSION), 'classes': np.array(self.classes, dtype=np.str_),
                  'num_samples': self.num_samples.astype(np.int64), 'total': np.array(self.total, np.int64),
                  'provenance': np.array(json.dumps(self.provenance, sort_keys=True, allow_nan=False))}
        arrays |= pack_matrix('counts', self.counts)
        if self.knowledge is not None:
            arrays |= pack_matrix('knowledge', self.knowledge)
        if self.embeddings is not None:
            arrays['embeddings'] = self.embeddings
        write_npz(path, arrays)

    @classmethod
    def load(cls, path: PathLike) -> 'LabelGraph':
        """Read what :meth:`save` wrote.

        Raises:
            MissingFileError: there is no such file.
            InputError: it is no label graph, damaged, or of another format version.
        """
        if not os.path.isfile(path):
            raise MissingFileError(f'{path}: no such label graph; {REMEDY}')
        try:
            arrays = read_npz(path)
            version = int(arrays['format_version'])
            if version != FORMAT_VERSION:
                raise ValueError(f'format version {version}, this kss_mm reads {FORMAT_VERSION}')
            counts = unpack_matrix('counts', arrays)
            if counts is None:
                raise KeyError('counts')
            return cls(classes=tuple(arrays['classes'].tolist()), counts=counts,
                       num_samples=arrays['num_samples'], total=int(arrays['total']),
                       knowledge=unpack_matrix('knowledge', arrays), embeddings=arrays.get('embeddings'),
                       provenance=json.loads(str(arrays['provenance'])))
        except KeyError as error:
            raise InputError(f'{path}: not a label graph, it has no entry {error}; {REMEDY}') from error
        except (ValueError, TypeError) as error:
            raise InputError(f'{path}: not a readable label graph ({error}); {REMEDY}') from error


def check_classes(classes) -> tuple[str, ...]:
    """The class names as a tuple.

    Raises:
        InputError: none, an empty one, or one that comes twice.
    """
    classes = tuple(classes)
    if not classes:
        raise InputError('there are no classes; a label graph needs at least one')
    first: dict[str, int] = {}
    for index, name in enumerate(classes):
        if not isinstance(name, str) or not name.strip():
            raise InputError(f'class {index} (counted from 0) has no name: {name!r}')
        if name in first:
            raise InputError(f'class name {name!r} comes twice (classes {first[name]} and {index}, counted from 0); '
                             'make the names different')
        first[name] = index
    return classes
