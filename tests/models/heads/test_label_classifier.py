import math

import numpy as np
import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.graph import LabelGraph
from kss_mm.models import LabelClassifier


@pytest.mark.parametrize('shape', [(2, 4, 3, 5, 5), (2, 4, 5, 5), (2, 4)])
@pytest.mark.parametrize('pool', ['avg', 'max'])
def test_logits_are_pooled_features_times_tanh_embeddings(shape, pool):
    classifier = LabelClassifier(4, 3, pool=pool).eval()
    x, embedding = torch.randn(shape), torch.randn(3, 4)
    pooled = x if x.ndim == 2 else (x.flatten(2).mean(2) if pool == 'avg' else x.flatten(2).max(2).values)
    torch.testing.assert_close(classifier(x, embedding), pooled @ embedding.tanh().T)


def test_each_option_adds_its_term():
    x, embedding = torch.randn(2, 4), torch.randn(3, 4)
    classifier = LabelClassifier(4, 3, residual_fc=True, logit_scale='sqrt', prior=(.5, .2, 0.)).eval()
    expected = x @ embedding.tanh().T / 2 + classifier.fc(x) + torch.tensor([0., -1.386294, -9.21024])
    torch.testing.assert_close(classifier(x, embedding), expected)
    torch.testing.assert_close(classifier(x), classifier.fc(x) + classifier.bias)


def test_a_learned_scale_starts_at_the_root_and_moves():
    x, embedding = torch.randn(2, 4, 3), torch.randn(3, 4)
    root, learned = (LabelClassifier(4, 3, logit_scale=scale).eval() for scale in ('sqrt', 'learned'))
    torch.testing.assert_close(learned(x, embedding), root(x, embedding))

    learned.log_scale.data += math.log(2)
    torch.testing.assert_close(learned(x, embedding), 2 * root(x, embedding))
    learned(x, embedding).square().sum().backward()
    assert learned.log_scale.grad > 0 and 'log_scale' in learned.state_dict() and not list(root.parameters())


def test_whole_numbers_as_thresholds():
    assert LabelClassifier(4, 3, threshold=1).threshold_logits.dtype == torch.float32


def test_prior_comes_from_a_label_graph(make_graph):
    graph = make_graph()
    bias = LabelClassifier(4, 5, prior=graph).bias
    torch.testing.assert_close(bias.sigmoid().double(), torch.as_tensor(graph.priors), atol=1e-6, rtol=0)


def test_mistakes_are_named(make_graph):
    with pytest.raises(InputError, match='pool'):
        LabelClassifier(4, 3, pool='sum')
    with pytest.raises(InputError, match='logit_scale'):
        LabelClassifier(4, 3, logit_scale='large')
    with pytest.raises(InputError, match='prior .*5 labels, .* 3'):
        LabelClassifier(4, 3, prior=make_graph())
    with pytest.raises(InputError, match='superimposed matrix and no counts'):
        LabelClassifier(4, 3, prior=LabelGraph(('a', 'b', 'c'), superimposed=np.eye(3)))
    with pytest.raises(InputError, match='residual_fc=True'):
        LabelClassifier(4, 3)(torch.randn(1, 4))


def test_another_number_of_features_is_named():
    with pytest.raises(InputError, match='6 pooled features, in_channels .* 4'):
        LabelClassifier(4, 3)(torch.randn(2, 6, 5), torch.randn(3, 4))


def test_of_patches_and_class_token_the_token_counts():
    """The features that MMAction2's MViT returns for each scale."""
    classifier, embedding, token = LabelClassifier(4, 3).eval(), torch.randn(3, 4), torch.randn(2, 4)
    found = classifier(([torch.randn(2, 4, 3, 3, 3), token],), embedding)
    torch.testing.assert_close(found, token @ embedding.tanh().t())


@pytest.mark.parametrize('pool', ['avg', 'max'])
def test_autocast_changes_no_logit_of_features_in_bfloat16(pool):
    classifier = LabelClassifier(64, 9, pool=pool, residual_fc=True, prior=[.1] * 9).eval()
    x, embedding = torch.randn(8, 64, 3, 5).bfloat16(), torch.randn(9, 64) * 9
    expected = classifier(x.float(), embedding)
    with torch.autocast('cpu', torch.bfloat16):
        found = classifier(x, embedding)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected)


def test_gradients_under_autocast_reach_the_features():
    classifier = LabelClassifier(4, 3, residual_fc=True)
    x = torch.randn(2, 4, 5, dtype=torch.bfloat16, requires_grad=True)
    embedding = torch.randn(3, 4, requires_grad=True)
    with torch.autocast('cpu', torch.bfloat16):
        classifier(x, embedding).sum().backward()
    assert x.grad.dtype == torch.bfloat16 and x.grad.abs().sum() > 0 and embedding.grad.abs().sum() > 0


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_a_whole_network_in_half_precision_still_gives_float32_logits(dtype):
    classifier, x = LabelClassifier(64, 9, residual_fc=True).eval().to(dtype), torch.randn(8, 64).to(dtype)
    expected = x.float() @ classifier.fc.weight.float().t() + classifier.fc.bias.float()
    torch.testing.assert_close(classifier(x), expected)
