"""A label's evidence in one picture: frames with heat maps, the graph around it, and what its neighbours carry."""

from collections.abc import Mapping, Sequence
from textwrap import fill, shorten

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kss_mm.errors import short_name
from kss_mm.visualization.fonts import fit_fonts

#: Colours of what speaks for a label, so that its logit falls without it, and against it.
FOR, AGAINST = '#1f77b4', '#c0392b'
_HEAT = 'inferno'
_SHOWN = 6
# Share of the heat map's colour at its highest place; its square root follows the heat.
_OPAQUE = .75
_LINE = 24
# Widths of a frame to those between two.
_GAP = 24


def draw_explanation(frames: np.ndarray, heats: Mapping[str, np.ndarray], *, title: str, label: str,
                     neighbours: Sequence = (), edges: Sequence = (), changes: Mapping[str, float] | None = None,
                     notes: Sequence[str] = ()) -> Figure:
    """Draw all of it.

    Shapes:
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB
        - **heats:** :math:`(T, H, W)` each, of any range; each is drawn from its lowest to its highest value

    Args:
        neighbours: Each with ``name``, ``weight``, ``hops`` and ``change``.
        edges: Each with ``first``, ``second``, ``weight`` and ``change``.
        changes: What to write beside a map: the change of the logit without it, by its title.
        notes: Lines below all.
    """
    chosen = np.unique(np.linspace(0, len(frames) - 1, _SHOWN).round().astype(int))
    rows = 1 + len(heats)
    height = 1.75 * frames.shape[1] / frames.shape[2]
    below = max(2.6, .3 * len(neighbours) + .8) if neighbours else 0.
    figure = Figure(figsize=(13, rows * height + below + .9 + .2 * len(notes)), layout='constrained')
    upper, lower = figure.subfigures(2, 1, height_ratios=(rows * height, below)) if below else (figure, None)
    grid = upper.add_gridspec(rows, 2, width_ratios=(_SHOWN + .9, 1.3))
    for row, (name, heat) in enumerate([('what the model sees', None), *heats.items()]):
        change = (changes or {}).get(name)
        axes = upper.add_subplot(grid[row, 0])
        middles = _draw_strip(axes, (frames if heat is None else overlaid(frames, heat))[chosen])
        axes.set_yticks([frames.shape[1] / 2], [fill(name, 16) + (
            '' if change is None else f'\n\nwithout: {change:+.3f}')], fontsize=9)
        if row == 0 and len(frames) > 1:
            axes.set_xticks(middles, [f'frame {number + 1} of {len(frames)}' for number in chosen], fontsize=8)
        if heat is not None and len(frames) > 1:
            _draw_over_time(upper.add_subplot(grid[row, 1]), heat, first=row == 1)
    if neighbours:
        left, right = lower.subplots(1, 2, width_ratios=(1, 1.1))
        _draw_graph(left, label, neighbours, edges)
        _draw_table(right, neighbours)
    figure.suptitle(title.replace('$', r'\$'), fontsize=11)
    if notes:
        figure.supxlabel('\n'.join(fill(note, 150) for note in notes).replace('$', r'\$'), fontsize=8)
    fit_fonts(figure)
    return figure


