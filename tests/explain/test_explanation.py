"""Explanations as values, text and pictures."""

import json

import cv2
import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.explain.explanation import Edge, Explanation, GraphEvidence, HeatMap, Neighbour
from kss_mm.visualization.explanation import overlaid


def made(**changes) -> Explanation:
    neighbours = [Neighbour('a $dog$', .5, 1, -1.5), Neighbour('<cat>', 0., 2, .25)]
    graph = GraphEvidence(-2., neighbours, [Edge('sofa', 'a $dog$', .5, -1.)], layers=2, reached=3, screened=3)
    maps = [HeatMap('lateral', 'layer1', np.arange(8.).reshape(2, 2, 2), -.125),
            HeatMap('activation', 'ResNet', np.ones((1, 1, 1)))]
    parts = dict(source='clips/a.mp4', label='sofa', probability=.75, threshold=.5, predicted=True, logit=1.0986,
                 view=(1, 1), frames=np.full((4, 8, 8, 3), 100, np.uint8), maps=maps, graph=graph, notes=['a note'])
    return Explanation(**{**parts, **changes})


def test_as_text_and_values():
    found = made()
    assert found.lines() == [
        'sofa: probability 0.750 (predicted, from 0.500), logit +1.099', '  without all neighbours -2.000',
        '  without a $dog$ -1.500 (edge 0.500, 1 hop)', '  without <cat> +0.250 (edge 0.000, 2 hops)',
        '  without the edge sofa - a $dog$ -1.000 (edge 0.500)',
        '  without the label in lateral connection layer1 -0.125', '  a note']
    assert repr(found) == f'<Explanation clips/a.mp4: {found.lines()[0]}>'
    values = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert values['graph']['neighbours'][0] == dict(name='a $dog$', weight=.5, hops=1, change=-1.5)
    assert values['maps'][0] == dict(kind='lateral', name='layer1', shape=[2, 2, 2], change=-.125, lowest=0.,
                                     highest=7., over_time=[1.5, 5.5])
    other = made(threshold=None, predicted=False, view=(2, 6), graph=None).lines()
    assert other[0] == 'sofa: probability 0.750 (not predicted), logit +1.099 in view 2 of 6' and len(other) == 3


def test_maps_are_enlarged_without_moving():
    found = made()
    heat = found.over_frames('lateral connection layer1')
    assert heat.shape == (4, 8, 8) and heat[0, 0, 0] == 0 and heat[-1, -1, -1] == 7
    np.testing.assert_allclose(heat, 7 - heat[::-1, ::-1, ::-1], atol=1e-5)  # as symmetric as the map
    assert (found.over_frames(found.maps[1]) == 1).all()
    with pytest.raises(InputError, match="'layer1': is no map of .*which has lateral connection layer1, class act"):
        found.over_frames('layer1')


def test_the_hottest_place_shows_and_a_flat_map_nothing():
    frames = np.full((1, 4, 4, 3), 100, np.uint8)
    heat = np.zeros((1, 4, 4))
    assert (overlaid(frames, heat) == frames).all()
    heat[0, 1, 2] = 3
    changed = (overlaid(frames, heat) != frames).any(-1)
    assert changed[0, 1, 2] and changed.sum() == 1


@pytest.mark.parametrize('changes', [dict(), dict(graph=None, notes=(), frames=np.zeros((1, 5, 9, 3), np.uint8)),
                                     dict(maps=[], graph=GraphEvidence(0., [], [], 2, 0, 0))])
def test_a_picture_of_whatever_there_is(changes, tmp_path):
    found = made(**changes)
    found.draw(tmp_path / 'why.png')
    assert cv2.imread(str(tmp_path / 'why.png')).std() > 1
    text = found._repr_html_()
    assert 'data:image/png;base64,' in text and '<cat>' not in text and ('&lt;cat&gt;' in text) == bool(
        found.graph and found.graph.neighbours)
