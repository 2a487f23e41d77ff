import pytest
import torch

from kss_mm.models import LateralConnection

SHAPES = [(2, 4, 3, 5), (2, 4, 2, 3, 5), (1, 4, 1, 1, 1), (3, 4, 7)]


@pytest.mark.parametrize('shape', SHAPES)
def test_equation_7_as_an_explicit_sum(shape):
    """y_c = x_c + sum_k g_ck sum_d x_d tanh(E_kd), position by position."""
    lateral = LateralConnection(4, 6, zero_init=False)
    x, embedding = torch.randn(shape), torch.randn(6, 4)
    correlation = torch.einsum('bd...,kd->bk...', x, embedding.tanh())
    expected = x + torch.einsum('bk...,ck->bc...', correlation, lateral.g.weight[..., 0])
    torch.testing.assert_close(lateral(x, embedding), expected)


@pytest.mark.parametrize('shape', SHAPES)
def test_zero_init_returns_its_input_bit_for_bit(shape):
    x = torch.randn(shape)
    assert torch.equal(LateralConnection(4, 6)(x, torch.randn(6, 4)), x)


def test_gradients_reach_features_embeddings_and_g():
    lateral = LateralConnection(4, 3, zero_init=False).double()
    x = torch.randn(1, 4, 2, 2, dtype=torch.double, requires_grad=True)
    embedding = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lateral, (x, embedding))
    lateral(x, embedding).sum().backward()
    assert lateral.g.weight.grad.abs().sum() > 0


def test_channels_last_features():
    lateral = LateralConnection(4, 3, zero_init=False)
    x, embedding = torch.randn(2, 4, 3, 5, 5), torch.randn(3, 4)
    torch.testing.assert_close(lateral(x.contiguous(memory_format=torch.channels_last_3d), embedding),
                               lateral(x, embedding))
