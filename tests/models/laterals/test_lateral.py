import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from kss_mm.errors import InputError
from kss_mm.models import LateralConnection
from kss_mm.models.laterals import lateral as module

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


def literal(lateral: LateralConnection, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
    """Eq. 7 as it is written, for features (B, C, ...): reshape, product, reshape, 1x1 convolution, sum."""
    flat = x.flatten(2).transpose(1, 2)  # (B, L, C)
    correlation = flat @ embedding.tanh().t()  # (B, L, K)
    correlation = correlation.transpose(1, 2).unflatten(2, x.shape[2:])  # (B, K, ...)
    conv = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[x.ndim]
    return conv(correlation, lateral.g.weight.view(*lateral.g.weight.shape, *[1] * (x.ndim - 3))) + x


LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


@pytest.mark.parametrize('composed', [False, True])
@pytest.mark.parametrize('num_classes', [1, 7, 157, 2000])
@pytest.mark.parametrize(('shape', 'memory'), [
    ((2, 9, 35), 'tokens'), ((2, 9, 5, 7), 'first'), ((2, 9, 5, 7), 'last'), ((1, 9, 3, 5, 7), 'first'),
    ((3, 9, 1, 5, 3), 'last'), ((2, 9, 5, 7), 'sliced')])
def test_both_associations_equal_the_literal_form(shape, memory, num_classes, composed, monkeypatch):
    """Values, and gradients of features, embeddings and g, in every order of axes in memory."""
    monkeypatch.setattr(module, 'compose', lambda *sizes: composed)
    lateral = LateralConnection(9, num_classes, zero_init=False).double()
    base = torch.randn(shape, dtype=torch.double, requires_grad=True)
    embedding = torch.randn(num_classes, 9, dtype=torch.double, requires_grad=True)
    weights = torch.randn(shape, dtype=torch.double)

    x = dict(tokens=base.transpose(1, 2).contiguous, first=base.clone,
             sliced=lambda: base.repeat(1, 1, 2, 1)[:, :, ::2],
             last=lambda: base.contiguous(memory_format=LAST.get(base.ndim)))[memory]()
    # Every second row of two copies: rows 0, 2, 4, 1, 3 of one.
    order = [0, 2, 4, 1, 3]
    reference = base[:, :, order] if memory == 'sliced' else base
    expected = literal(lateral, reference, embedding)
    found = lateral(x, embedding)
    if memory == 'tokens':
        found = found.transpose(1, 2)
    torch.testing.assert_close(found, expected)
    inputs = (base, embedding, lateral.g.weight)
    for ours, theirs in zip(torch.autograd.grad((found * weights).sum(), inputs),
                            torch.autograd.grad((expected * weights).sum(), inputs)):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(('channels', 'num_classes', 'positions', 'composed'), [
    (192, 157, 100352, True),  # Inception-I3D's taps at 64x224x224
    (480, 157, 25088, False),
    (832, 157, 3136, False),
    (832, 10000, 3136, True),
    (832, 10000, 100, False),  # composing alone would take 4 times what both products take
    (16, 8, 10**9, False),  # 2 K = C: as many either way, but for composing
])
def test_the_association_with_fewer_multiply_adds(channels, num_classes, positions, composed):
    assert module.compose(channels, num_classes, positions) is composed
    counts = {}
    for choice in (True, False):
        with FakeTensorMode(), pytest.MonkeyPatch.context() as patch, FlopCounterMode(display=False) as counter:
            patch.setattr(module, 'compose', lambda *sizes, choice=choice: choice)
            LateralConnection(channels, num_classes)(torch.empty(1, channels, positions, 1),
                                                     torch.empty(num_classes, channels))
        counts[choice] = counter.get_total_flops()
    assert (counts[True] < counts[False]) is composed


@pytest.mark.parametrize('shape', [(2, 192, 4, 5), (2, 192, 2, 4, 5)])
@pytest.mark.parametrize('memory', ['first', 'last'])
@pytest.mark.parametrize('num_classes', [5, 500])
def test_features_are_not_transposed(shape, memory, num_classes):
    """Forward and backward copy no feature, and allocate the products, their gradients and one sum, no more."""
    lateral = LateralConnection(192, num_classes, zero_init=False)
    x = torch.randn(shape)
    if memory == 'last':
        x = x.contiguous(memory_format=LAST[x.ndim])
    x.requires_grad_()
    embedding, gradient = torch.randn(num_classes, 192, requires_grad=True), torch.randn_like(x)
    with Copies(numel=x.numel()) as copies:
        lateral(x, embedding).backward(gradient)
    assert not copies.found


class Copies(TorchDispatchMode):
    """Collects the operators that copy a feature."""

    def __init__(self, numel: int):
        super().__init__()
        self.numel = numel
        self.found = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        copies = (torch.ops.aten.clone, torch.ops.aten._to_copy, torch.ops.aten.copy_)
        if function.overloadpacket in copies and output.numel() >= self.numel:
            self.found.append(str(function))
        return output


def test_backward_keeps_the_input_and_no_other_feature():
    """The memory of training is what autograd saves: with K > C / 2 the input alone, which others keep as well."""
    lateral = LateralConnection(8, 20, zero_init=False)
    x = torch.randn(2, 8, 30, 30, requires_grad=True)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        lateral(x, torch.randn(20, 8, requires_grad=True))
    assert {t.untyped_storage().data_ptr() for t in saved if t.numel() >= x.numel()} == {x.untyped_storage().data_ptr()}


@pytest.mark.parametrize('num_classes', [3, 500])
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_autocast(num_classes, dtype):
    """The output keeps the dtype of the features, which a zero connection returns bit for bit here, too."""
    x = torch.randn(2, 16, 6, 6, dtype=dtype)
    embedding = torch.randn(num_classes, 16, requires_grad=True)
    zero, lateral = LateralConnection(16, num_classes), LateralConnection(16, num_classes, zero_init=False)
    with torch.autocast('cpu', torch.bfloat16):
        assert torch.equal(zero(x, embedding), x)
        y = lateral(x, embedding)
    assert y.dtype == dtype
    expected = literal(lateral, x.float(), embedding)
    torch.testing.assert_close(y.float(), expected, rtol=.05, atol=.05)
    for ours, theirs in zip(torch.autograd.grad(y.float().square().mean(), (embedding, lateral.g.weight)),
                            torch.autograd.grad(expected.square().mean(), (embedding, lateral.g.weight))):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours, theirs, rtol=.1, atol=.1 * theirs.abs().max().item())


