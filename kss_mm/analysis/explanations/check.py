"""Both sanity checks over many files, and the table that they print."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kss_mm.analysis.explanations.deletion import neighbour_drop, region_drops
from kss_mm.analysis.explanations.randomisation import GRAPH, agreement, evidence, shuffled
from kss_mm.errors import InputError
from kss_mm.explain.explanation import over_frames
from kss_mm.inference.predictor import Predictor

# Share of all places that is hidden, neighbours that are taken away, and draws of others in their place.
SHARE, COUNT, DRAWS = .2, 3, 10


class Measured(NamedTuple):
    """Of one part of the explanations, one number a file, (N,) each.

    Args:
        shuffled: Rank correlation with the explanation of the same network with shuffled weights.
        other: Rank correlation with that of another label by the same network.
        named: How far the logit falls without what the explanation names.
        random: How far it falls without as much at random, on average.
    """

    shuffled: np.ndarray
    other: np.ndarray
    named: np.ndarray
    random: np.ndarray

    @property
    def more(self) -> tuple[float, float]:
        """Mean and standard error of the difference of both falls."""
        difference = self.named - self.random
        return float(difference.mean()), float(difference.std(ddof=1) / len(difference) ** .5)


def check_explanations(predictor: Predictor, files: Iterable[str], *, seed: int = 0) -> dict[str, Measured]:
    """Check the explanations of the surest label of every file.

    Raises:
        InputError: For fewer than two files, and a model that cannot be explained.
    """
    rng, rows = np.random.default_rng(seed), defaultdict(list)
    for number, file in enumerate(files):
        for name, row in _of_file(predictor, file, rng, seed + number):
            rows[name].append(row)
    if not rows or len(next(iter(rows.values()))) < 2:
        raise InputError('explanations are checked over at least two files')
    return {name: Measured(*np.array(found).T) for name, found in rows.items()}


def _of_file(predictor: Predictor, file: str, rng: np.random.Generator,
             seed: int) -> Iterator[tuple[str, Sequence[float]]]:
    network = predictor.network
    sample = network.prepare(file)
    (scores,) = network.run([sample])
    label = int(scores.scores.argmax())
    view = network.view(sample, label)
    found = evidence(view)
    apart = agreement(found, evidence(view.of(model=shuffled(view.model, seed))))
    other = int(rng.choice([index for index in range(len(predictor.classes)) if index != label]))
    others = agreement({name: part for name, part in found.items() if name != GRAPH}, evidence(view.of(label=other)))
    heats = {name: over_frames(values, view.frames.shape[:3]) for name, values in found.items() if name != GRAPH}
    drops = region_drops(view, heats, share=SHARE, draws=DRAWS, rng=rng)
    if GRAPH in found and (drop := neighbour_drop(view, count=COUNT, draws=DRAWS, rng=rng)):
        drops[GRAPH] = drop
    for name, (named, random) in drops.items():
        # Other labels have other neighbours, so their changes are not of the same labels.
        yield name, (apart[name], others.get(name, np.nan), named, random)


def table(measured: dict[str, Measured]) -> str:
    """A row for each part, as Markdown."""
    lines = ['| evidence | rank correlation with shuffled weights | with another label | fall without it | without as '
             'much at random | difference | falls more in |', '|---|---|---|---|---|---|---|']
    for name, found in measured.items():
        mean, error = found.more
        other = '' if np.isnan(found.other).any() else _spread(found.other)
        lines.append(f'| {name} | {_spread(found.shuffled)} | {other} | {found.named.mean():.2f} | '
                     f'{found.random.mean():.2f} | {mean:+.2f} \u00b1 {error:.2f} | '
                     f'{(found.named > found.random).sum()} of {len(found.named)} |')
    return '\n'.join(lines)


def _spread(values: np.ndarray) -> str:
    return f'{values.mean():+.2f} (sd {values.std():.2f})'
