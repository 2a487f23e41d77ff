import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import InceptionI3d, LCInceptionI3d
from kss_mm.models.backbones.same_padding import SameConv3d, same_padding

# Size of Conv3d_1a .. Mixed_5c: ceil(size / stride), as TensorFlow's SAME padding has it.
STRIDES = {'Conv3d_1a_7x7': (2, 2), 'Conv3d_2c_3x3': (2, 4), 'Mixed_3c': (2, 8), 'Mixed_4f': (4, 16),
           'Mixed_5c': (8, 32)}


@pytest.mark.parametrize('size', [(16, 64, 64), (9, 37, 50), (1, 33, 32), (7, 65, 31)])
def test_every_end_has_the_size_of_same_padding(size):
    ends = tuple(STRIDES)
    features = InceptionI3d(ends, width=.125)(torch.randn(1, 3, *size))
    for (time, space), feature in zip(STRIDES.values(), features):
        assert feature.shape[2:] == tuple(-(-n // s) for n, s in zip(size, (time, space, space)))


def test_same_padding_by_hand():
    # 5 inputs, kernel 3, stride 2: 3 outputs need 7 inputs, one zero on each side. 6 inputs: one zero, at the end.
    assert same_padding((5, 6, 4), (3, 3, 1), (2, 2, 1)) == [(1, 1), (0, 1), (0, 0)]


@pytest.mark.parametrize('size', [(4, 6, 6), (5, 7, 8)])
@pytest.mark.parametrize('stride', [1, 2])
def test_same_conv_equals_explicit_padding(size, stride):
    conv = SameConv3d(2, 3, 3, stride)
    x = torch.randn(1, 2, *size)
    pads = same_padding(size, conv.kernel_size, conv.stride)
    padded = torch.nn.functional.pad(x, [n for pair in reversed(pads) for n in pair])
    expected = torch.nn.functional.conv3d(padded, conv.weight, conv.bias, conv.stride)
    torch.testing.assert_close(conv(x), expected)


def test_only_the_stages_up_to_the_last_end_are_built():
    net = InceptionI3d('Mixed_3c')
    assert not hasattr(net, 'Mixed_4b')
    assert net.stage_channels['Mixed_3c'] == 480


@pytest.mark.parametrize('arguments', [dict(ends=('Mixed_9z',)), dict(ends=()), dict(width=0)])
def test_impossible_arguments_are_named(arguments):
    with pytest.raises(InputError, match='ends=|width'):
        InceptionI3d(**arguments)


def test_a_tap_within_a_stage_is_named():
    with pytest.raises(InputError, match=r"tap 'Mixed_3b.b0' is not a stage of Inception-I3D, which has Conv3d_1a_7x7"):
        LCInceptionI3d(3, taps=('Mixed_3b.b0',), ends='Mixed_3c')


def test_channels_last_changes_nothing_but_the_layout():
    torch.manual_seed(1)
    plain = InceptionI3d(width=.125).eval()
    last = InceptionI3d(width=.125, channels_last=True).eval()
    last.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 8, 32, 32)
    torch.testing.assert_close(last(x), plain(x), rtol=1e-4, atol=1e-5)
    assert last.Conv3d_2c_3x3.conv.weight.is_contiguous(memory_format=torch.channels_last_3d)


@pytest.mark.parametrize('frames', [1, 2, 3, 4])
def test_bfloat16_gradients_on_cpu_stay_close_to_float32(frames):
    """oneDNN's bfloat16 weight gradients of a padded convolution over two frames are garbage."""
    conv = SameConv3d(8, 8, 3, bias=False)
    x = torch.randn(2, 8, frames, 4, 4)
    grads = {}
    for enabled in (False, True):
        conv.zero_grad()
        with torch.autocast('cpu', torch.bfloat16, enabled=enabled):
            conv(x).float().sin().sum().backward()
        grads[enabled] = conv.weight.grad
    error = (grads[True] - grads[False]).norm() / grads[False].norm()
    assert error < .03, f'{error:.3f}'


@pytest.mark.slow
def test_full_size_parameters():
    # Inception-I3D with its 157-way logits has 12,448,189 parameters; without them, 1024 * 157 + 157 fewer.
    assert sum(p.numel() for p in InceptionI3d().parameters()) == 12_448_189 - 1024 * 157 - 157