def _draw_strip(axes: Axes, frames: np.ndarray) -> np.ndarray:
    """Frames side by side as one image, which is quicker than one each; the middle of each."""
    count, _, width, _ = frames.shape
    gap = max(width // _GAP, 1)
    parts = np.pad(frames, ((0, 0), (0, 0), (0, gap), (0, 0)), constant_values=255)
    axes.imshow(np.concatenate(parts, axis=1)[:, :-gap])
    axes.set_anchor('W')
    axes.set_xticks([])
    axes.tick_params(length=0, labelbottom=False, labeltop=True)
    axes.spines[:].set_visible(False)
    return np.arange(count) * (width + gap) + width / 2


def overlaid(frames: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Frames under a heat map that shows the more the hotter it is, (T, H, W, 3) uint8."""
    span = np.ptp(heat)
    share = (heat - heat.min()) / (span or 1)  # a map that is the same everywhere shows nothing
    colour = colormaps[_HEAT](share)[..., :3] * 255
    opaque = (_OPAQUE * np.sqrt(share) * bool(span))[..., None]
    return (frames * (1 - opaque) + colour * opaque).round().astype(np.uint8)


def _draw_over_time(axes: Axes, heat: np.ndarray, *, first: bool) -> None:
    times = np.arange(1, len(heat) + 1)
    axes.plot(times, heat.mean((1, 2)), color='0.2', linewidth=1.2)
    axes.plot(times, heat.max((1, 2)), color='#e8710a', linewidth=.9)
    axes.tick_params(labelsize=6, length=2)
    axes.margins(x=0)
    axes.spines[['top', 'right']].set_visible(False)
    if first:
        axes.set_title('over time: mean, highest', fontsize=8)


def _colour(change: float) -> str:
    return FOR if change < 0 else AGAINST


def _draw_graph(axes: Axes, label: str, neighbours: Sequence, edges: Sequence) -> None:
    """The label in the middle of its neighbours; dots and lines as large as the changes."""
    angles = np.linspace(0, 2 * np.pi, len(neighbours), endpoint=False) + np.pi / 2
    places = {label: (0., 0.), **{found.name: (np.cos(angle), np.sin(angle))
                                  for found, angle in zip(neighbours, angles)}}
    largest = max((abs(found.change) for found in (*neighbours, *edges)), default=0) or 1
    measured = {frozenset((edge.first, edge.second)): edge for edge in edges}
    for found in neighbours:  # an edge to the label, though its own change was not among those computed
        if found.weight and frozenset((label, found.name)) not in measured:
            _line(axes, places[label], places[found.name], '0.8', .6, straight=True)
    for edge in edges:
        _line(axes, places[edge.first], places[edge.second], _colour(edge.change),
              .8 + 5 * abs(edge.change) / largest, straight=label in (edge.first, edge.second))
    for found in neighbours:
        x, y = places[found.name]
        axes.scatter(x, y, s=30 + 300 * abs(found.change) / largest, color=_colour(found.change), zorder=2)
        axes.annotate(_short(found.name), (1.2 * x, 1.22 * y), fontsize=7.5, va='center',
                      ha='center' if abs(x) < .2 else 'left' if x > 0 else 'right')
    axes.scatter(0, 0, s=220, color='0.15', zorder=2)
    axes.annotate(_short(label), (0, -.16), fontsize=8, fontweight='bold', ha='center', va='top', zorder=3,
                  bbox=dict(facecolor='white', edgecolor='none', alpha=.75, pad=1))
    axes.set_xlim(-2.3, 2.3)
    axes.set_ylim(-1.45, 1.45)
    axes.set_aspect('equal')
    axes.axis('off')
    axes.set_title('labels and edges by the change of the logit without them', fontsize=9)


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, width: float, *,
          straight: bool) -> None:
    """Straight, or bent around the middle, where the label stands."""
    axes.annotate('', start, end, zorder=1, arrowprops=dict(
        arrowstyle='-', connectionstyle=f'arc3,rad={0 if straight else .3}', color=colour, linewidth=width, shrinkA=0,
        shrinkB=0))


def _draw_table(axes: Axes, neighbours: Sequence) -> None:
    rows = np.arange(len(neighbours))
    axes.barh(rows, [found.change for found in neighbours], color=[_colour(found.change) for found in neighbours],
              height=.65)
    axes.axvline(0, color='0.3', linewidth=.8)
    axes.set_yticks(rows, [_short(found.name) for found in neighbours], fontsize=8)
    for row, found in enumerate(neighbours):
        where = f'edge {found.weight:.3f}' if found.weight else f'{found.hops} edges away'
        axes.text(1.02, row, f'{found.change:+.3f}   {where}', va='center', fontsize=8,
                  transform=axes.get_yaxis_transform())
    axes.invert_yaxis()
    axes.tick_params(axis='x', labelsize=7)
    axes.set_xlabel('change of the logit without this neighbour: blue spoke for the label, red against it', fontsize=8)
    axes.spines[['top', 'right', 'left']].set_visible(False)


def _short(name: str) -> str:
    return shorten(short_name(name), _LINE, placeholder='...').replace('$', r'\$')
