"""Class activation is Grad-CAM's formula at the backbone's output."""

import pytest
import torch

pytest.importorskip('mmaction')
pytest.importorskip('captum', reason='the extra explain is not installed')
from explained import batch, network, view  # noqa: E402

from kss_mm.explain.activation import class_activation  # noqa: E402


def test_it_is_the_features_weighted_by_their_mean_gradients(make_graph):
    model = network(make_graph(5))
    found = class_activation(view(model, label=3))
    features, _ = model.extract_feat(model.data_preprocessor(batch(), False)['inputs'], 'backbone')
    features.retain_grad()
    with torch.enable_grad():
        model.cls_head(features, model.neck()[-1])[0, 3].backward()
    expected = (features * features.grad.mean((2, 3, 4), keepdim=True)).sum(1).relu()[0].detach()
    assert found.values.shape == expected.shape and expected.max() > 0
    torch.testing.assert_close(torch.from_numpy(found.values), expected)


def test_it_is_of_the_view_that_scores_highest(make_graph):
    model = network(make_graph(5))
    asked = view(model, label=1, views=3)
    inputs = model.data_preprocessor(batch(3), False)['inputs']
    with torch.no_grad():
        logits = model(inputs, mode='tensor', stage='head')[:, 1]
    assert (asked.count, asked.number) == (3, logits.argmax())
    assert asked.logit() == pytest.approx(logits.max().item(), abs=1e-5)
    assert (asked.frames == batch(3)['inputs'][0][logits.argmax()].permute(1, 2, 3, 0).numpy()).all()
