"""Samples and their labels as a file says them, before and after they are one matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import shown

Label = str | int
#: Begin and end of a part of a video, in seconds.
Times = tuple[float, float]


class LabelMatrix(NamedTuple):
    """Names of the K classes, the (N, K) CSR matrix of 0, 1 and -1 (unknown), and where both came from.

    ``matrix`` is None where only the names are known. ``ids`` are the samples' names, of files as a rule, where the
    source has them; ``files`` is how the source itself writes those of files, ``times`` which part of one a sample is,
    ``splits`` to which part of the data it belongs, ``places`` where it stands in the file. ``notes`` say how it was
    read wherever that was a choice.
    """

    classes: tuple[str, ...]
    matrix: sp.csr_matrix | None
    source: dict
    ids: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    times: tuple[Times, ...] | None = None
    splits: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None


@dataclass
class Found:
    """Findings of the reader of one format.

    Args:
        labels: Names or indices of every sample, or the (N, K) matrix itself.
        classes: What the file calls its labels, by index.
        ids: The samples' names.
        numbers: Where in the file each sample stands, as ``place`` counts it.
        notes: What was decided in reading.
        files: The samples' files as they are written, where ``ids`` are more or less than that.
        times: The part of its file that a sample is.
        splits: The part of the data that a sample belongs to.
        unknown: Labels of which the file says that nobody knows whether a sample has them.
    """

    labels: Sequence[Sequence[Label]] | np.ndarray | sp.csr_matrix
    classes: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    place: str = 'sample'
    numbers: Sequence[int] | None = None
    notes: list[str] = field(default_factory=list)
    files: Sequence[str] | None = None
    times: Sequence[Times] | None = None
    splits: Sequence[str] | None = None
    unknown: Sequence[Sequence[Label]] | None = None

    def where(self, index: int) -> str:
        if self.numbers is not None:
            return f'{self.place} {self.numbers[index]}'
        name = '' if self.ids is None else f', {shown(self.ids[index])}'
        return f'{self.place} {index} (counted from 0{name})'
