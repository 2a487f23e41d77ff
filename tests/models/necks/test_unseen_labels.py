"""Labels that were added after training: what the GCN gives of them, and of the others."""

import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import LabelGCN

VALUES = dict(lam=.6, tau=.03, eta=.4)


def pair(graph, seen, **options):
    """The GCN of the first labels, and one with the same weights of all of them."""
    old = LabelGCN(graph.chosen(range(seen)), (6, 7, 3), **VALUES, norm='pair').eval()
    new = LabelGCN(graph, (6, 7, 3), **VALUES, norm='pair', unseen=len(graph.classes) - seen, **options).eval()
    new.load_state_dict({key: value for key, value in old.state_dict().items() if 'layers' in key}, strict=False)
    return old(), new()


def test_frozen_labels_have_the_embeddings_of_before(make_graph):
    old, new = pair(make_graph(8), 6)
    assert [len(hidden) for hidden in new] == [6, 6, 8]  # lateral connections see the labels that were trained
    for before, after in zip(old, new):
        torch.testing.assert_close(after[:6], before, rtol=1e-6, atol=1e-6)
    assert new[-1][6:].abs().sum() > 0


def test_labels_that_are_not_frozen_are_changed_by_their_new_neighbours(make_graph):
    old, new = pair(make_graph(8), 6, frozen=False)
    assert [len(hidden) for hidden in new] == [6, 6, 8]
    assert (new[-1][:6] - old[-1]).abs().max() > 1e-3


def test_the_number_must_leave_a_label(make_graph):
    with pytest.raises(InputError, match='unseen'):
        LabelGCN(make_graph(5), (4,), **VALUES, unseen=5)
