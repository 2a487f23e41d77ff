"""A video's frames above what was predicted and what is true."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from kss_mm.errors import short_name
from kss_mm.visualization.fonts import fit_fonts

_TRUE, _FALSE, _THRESHOLD = '#2a8f4f', '#9aa5b1', '#c0392b'
# How far the mark of a class's own threshold reaches from the middle of its bar; rows are 1 apart.
_MARK = .45


def draw_prediction(frames: np.ndarray, classes: Sequence[str], scores: np.ndarray, *, title: str = '',
                    targets: Collection[int] | None = None, labels: Collection[int] = (),
                    thresholds: np.ndarray | None = None, shown: Sequence[int] | None = None,
                    beside: Mapping[int, str] | None = None) -> Figure:
    """Frames in one row, and labels as bars: true ones are coloured and ticked, predicted ones bold.

    The threshold that decides is a mark across each bar, or one dashed line where all classes have the same.

    Shapes:
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB
        - **scores, thresholds:** :math:`(K,)`, probabilities

    Args:
        targets: Indices of the true labels; None where they are unknown.
        labels: Indices of the predicted labels.
        thresholds: From which a label is predicted; None where the head decides otherwise.
        shown: Indices of the labels to show, from top to bottom; all by falling score by default.
        beside: What to write beside the bar of a label; its score by default.
    """
    shown = list(np.argsort(-scores, kind='stable') if shown is None else shown)
    figure = Figure(figsize=(11, 2.1 + .32 * len(shown)), layout='constrained')
    grid = figure.add_gridspec(2, len(frames), height_ratios=(1.2, .32 * len(shown)))
    for column, frame in enumerate(frames):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(frame)
        axes.axis('off')
    axes = figure.add_subplot(grid[1, :])
    rows, true = np.arange(len(shown)), set() if targets is None else set(targets)
    axes.barh(rows, scores[shown], color=[_TRUE if label in true else _FALSE for label in shown])
    # A dollar sign in a name is not mathematics.
    axes.set_yticks(rows, [short_name(classes[label]).replace('$', r'\$') + ' ✓' * (label in true) for label in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    legend = ['probability', 'bold: predicted', *['green with ✓: true label'] * (targets is not None)]
    if thresholds is not None and (thresholds == thresholds[0]).all():
        axes.axvline(thresholds[0], color=_THRESHOLD, linewidth=.9, linestyle='--')
        legend.append(f'dashed: threshold {thresholds[0]:g}')
    elif thresholds is not None:
        axes.vlines(thresholds[shown], rows - _MARK, rows + _MARK, color=_THRESHOLD, linewidth=2)
        legend.append("red mark: the class's own threshold")
    for row, label in enumerate(shown):
        weight = 'bold' if label in labels else 'normal'
        axes.get_yticklabels()[row].set_fontweight(weight)
        axes.text(1.01, row, (beside or {}).get(label, f'{scores[label]:.3f}'), va='center', fontsize=9,
                  fontweight=weight, transform=axes.get_yaxis_transform())
    axes.set_xlabel('; '.join(legend))
    figure.suptitle(title.replace('$', r'\$'))
    fit_fonts(figure)
    return figure
