"""The sanity checks, on planted evidence and on a small network."""

import numpy as np
import pytest
import torch

pytest.importorskip('mmaction')
pytest.importorskip('captum', reason='the extra explain is not installed')
from media import write_video  # noqa: E402
from tiny_models import VIDEOS, save_model  # noqa: E402

from kss_mm.analysis.explanations.check import Measured, table  # noqa: E402
from kss_mm.analysis.explanations.deletion import hidden, hottest, region_drops  # noqa: E402
from kss_mm.analysis.explanations.randomisation import shuffled  # noqa: E402


class Planted:
    """A view whose logit is the sum of what is seen in one corner."""

    def __init__(self, shape: tuple[int, ...]):
        self.inputs = torch.ones(shape)

    def logit(self) -> float:
        return self.inputs[..., :4, :4].sum().item()


@pytest.mark.parametrize('shape', [(1, 1, 3, 2, 8, 8), (1, 2, 3, 8, 8), (1, 3, 8, 8)], ids=len)
def test_hiding_the_true_place_takes_most(shape):
    view = Planted(shape)
    times = 1 if len(shape) == 4 else 2
    heat = np.zeros((times, 8, 8))
    heat[:, :4, :4] = 1
    named, random = region_drops(view, {'map': heat}, share=.25, draws=20, rng=np.random.default_rng(0))['map']
    assert named == view.logit() == 3 * times * 16 and 0 < random < .6 * named
    wrong, _ = region_drops(view, {'map': 1 - heat}, share=.25, draws=1, rng=np.random.default_rng(0))['map']
    assert wrong == 0
    with hidden(view, hottest(heat, .25)):
        assert view.inputs.sum() == 3 * times * 48
    assert view.inputs.min() == 1


def test_shuffled_weights_are_the_same_numbers_in_another_order():
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.BatchNorm1d(8))
    other = shuffled(model, seed=1)
    assert torch.equal(model[0].weight.flatten().sort().values, other[0].weight.flatten().sort().values)
    assert not torch.equal(model[0].weight, other[0].weight) and torch.equal(shuffled(model, 1)[0].bias, other[0].bias)


def test_the_table():
    found = Measured(np.array([.1, -.1]), np.array([np.nan] * 2), np.array([2., 4.]), np.array([1., 1.]))
    assert found.more == (2., 1.)
    assert table({'maps': found}).splitlines()[-1] == ('| maps | +0.00 (sd 0.10) |  | 3.00 | 1.00 | +2.00 ± 1.00 | '
                                                       '2 of 2 |')


@pytest.mark.slow
def test_the_tool_checks_files(printed, make_graph, tmp_path):
    config, checkpoint = save_model(VIDEOS['kssnet'], tmp_path, make_graph)
    (tmp_path / 'clips').mkdir()
    for number in range(3):
        write_video(tmp_path / 'clips' / f'{number}.mp4', frames=12 + 4 * number)
    text = printed('check_explanations.py', config, checkpoint, tmp_path / 'clips', '--limit', 2)
    rows = [line.split(' | ')[0] for line in text.splitlines() if line.startswith('|')]
    assert [row.removeprefix('| ') for row in rows[2:]] == ['class activation', *(
        f'lateral connection {tap}' for tap in ('Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f'))]
    assert '--limit' in printed('check_explanations.py', config, checkpoint, tmp_path / 'clips', '--limit', 1)
    assert 'at least two files' in printed('check_explanations.py', config, checkpoint, tmp_path / 'clips/0.mp4')
