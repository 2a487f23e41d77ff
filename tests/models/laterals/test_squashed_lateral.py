import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import LateralConnection
from kss_mm.models.backbones.inception_i3d import LCInceptionI3d

FORMS = [dict(squash='softmax'), dict(squash='sigmoid'), dict(cosine=True), dict(gate=True),
         dict(squash='softmax', cosine=True), dict(squash='softmax', cosine=True, gate=True)]
K, C = 6, 4


def made(**options) -> LateralConnection:
    return LateralConnection(C, K, zero_init=False, **options).double()


def written(lateral: LateralConnection, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
    """Position by position and label by label, from the formula; x is (B, C, L)."""
    attention, y = lateral.attention, torch.empty_like(x)
    for b in range(len(x)):
        for position in range(x.shape[2]):
            vector, values = x[b, :, position], []
            for label in embedding.tanh():
                if attention.cosine:
                    value = vector @ label / vector.norm() / label.norm() * attention.log_scale.exp()
                else:
                    value = vector @ label / (1 if attention.squash == 'none' else C ** .5)
                values.append(1 / (1 + (-value).exp()) if attention.squash == 'sigmoid' else value)
            values = torch.stack(values)
            if attention.squash == 'softmax':
                values = values.exp() / values.exp().sum()
            added = lateral.weight @ values
            y[b, :, position] = vector * (1 + added) if attention.gate else vector + added
    return y


@pytest.mark.parametrize('options', FORMS, ids=str)
def test_the_formula(options):
    lateral, x, embedding = made(**options), torch.randn(2, C, 3, 2).double(), torch.randn(K, C).double()
    expected = written(lateral, x.flatten(2), embedding).view_as(x)
    torch.testing.assert_close(lateral(x, embedding), expected)
    last = x.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(lateral(last, embedding), expected)


@pytest.mark.parametrize('options', FORMS, ids=str)
def test_tokens_are_the_same_features(options):
    lateral, x, embedding = made(**options), torch.randn(2, 5, C).double(), torch.randn(K, C).double()
    torch.testing.assert_close(lateral(x, embedding), written(lateral, x.transpose(1, 2), embedding).transpose(1, 2))


@pytest.mark.parametrize('options', FORMS, ids=str)
def test_a_fresh_connection_changes_nothing(options):
    x = torch.randn(2, C, 3, 5)
    assert torch.equal(LateralConnection(C, K, **options)(x, torch.randn(K, C)), x)


@pytest.mark.parametrize('options', FORMS, ids=str)
def test_gradients(options):
    x = torch.randn(1, C, 2, 2, dtype=torch.double, requires_grad=True)
    embedding = torch.randn(K, C, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(made(**options), (x, embedding))


def test_without_options_nothing_is_there():
    assert not [key for key in LateralConnection(C, K).state_dict() if 'attention' in key]
    assert LateralConnection(C, K).attention is None


def test_it_is_more_than_a_matrix():
    """Eq. 7 maps 2 x to twice its y; an attention does not."""
    x, embedding = torch.randn(1, C, 1, 1).double(), torch.randn(K, C).double()
    plain, squashed = made(), made(squash='softmax')
    torch.testing.assert_close(plain(2 * x, embedding), 2 * plain(x, embedding))
    assert not torch.allclose(squashed(2 * x, embedding), 2 * squashed(x, embedding))


def test_mistakes_are_named():
    with pytest.raises(InputError, match="squash must be 'none' or 'sigmoid' or 'softmax', got 'tanh'"):
        LateralConnection(C, K, squash='tanh')
    with pytest.raises(InputError, match="'temperature' is not an option of lateral connections, which are squash"):
        LCInceptionI3d(K, width=.1, lateral=dict(temperature=2.))


def test_a_backbone_passes_the_options_on():
    backbone = LCInceptionI3d(K, width=.1, lateral=dict(squash='softmax', cosine=True))
    assert all(lateral.attention.squash == 'softmax' and lateral.attention.cosine for lateral in backbone.laterals)
