"""The maps of lateral connections are the tensor that g gets."""

import numpy as np
import pytest
import torch

pytest.importorskip('mmaction')
from explained import batch, logit_of, network, view  # noqa: E402

from kss_mm.explain.lateral_maps import correlation, lateral_maps  # noqa: E402
from kss_mm.models.laterals.lateral import LateralConnection  # noqa: E402


@pytest.mark.parametrize('options', [dict(), dict(squash='softmax'), dict(squash='sigmoid', cosine=True),
                                     dict(squash='none', gate=True)], ids=str)
@pytest.mark.parametrize('shape', [(2, 6, 3, 4), (1, 6, 2, 3, 4), (2, 9, 6)], ids=len)
def test_g_of_all_labels_gives_what_the_connection_adds(options, shape):
    lateral = LateralConnection(6, 4, zero_init=False, **options)
    x, embedding = torch.randn(shape), torch.randn(4, 6)
    labels = torch.stack([correlation(lateral, x, embedding, label) for label in range(4)], dim=-1)  # (B, *, K)
    added = labels @ lateral.weight.t()  # (B, *, C)
    axis = -1 if len(shape) == 3 else 1
    expected = x * (1 + added.movedim(-1, axis)) if options.get('gate') else x + added.movedim(-1, axis)
    torch.testing.assert_close(lateral(x, embedding), expected)


def test_a_map_for_every_tap_with_its_exact_change(make_graph):
    model = network(make_graph(5), squash='softmax')
    maps, notes = lateral_maps(view(model))
    assert not notes and [found.name for found in maps] == ['Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f']
    assert [found.values.shape for found in maps] == [(4, 16, 16), (4, 8, 8), (2, 4, 4)]
    assert all((found.values > 0).all() and (found.values < 1).all() for found in maps)  # shares of a softmax
    for found, lateral in zip(maps, model.backbone.laterals):
        before, weight = logit_of(model, batch(), 2), lateral.g.weight.data.clone()
        lateral.g.weight.data[:, 2] = 0
        assert found.change == pytest.approx(logit_of(model, batch(), 2) - before, abs=1e-5)
        lateral.g.weight.data = weight
    assert max(abs(found.change) for found in maps) > 1e-4
    assert np.ptp(maps[0].values) > 0
