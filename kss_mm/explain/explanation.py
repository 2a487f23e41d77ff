"""An explanation: NumPy and the standard library only, whatever it was computed with."""

import base64
import html
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.ndimage import zoom

from kss_mm.errors import InputError, short_name, shown
from kss_mm.files import PathLike
from kss_mm.visualization.save import save_figure

#: What an explanation can be made of.
PARTS = ('graph', 'laterals', 'activation', 'attention')
_DPI = 110


class Neighbour(NamedTuple):
    """A label of the graph and what it carries.

    Args:
        weight: Of the edge, A'_KS[label, neighbour]; 0 where the neighbour is not next to the label.
        hops: Edges between the two.
        change: Of the label's logit when the neighbour is taken away: below 0 where it spoke for the label.
    """

    name: str
    weight: float
    hops: int
    change: float


class Edge(NamedTuple):
    """An edge of the graph and what it carries; its two directions are taken away together."""

    first: str
    second: str
    weight: float
    change: float


@dataclass(frozen=True)
class GraphEvidence:
    """Which labels and edges of the graph carried a logit, those of the greatest change first.

    Every change is exact: the whole network was run again without the label or edge.

    Args:
        alone: Change of the logit when the label loses all its neighbours at once.
        layers: Of the GCN: as many edges away is the farthest label that can carry anything.
        reached: How many labels are that near.
        screened: How many of them the estimate, from which ``neighbours`` were chosen, was computed for.
    """

    alone: float
    neighbours: Sequence[Neighbour]
    edges: Sequence[Edge]
    layers: int
    reached: int
    screened: int


class HeatMap(NamedTuple):
    """Where something was seen.

    Shapes:
        - **values:** :math:`(T', H', W')`, at the resolution of the features

    Args:
        kind: 'lateral', 'activation' or 'attention'.
        name: Of the tapped module for 'lateral'.
        change: Of the logit when the label's column of g is taken away; None for other kinds.
    """

    kind: str
    name: str
    values: np.ndarray
    change: float | None = None

    @property
    def title(self) -> str:
        return {'lateral': f'lateral connection {self.name}', 'activation': 'class activation',
                'attention': 'attention of the label'}[self.kind]


