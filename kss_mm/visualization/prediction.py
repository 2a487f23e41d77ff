"""A video's frames above what was predicted and what is true."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.figure import Figure

from kss_mm.errors import short_name

_TRUE, _FALSE = '#2a8f4f', '#9aa5b1'


def draw_prediction(frames: np.ndarray, classes: Sequence[str], scores: np.ndarray, *, title: str = '',
                    targets: Collection[int] | None = None, threshold: float = 0.5, top: int = 10) -> Figure:
    """Frames in one row, and the labels of the highest scores as bars; true labels are coloured and ticked.

    Shapes:
        - **frames:** :math:`(T, H, W, 3)`, uint8 RGB
        - **scores:** :math:`(K,)`, probabilities

    Args:
        targets: Indices of the true labels, all of which are shown; None where they are unknown.
        threshold: Probability from which a label counts as predicted, drawn as a line.
        top: How many of the highest scores are shown.
    """
    ranked = np.argsort(-scores, kind='stable')
    shown = [label for rank, label in enumerate(ranked) if rank < top or label in (targets or ())]
    figure = Figure(figsize=(11, 2.1 + .32 * len(shown)), layout='constrained')
    grid = figure.add_gridspec(2, len(frames), height_ratios=(1.2, .32 * len(shown)))
    for column, frame in enumerate(frames):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(frame)
        axes.axis('off')
    axes = figure.add_subplot(grid[1, :])
    known = targets is not None
    # A dollar sign in a name is no mathematics.
    names = {label: short_name(classes[label]).replace('$', r'\$') for label in shown}
    colours = [_TRUE if known and label in targets else _FALSE for label in shown]
    axes.barh(range(len(shown)), scores[shown], color=colours)
    axes.set_yticks(range(len(shown)), [names[label] + (' ✓' if known and label in targets else '')
                                        for label in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.axvline(threshold, color='black', linewidth=.8, linestyle='--')
    for row, label in enumerate(shown):
        axes.text(min(scores[label] + .01, .95), row, f'{scores[label]:.2f}', va='center', fontsize=9)
    axes.set_xlabel('probability' + ('; green with ✓: true label' if known else '')
                    + f'; dashed: threshold {threshold:g}')
    figure.suptitle(title.replace('$', r'\$'))
    return figure
