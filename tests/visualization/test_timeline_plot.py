"""The picture of a timeline: rows, bars and what is drawn of names of anyone's."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from kss_mm.errors import InputError
from kss_mm.timeline.timeline import Timeline
from kss_mm.visualization.timeline import draw_timeline


def make(**changes):
    scores = np.full((4, 30), .1, np.float32)
    scores[1:3, 5] = scores[0, 7] = .9
    parts = dict(source='a.mp4', classes=[f'${index}' for index in range(30)], starts=np.arange(4.), scores=scores,
                 ends=np.arange(4.) + 1, thresholds=np.full(30, .5, np.float32), duration=5.)
    return Timeline(**{**parts, **changes})


def rows(figure):
    return [label.get_text().replace('\\', '') for label in figure.axes[0].get_yticklabels()]


def bars(figure, color):
    from matplotlib.colors import to_rgba

    found = [part for part in figure.axes[0].collections if isinstance(part, PolyCollection)
             and np.allclose(part.get_facecolor()[:1], to_rgba(color))]
    return [(box.get_extents().x0, box.get_extents().x1, round(box.get_extents().y1))
            for part in found for box in part.get_paths()]


def test_rows_bars_and_truth(tmp_path):
    figure = draw_timeline(make(), truth=[(1.5, 2.5, '$5'), (0, 1, '$9')])
    assert rows(figure)[:3] == ['$7', '$9', '$5'] and len(rows(figure)) == 12
    assert bars(figure, '#1f3a5f') == [(0, 1, 0), (1, 3, 2)] and bars(figure, '#2a8f4f') == [(0, 1, 1), (1.5, 2.5, 2)]
    assert figure.axes[0].get_xlim() == (0, 5) and 'truth' in figure.axes[0].get_xlabel()
    for name in ('a.png', 'a.svg', 'a.pdf'):
        figure.savefig(tmp_path / name)
    assert rows(draw_timeline(make(), labels=['$3'])) == ['$3']


def test_a_model_without_thresholds_has_scores_only():
    figure = draw_timeline(make(thresholds=None))
    assert not bars(figure, '#1f3a5f') and 'threshold' not in figure.axes[0].get_xlabel()


def test_what_cannot_be_drawn():
    with pytest.raises(InputError, match="'dog' is none of the 30 labels"):
        draw_timeline(make(), labels=['dog'])
    with pytest.raises(InputError, match='has no window'):
        draw_timeline(make(starts=np.zeros(0), ends=np.zeros(0), scores=np.zeros((0, 30))))