class Evidence(NamedTuple):
    """What a network gives to an :class:`Explanation`, which describes the fields."""

    logit: float
    view: tuple[int, int]
    frames: np.ndarray
    maps: Sequence[HeatMap]
    graph: GraphEvidence | None
    notes: Sequence[str]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why a model gives a label of a file its score.

    Shapes:
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB, what the model saw

    Args:
        source: The file's name, or words for an array or stream.
        probability: That of the prediction, of all views.
        threshold: From which the label is predicted; None where the head decides otherwise.
        logit: That of the view which is explained, of which all changes are.
        view: Which clip or crop it is, from 1 on, and how many there are: the one that scores the label highest.
        graph: None for a model without a label graph.
        notes: What there is no evidence of, and why.
    """

    source: str
    label: str
    probability: float
    threshold: float | None
    predicted: bool
    logit: float
    view: tuple[int, int]
    frames: np.ndarray
    maps: Sequence[HeatMap]
    graph: GraphEvidence | None
    notes: Sequence[str] = ()

    def over_frames(self, map: HeatMap | str) -> np.ndarray:
        """A map of this explanation, or the one of this title, enlarged linearly to (T, H, W)."""
        if isinstance(map, str):
            titles = {found.title: found for found in self.maps}
            if map not in titles:
                raise InputError(f'{shown(map)}: is no map of this explanation, which has '
                                 f'{", ".join(titles) or "none"}')
            map = titles[map]
        return over_frames(map.values, self.frames.shape[:3])

    def as_dict(self) -> dict:
        """Plain values, as JSON takes them; of each map its extremes and its mean at each of its times."""
        maps = [dict(kind=map.kind, name=map.name, shape=list(map.values.shape), change=map.change,
                     lowest=float(map.values.min()), highest=float(map.values.max()),
                     over_time=[float(mean) for mean in map.values.mean((1, 2))]) for map in self.maps]
        graph = None if self.graph is None else {
            **vars(self.graph), 'neighbours': [found._asdict() for found in self.graph.neighbours],
            'edges': [found._asdict() for found in self.graph.edges]}
        return dict(file=self.source, label=self.label, probability=self.probability, threshold=self.threshold,
                    predicted=self.predicted, logit=self.logit, view=list(self.view), graph=graph, maps=maps,
                    notes=list(self.notes))

    def lines(self) -> list[str]:
        """The explanation as text."""
        decided = 'predicted' if self.predicted else 'not predicted'
        decided += '' if self.threshold is None else f', from {self.threshold:.3f}'
        view = f' in view {self.view[0]} of {self.view[1]}' if self.view[1] > 1 else ''
        lines = [f'{short_name(self.label)}: probability {self.probability:.3f} ({decided}), logit '
                 f'{self.logit:+.3f}{view}']
        if self.graph is not None:
            lines.append(f'  without all neighbours {self.graph.alone:+.3f}')
            lines += [f'  without {short_name(found.name)} {found.change:+.3f} (edge {found.weight:.3f}, {found.hops} '
                      f'hop{"s" * (found.hops > 1)})' for found in self.graph.neighbours]
            lines += [f'  without the edge {short_name(found.first)} - {short_name(found.second)} {found.change:+.3f} '
                      f'(edge {found.weight:.3f})' for found in self.graph.edges]
        lines += [f'  without the label in {map.title} {map.change:+.3f}' for map in self.maps
                  if map.change is not None]
        return lines + [f'  {note}' for note in self.notes]

    def figure(self):
        """The picture, a matplotlib figure."""
        from kss_mm.visualization.explanation import draw_explanation  # matplotlib

        graph = self.graph
        return draw_explanation(
            self.frames, {map.title: self.over_frames(map) for map in self.maps}, title=self._title(), label=self.label,
            neighbours=graph.neighbours if graph else (), edges=graph.edges if graph else (),
            changes={map.title: map.change for map in self.maps if map.change is not None}, notes=self._remarks())

    def draw(self, path: PathLike) -> None:
        """Write the picture."""
        figure = self.figure()
        save_figure(figure, path, dpi=_DPI)

    def _title(self) -> str:
        return f'{short_name(os.path.basename(self.source) or self.source)}\n{self.lines()[0]}'

    def _remarks(self) -> list[str]:
        if self.graph is None:
            return list(self.notes)
        return [f'change of the logit without all neighbours at once: {self.graph.alone:+.3f}', *self.notes]

    def __repr__(self) -> str:
        return f'<Explanation {short_name(self.source)}: {self.lines()[0]}>'

    def _repr_html_(self) -> str:
        with io.BytesIO() as picture:
            self.figure().savefig(picture, dpi=_DPI, format='png')
            data = base64.b64encode(picture.getvalue()).decode()
        rows = ''.join(f'<tr><td>{html.escape(short_name(found.name))}</td><td>{found.weight:.3f}</td>'
                       f'<td>{found.change:+.3f}</td></tr>' for found in (self.graph.neighbours if self.graph else ()))
        table = f'<table><tr><th>without</th><th>edge</th><th>change of the logit</th></tr>{rows}</table>'
        return (f'<b>{html.escape(short_name(self.source))}</b>: {html.escape(self.lines()[0])}'
                f'<img style="max-width:100%" src="data:image/png;base64,{data}">{table * bool(rows)}')


def over_frames(values: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """A map (T', H', W') enlarged linearly to ``size``, (T, H, W)."""
    factors = [new / old for new, old in zip(size, values.shape)]
    return zoom(values.astype(np.float32), factors, order=1, mode='nearest', grid_mode=True)