@pytest.mark.parametrize('num_classes', [3, 500])
@pytest.mark.slow
def test_compiled_in_one_graph(num_classes):
    lateral = LateralConnection(16, num_classes, zero_init=False)
    compiled = torch.compile(lateral, backend='aot_eager', fullgraph=True)
    for x in (torch.randn(2, 16, 3, 4), torch.randn(2, 16, 3, 4).contiguous(memory_format=torch.channels_last)):
        embedding = torch.randn(num_classes, 16, requires_grad=True)
        found, expected = compiled(x, embedding), lateral(x, embedding)
        torch.testing.assert_close(found, expected)
        for ours, theirs in zip(torch.autograd.grad(found.square().sum(), (embedding, lateral.g.weight)),
                                torch.autograd.grad(expected.square().sum(), (embedding, lateral.g.weight))):
            torch.testing.assert_close(ours, theirs)


def test_one_connection_may_serve_several_features():
    """A tap that is called twice: the gradients add up."""
    lateral = LateralConnection(4, 6, zero_init=False)
    first, second = torch.randn(1, 4, 3, 3), torch.randn(1, 4, 5, 5)
    embedding = torch.randn(6, 4, requires_grad=True)
    (lateral(first, embedding).sum() + lateral(second, embedding).sum()).backward()
    found, lateral.g.weight.grad = lateral.g.weight.grad, None
    (literal(lateral, first, embedding).sum() + literal(lateral, second, embedding).sum()).backward()
    torch.testing.assert_close(found, lateral.g.weight.grad)


def test_features_stay_as_they_are():
    """The sum is written into the product's memory, never into the input's."""
    x = torch.randn(2, 4, 3, 3)
    before = x.clone()
    LateralConnection(4, 6, zero_init=False)(x, torch.randn(6, 4))
    assert torch.equal(x, before)


@pytest.mark.parametrize('strict', [False, True])
@pytest.mark.slow
def test_exported_with_any_batch(strict):
    """Also where more samples would make the other association the cheaper one."""
    lateral = LateralConnection(24, 13, zero_init=False)
    embedding = torch.randn(13, 24)
    assert module.compose(24, 13, 9 * 40) and not module.compose(24, 13, 40)
    program = torch.export.export(lateral, (torch.randn(2, 24, 5, 8), embedding), strict=strict,
                                  dynamic_shapes=({0: torch.export.Dim.DYNAMIC}, None))
    for batch in (1, 9):
        x = torch.randn(batch, 24, 5, 8)
        torch.testing.assert_close(program.module()(x, embedding), lateral(x, embedding))
