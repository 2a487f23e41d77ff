"""SAME padding without padded copies: values and gradients of the padded form, for every size."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F

from kss_mm.models.backbones.same_padding import SameConv3d, SameMaxPool3d, pad_zeros, same_padding

# Inception-I3D's pools, and others that it has not.
POOLS = [((1, 3, 3), (1, 2, 2)), ((3, 3, 3), (2, 2, 2)), ((2, 2, 2), (2, 2, 2)), ((3, 3, 3), (1, 1, 1))]
OTHERS = [((2, 2, 2), (1, 1, 1)), ((4, 4, 4), (1, 1, 1)), ((5, 5, 5), (1, 1, 1)), ((7, 7, 7), (2, 2, 2)),
          ((1, 1, 1), (2, 2, 2)), ((3, 5, 2), (1, 3, 2))]
FORMATS = [torch.contiguous_format, torch.channels_last_3d]


def padded(x: torch.Tensor, kernel, stride) -> torch.Tensor:
    return F.max_pool3d(pad_zeros(x, same_padding(x.shape[2:], kernel, stride)), kernel, stride)


@pytest.mark.parametrize('memory_format', FORMATS)
@pytest.mark.parametrize(('kernel', 'stride'), POOLS + OTHERS)
def test_max_pooling_equals_that_of_padded_zeros(kernel, stride, memory_format):
    """On mostly negative features, where zeros and minus infinity differ."""
    for size in product((1, 2, 5), (1, 4, 7), (3, 6)):
        x = (torch.randn(2, 3, *size) - .7).contiguous(memory_format=memory_format).requires_grad_()
        found, expected = SameMaxPool3d(kernel, stride)(x), padded(x, kernel, stride)
        assert torch.equal(found, expected)
        weights = torch.randn_like(expected)
        grads = [torch.autograd.grad((y * weights).sum(), x)[0] for y in (found, expected)]
        torch.testing.assert_close(*grads)


def test_the_input_is_not_kept_for_the_backward_pass():
    x = torch.randn(1, 2, 4, 8, 8, requires_grad=True) * 1
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.shape) or t, lambda t: t):
        y = SameMaxPool3d((3, 3, 3), (1, 1, 1))(x)
    assert x.shape not in saved
    x.data.fill_(float('nan'))  # nobody reads it any more
    assert torch.autograd.grad(y.sum(), x)[0].isfinite().all()


def test_functions_of_torch_func():
    pool, x = SameMaxPool3d((3, 3, 3), (2, 2, 2)), torch.randn(1, 2, 4, 5, 6)
    x_grad = x.clone().requires_grad_()
    pool(x_grad).square().sum().backward()
    torch.testing.assert_close(torch.func.grad(lambda x: pool(x).square().sum())(x), x_grad.grad)


@pytest.mark.parametrize('memory_format', FORMATS)
@pytest.mark.parametrize(('kernel', 'stride'), [(1, 1), (3, 1), (7, 2), (2, 2)])
def test_convolution_keeps_the_layout(kernel, stride, memory_format):
    conv = SameConv3d(3, 4, kernel, stride).to(memory_format=memory_format)
    x = torch.randn(1, 3, 2, 7, 9).contiguous(memory_format=memory_format)
    y = conv(x)
    assert y.shape[2:] == tuple(-(-size // stride) for size in x.shape[2:])
    assert y.is_contiguous(memory_format=memory_format)
    pads = same_padding(x.shape[2:], conv.kernel_size, conv.stride)
    torch.testing.assert_close(y, F.conv3d(pad_zeros(x, pads), conv.weight, conv.bias, stride))
