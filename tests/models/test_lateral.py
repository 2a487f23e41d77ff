import pytest
import torch
from torch import nn

from kss_mm.errors import InputError
from kss_mm.models import LateralConnection

SHAPES = [(2, 4, 3, 5), (2, 4, 2, 3, 5), (1, 4, 1, 1, 1)]


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


@pytest.mark.parametrize(('first', 'layout'), [((2, 4, 6), None), ((2, 4, 3, 5), 'channels_last'),
                                               ((2, 4, 2, 3, 5), 'channels_last')])
def test_channels_last_layouts_are_the_same_features_moved(first, layout):
    """Tokens (B, L, C), and (B, H, W, C), which a transformer's stages may return."""
    lateral = LateralConnection(4, 3, layout=layout, zero_init=False)
    x, embedding = torch.randn(first), torch.randn(3, 4)
    expected = LateralConnection(4, 3, layout='channels_first')
    expected.load_state_dict(lateral.state_dict())
    torch.testing.assert_close(lateral(x.movedim(1, -1), embedding), expected(x, embedding).movedim(1, -1))


@pytest.mark.parametrize('x', [torch.randn(2, 7, 4), torch.randn(2, 4, 3, 5),
                               torch.randn(2, 4, 3, 5).contiguous(memory_format=torch.channels_last)])
def test_the_output_has_the_strides_of_the_input(x):
    """Other strides would take other kernels downstream, and a zero connection would no more change nothing."""
    assert LateralConnection(4, 3)(x, torch.randn(3, 4)).stride() == x.stride()


def test_weights_that_hosts_draw_anew_are_not_among_its():
    from mmengine.model import initialize

    lateral = LateralConnection(4, 3)
    layers = ['Conv1d', 'Conv2d', 'Conv3d', 'Linear', '_ConvNd']
    initialize(lateral, dict(type='Normal', layer=layers, std=1.))
    assert not lateral.g.weight.any() and not any(isinstance(m, nn.modules.conv._ConvNd) for m in lateral.modules())


@pytest.mark.parametrize(('shape', 'layout'), [((2, 4), None), ((2, 3, 4, 4), None), ((2, 4, 3), None),
                                               ((2, 4, 3, 3), 'channels_last')])
def test_features_of_other_channels_are_named(shape, layout):
    with pytest.raises(InputError, match='for 4 channels, channels .* got features of shape'):
        LateralConnection(4, 3, layout=layout)(torch.randn(shape), torch.randn(3, 4))
