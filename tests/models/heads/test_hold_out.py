import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models.deploy.linear_classifier import merge_classifier
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier

B, C, K = 3, 8, 6
PRIOR = [.1, .2, .3, .4, .5, .6]


def pooled(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(B, C, 4, generator=generator), torch.randn(K, C, generator=generator)


def make(**options):
    torch.manual_seed(1)
    return LabelClassifier(C, K, dropout=0., residual_fc=True, prior=PRIOR, **options)


def test_evaluation_is_as_without_it():
    x, embedding = pooled()
    plain, held = make().eval(), make(hold_out=.5).eval()
    assert torch.equal(plain(x, embedding), held(x, embedding))


def test_a_label_that_is_held_out_has_its_embedding_and_the_shared_bias(monkeypatch):
    x, embedding = pooled()
    head = make(hold_out=.5).train()
    held = torch.tensor([True, False, True, False, False, True])
    monkeypatch.setattr(head, 'held_out', lambda: held)
    alone = x.mean(2) @ embedding.tanh().t()
    with_own = alone + head.fc(x.mean(2)) + head.bias
    expected = torch.where(held, alone + head.unseen_bias, with_own)
    torch.testing.assert_close(head(x, embedding), expected)


def test_the_share_is_drawn_anew_in_each_step():
    head = make(hold_out=.25).train()
    torch.manual_seed(0)
    draws = torch.stack([head.held_out() for _ in range(2000)])
    assert draws.float().mean(0).sub(.25).abs().max() < .05
    assert head.eval().held_out() is None and make().train().held_out() is None


def test_no_gradient_reaches_what_is_held_out(monkeypatch):
    x, embedding = pooled()
    head = make(hold_out=.5).train()
    held = torch.tensor([True, False, False, False, False, False])
    monkeypatch.setattr(head, 'held_out', lambda: held)
    head(x, embedding).sum().backward()
    assert not head.fc.weight.grad[0].any() and head.bias.grad[0] == 0 and head.unseen_bias.grad == B
    assert head.fc.weight.grad[1:].any() and (head.bias.grad[1:] == B).all()


def test_it_takes_something_to_hold_out():
    with pytest.raises(InputError, match='hold_out=0.5 takes what labels have.*residual_fc=True'):
        LabelClassifier(C, K, hold_out=.5)
    with pytest.raises(InputError, match='hold_out'):
        make(hold_out=1.5)
    with pytest.raises(InputError, match='they have nothing'):
        LabelQueryClassifier(C, K, queries='learned', hold_out=.5, embed_dims=8)


def test_queries_of_labels_that_are_held_out_share_a_readout(monkeypatch):
    x, embedding = pooled()
    torch.manual_seed(2)
    head = LabelQueryClassifier(C, K, queries='graph', hold_out=.5, embed_dims=8, num_heads=2, feedforward_channels=8,
                                dropout=0., prior=PRIOR).train()
    held = torch.tensor([True] + [False] * (K - 1))
    monkeypatch.setattr(head, 'held_out', lambda: held)
    trained = head(x, embedding)
    head.eval()
    monkeypatch.undo()
    own = head(x, embedding)
    torch.testing.assert_close(trained[:, 1:], own[:, 1:])
    with torch.no_grad():  # as a label that is added gets it
        head.readout[0], head.readout_bias[0], head.bias[0] = head.shared_readout[0], 0., head.unseen_bias
    torch.testing.assert_close(trained[:, 0], head(x, embedding)[:, 0])


def test_the_deployed_form_has_nothing_of_it():
    x, embedding = pooled()
    head = make(hold_out=.5).eval()
    before = head(x, embedding)
    merge_classifier(head, embedding)
    torch.testing.assert_close(head(x), before)
    assert 'unseen_bias' not in head.state_dict()
