import numpy as np
import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import FixedLabelEmbedding


@pytest.mark.parametrize(('width', 'channels'), [(8, 8), (8, 20)])
def test_a_projection_to_as_many_channels_or_more_keeps_all_inner_products(make_graph, width, channels):
    graph = make_graph(5, width)
    embedding, for_head = FixedLabelEmbedding(graph, (channels,))()
    assert embedding.shape == (5, channels) and for_head is None
    np.testing.assert_allclose(embedding @ embedding.T, graph.embeddings @ graph.embeddings.T, rtol=1e-4, atol=1e-5)


def test_a_projection_to_fewer_channels_keeps_lengths_on_average(make_graph):
    graph = make_graph(2000, 64)
    embedding, _ = FixedLabelEmbedding(graph, (16,))()
    assert embedding.square().sum(1).mean() == pytest.approx(np.square(graph.embeddings).sum(1).mean(), rel=.05)


def test_without_projection_it_is_the_graphs_own(make_graph):
    graph = make_graph(5, 8)
    *embeddings, _ = FixedLabelEmbedding(graph, (8, 8), projection=None)()
    assert all(np.array_equal(embedding, graph.embeddings) for embedding in embeddings)
    with pytest.raises(InputError, match='width 8, tap 1 .* has 9 channels'):
        FixedLabelEmbedding(graph, (8, 9), projection=None)


def test_it_is_drawn_from_its_seed_alone_and_stored_in_checkpoints(make_graph):
    graph = make_graph()
    state = torch.get_rng_state()
    first, again, other = (FixedLabelEmbedding(graph, (6, 7), seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first()[1], again()[1]) and not torch.equal(first()[1], other()[1])
    assert not list(first.parameters()) and list(first.state_dict()) == ['embedding0', 'embedding1']
    other.load_state_dict(first.state_dict())
    assert torch.equal(first()[0], other()[0])


def test_what_is_missing_is_named(make_graph):
    from dataclasses import replace

    with pytest.raises(InputError, match='no label embeddings'):
        FixedLabelEmbedding(replace(make_graph(), embeddings=None))
    with pytest.raises(InputError, match='projection'):
        FixedLabelEmbedding(make_graph(), projection='pca')
    with pytest.raises(InputError, match='channels='):
        FixedLabelEmbedding(make_graph())()
