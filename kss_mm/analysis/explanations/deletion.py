"""The score without the evidence that an explanation names, against that without as much chosen at random."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from kss_mm.explain.adjacency import CutGraph
from kss_mm.explain.graph_evidence import candidates, change_without
from kss_mm.explain.view import View


def hottest(heat: np.ndarray, share: float) -> np.ndarray:
    """The hottest places of a map, as many as ``share`` of all; of equal ones the first.

    >>> hottest(np.array([[1, 5], [3, 4]]), .5)
    array([[False,  True],
           [False,  True]])
    """
    chosen = np.zeros(heat.size, bool)
    chosen[np.argsort(-heat, axis=None, kind='stable')[:round(share * heat.size)]] = True
    return chosen.reshape(heat.shape)


def region_drops(view: View, heats: Mapping[str, np.ndarray], *, share: float, draws: int,
                 rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """How far a logit falls without the hottest places of each map, and on average without as many others.

    The other places are the hottest ones moved by random steps in time, height and width, around the edges, so that
    their shape and number are the same. Hidden places get the mean colour of the model's preprocessor.

    Shapes:
        - **heats:** :math:`(T, H, W)` each, of the model's frames
    """
    base, drops = view.logit(), {}
    for name, heat in heats.items():
        named = hottest(heat, share)
        others = [np.roll(named, [rng.integers(size) for size in named.shape], axis=(0, 1, 2)) for _ in range(draws)]
        fallen = []
        for mask in (named, *others):
            with hidden(view, mask):
                fallen.append(base - view.logit())
        drops[name] = fallen[0], float(np.mean(fallen[1:]))
    return drops


@contextmanager
def hidden(view: View, mask: np.ndarray) -> Iterator[None]:
    """Places (T, H, W) of the model's input are of the mean colour, which normalised is 0, meanwhile."""
    whole = view.inputs
    kept = torch.from_numpy(~mask).to(whole)
    view.inputs = whole * (kept[:, None] if whole.ndim == 5 else kept)  # (1, T, C, H, W), (1, 1, C, T, H, W) or images
    try:
        yield
    finally:
        view.inputs = whole


def neighbour_drop(view: View, *, count: int, draws: int, rng: np.random.Generator) -> tuple[float, float] | None:
    """How far a logit falls without the ``count`` neighbours that spoke most for it, taken away together, and on
    average without as many others; None where so few can be told apart."""
    graph = CutGraph(view.model.neck)
    near, base = candidates(view, graph), view.logit()
    if len(near) < 2 * count:
        return None
    changes = [change_without(view, graph, base, labels=[label]) for label in near]
    order = np.argsort(changes, kind='stable')
    named, others = [near[at] for at in order[:count]], [near[at] for at in order[count:]]

    def drop(labels: Sequence[int]) -> float:
        return -change_without(view, graph, base, labels=labels)

    return drop(named), float(np.mean([drop(rng.choice(others, count, replace=False).tolist())
                                       for _ in range(draws)]))
