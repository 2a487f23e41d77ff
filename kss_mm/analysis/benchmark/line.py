"""One line of the benchmark: a ratio with its spread, and the target that it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Ratio(NamedTuple):
    """Median and quartiles of the ratios of all rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> 'Ratio':
        low, median, high = np.percentile(ratios, (25, 50, 75))
        return cls(float(median), float(low), float(high))

    @classmethod
    def exact(cls, ratio: float) -> 'Ratio':
        """A ratio that was not sampled, such as one of bytes."""
        return cls(ratio, ratio, ratio)


class Target(NamedTuple):
    """A bound on the median of a ratio."""

    bound: float
    upper: bool

    def met(self, ratio: Ratio) -> bool:
        return ratio.median <= self.bound if self.upper else ratio.median >= self.bound

    def __str__(self) -> str:
        return f'{"<=" if self.upper else ">="} {self.bound:g}'


def at_most(bound: float) -> Target:
    return Target(bound, upper=True)


def at_least(bound: float) -> Target:
    return Target(bound, upper=False)


@dataclass(frozen=True)
class Line:
    """A comparison and its outcome.

    Args:
        name: What is compared with what, in a few words.
        figure: Both sides in their unit, such as '245 ms : 518 ms'.
        target: None for a line that only informs.
        note: What the reader must know beside it, such as a dtype or how bytes were counted.
    """

    name: str
    figure: str
    ratio: Ratio
    target: Target | None = None
    note: str = ''

    @property
    def verdict(self) -> str:
        return '' if self.target is None else 'met' if self.target.met(self.ratio) else 'missed'
