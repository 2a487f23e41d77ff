"""The released KSSNet-I3D, number by number: its weights, converted, in our model built from its config.

Weights are made from the names of the released code's entries. At one size its logits, statistics and gradients are
known; at others a straight-line rewriting of its forward pass, tested on that one, says what they should be.
"""

import copy
import zlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F

pytest.importorskip('mmaction')
from conftest import ROOT  # noqa: E402
from golden import figures, released_graph  # noqa: E402

from kss_mm.apis.config import load_config  # noqa: E402
from kss_mm.apis.convert_checkpoint import to_ours  # noqa: E402
from kss_mm.apis.runner import build_model  # noqa: E402
from kss_mm.checkpoints.released_keys import released_to_ours  # noqa: E402
from kss_mm.graph import LabelGraph, normalize_adjacency  # noqa: E402
from kss_mm.models.released_network import released_shapes  # noqa: E402

CONFIG = ROOT / 'configs' / 'kssnet_i3d_charades_released.py'
TAU, ETA = .03, .4
# Positions in the released nn.Sequential before whose output, or behind which, something happens.
CONV2C, MIXED_3C, MIXED_4F, MIXED_5C = 3, 6, 12, 15
POOLS = {1: ((1, 3, 3), (1, 2, 2)), 4: ((1, 3, 3), (1, 2, 2)), 7: ((3, 3, 3), (2, 2, 2)), 13: ((2, 2, 2), (2, 2, 2))}
TAPS = {CONV2C: 'Conv3d_2c_3x3', MIXED_3C: 'Mixed_3c', MIXED_4F: 'Mixed_4f', MIXED_5C: 'Mixed_5c'}
STATISTICS = {'after_conv2c_before_lc': CONV2C, 'mixed_3c_before_lc': MIXED_3C, 'mixed_4f_before_lc': MIXED_4F,
              'mixed_5c': MIXED_5C}


def rule(key: str, shape: tuple[int, ...], salt: int) -> torch.Tensor:
    """An entry's value, from its name."""
    rng = np.random.default_rng([zlib.crc32(key.encode()), salt])
    if key.endswith('num_batches_tracked'):
        return torch.zeros((), dtype=torch.long)
    if key.endswith(('running_var', 'bn.weight')):
        value = rng.uniform(.8, 1.2, shape)
    elif key.endswith(('running_mean', 'bias')):
        value = rng.normal(0, .05, shape)
    else:
        fan_in = shape[0] if len(shape) == 2 else np.prod(shape[1:])
        value = rng.normal(0, np.sqrt(2 / fan_in), shape)
    return torch.from_numpy(value.astype(np.float32))


def make_input(shape, salt: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng([salt, 99]).normal(0, 1, shape).astype(np.float32))


def make_probe(shape, salt: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng([salt, 7]).normal(0, 1, shape).astype(np.float32))


def convert(folder, state, adjacency, words):
    """Our model in evaluation mode, from released entries by way of files, as a user has them."""
    classes = len(adjacency)
    LabelGraph(classes=[f'label {i}' for i in range(classes)], superimposed=adjacency,
               embeddings=words).save(folder / 'graph.npz')
    torch.save({'epoch': 5, 'arch': None, 'best_score': 1., 'state_dict': state}, folder / 'released.pth.tar')
    cfg = load_config(str(CONFIG), {'model.neck.graph': str(folder / 'graph.npz'),
                                    'model.backbone.num_classes': classes, 'model.cls_head.num_classes': classes})
    conversion = to_ours(str(folder / 'released.pth.tar'), cfg)
    assert not conversion.unplaced and not conversion.missing and conversion.placed == len(state)
    conversion.save(str(folder / 'ours.pth'))
    return build_model(cfg, str(folder / 'ours.pth'), 'cpu')


def run(model, x):
    """Logits, and the outputs of the tapped stages before their lateral connections."""
    stages = {}
    handles = [getattr(model.backbone, name).register_forward_hook(
        lambda module, inputs, output, index=index: stages.__setitem__(index, output.detach().clone()), prepend=True)
        for index, name in TAPS.items()]
    logits = model(x[:, None], mode='tensor', stage='head')
    for handle in handles:
        handle.remove()
    return logits, stages


# ---- the released forward pass, straight from its entries


def same(x, kernel, stride):
    """Zeros so that there are ceil(size / stride) outputs, the odd one behind."""
    pads = []
    for size, k, s in zip(x.shape[:1:-1], kernel[::-1], stride[::-1]):
        total = max(k - (size % s or s), 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def unit(state, key, x, stride=1):
    weight = state[f'{key}.conv3d.weight']
    x = F.conv3d(same(x, weight.shape[2:], (stride,) * 3), weight, stride=stride)
    mean, var, gamma, beta = (state[f'{key}.bn.{name}'].view(-1, 1, 1, 1)
                              for name in ('running_mean', 'running_var', 'weight', 'bias'))
    return ((x - mean) / (var + 1e-3).sqrt() * gamma + beta).relu()


def stage(state, index, x):
    key = f'features.{index}'
    if index in POOLS:
        return F.max_pool3d(same(x, *POOLS[index]), *POOLS[index])
    if index <= CONV2C:
        return unit(state, key, x, stride=1 if index else 2)
    pooled = F.max_pool3d(same(x, (3,) * 3, (1,) * 3), 3, 1)
    return torch.cat([unit(state, f'{key}.b0', x),
                      unit(state, f'{key}.b1b', unit(state, f'{key}.b1a', x)),
                      unit(state, f'{key}.b2b', unit(state, f'{key}.b2a', x)),
                      unit(state, f'{key}.b3b', pooled)], 1)


def final_adjacency(adjacency):
    """tau, eta, then D^-1/2 A D^-1/2 with the sums of the columns in D; nothing is normalised before tau."""
    classes = len(adjacency)
    out = np.zeros((classes, classes))
    for i in range(classes):
        for j in range(classes):
            out[i, j] = ETA * (adjacency[i, j] if adjacency[i, j] >= TAU else 0) + (1 - ETA) * (i == j)
    sums = out.sum(0)
    return torch.from_numpy(out / np.sqrt(np.outer(sums, sums)))


def straight_line(state, x, adjacency, words):
    """Logits and stage outputs in float64."""
    state = {key: value.double() for key, value in state.items()}
    adjacency, embedding = final_adjacency(adjacency), torch.from_numpy(words)
    x, stages = x.double(), {}
    taps = iter((CONV2C, MIXED_3C, MIXED_4F, MIXED_5C))
    tap, layer = next(taps), 1
    for index in range(16):
        x = stage(state, index, x)
        if index != tap:
            continue
        stages[index] = x
        hidden = adjacency @ (embedding @ state[f'gc{layer}.weight1'] @ state[f'gc{layer}.weight2'])
        hidden = hidden + state[f'gc{layer}.bias']
        embedding = F.leaky_relu(hidden, .2)
        if layer < 4:  # eq. 7 as it stands: reshape, product, reshape, 1x1x1 convolution
            correlation = x.permute(0, 2, 3, 4, 1).reshape(-1, x.shape[1]) @ hidden.tanh().t()
            correlation = correlation.reshape(len(x), *x.shape[2:], -1).permute(0, 4, 1, 2, 3)
            x = x + F.conv3d(correlation, state[f'merge_conv{layer}.weight'])
            tap, layer = next(taps), layer + 1
    pooled = x.mean((2, 3, 4))
    fc = F.conv3d(pooled[..., None, None, None], state['logits.conv3d.weight'], state['logits.conv3d.bias'])
    return pooled @ hidden.tanh().t() + fc[..., 0, 0, 0], stages


def assert_close(value, expected, tolerance):
    value, expected = (torch.as_tensor(a).double() for a in (value, expected))
    assert (value - expected).abs().max() <= tolerance * expected.abs().max()


def statistics(values: torch.Tensor) -> list[torch.Tensor]:
    return [values.mean(), values.std(), values.abs().max()]


@pytest.fixture(scope='module')
def golden():
    """Figures of the released code for 12 labels, and the entries that it was given."""
    golden = figures('released_network_12')
    golden['state'] = {key: rule(key, shape, golden['salt']) for key, shape in released_shapes(12).items()}
    return golden


def test_logits_statistics_and_gradients_of_the_released_network(golden, tmp_path):
    """Gradient norms to 0.5% only: where a processor rounds otherwise, some maximum or ReLU decides otherwise.

    The norms in float64 are 0.3% off the golden ones, too; in float64 every gradient is compared to 1e-9 below.
    """
    adjacency, words = released_graph()
    model = convert(tmp_path, golden['state'], adjacency, words)
    x = make_input(golden['input_shape'], golden['salt'])
    logits, stages = run(model, x)
    assert_close(logits.detach(), golden['logits'], 1e-4)
    for name, index in STATISTICS.items():
        np.testing.assert_allclose(statistics(stages[index].double()), golden['statistics'][name], rtol=1e-4)

    (logits * make_probe(logits.shape, golden['salt'])).sum().backward()
    norms = {key: parameter.grad.norm().item() for key, parameter in model.named_parameters()}
    assert norms == pytest.approx({released_to_ours(key): norm for key, norm in golden['gradient_norms'].items()},
                                  rel=5e-3, abs=1e-6)

    # Were the given matrix normalised before tau, the logits would be others, by far more than the tolerance.
    model.neck.adjacency.copy_(final_adjacency(normalize_adjacency(adjacency)))
    with torch.no_grad():
        others, _ = run(model, x)
    expected = np.array(golden['logits'])
    assert np.abs(others.numpy() - expected).max() > 1e-2 * np.abs(expected).max()


def test_the_straight_line_gives_the_released_numbers(golden):
    """So it may stand in for the released code at other sizes."""
    x = make_input(golden['input_shape'], golden['salt'])
    logits, stages = straight_line(golden['state'], x, *released_graph())
    assert_close(logits, golden['logits'], 1e-5)
    for name, index in STATISTICS.items():
        np.testing.assert_allclose(statistics(stages[index]), golden['statistics'][name], rtol=1e-5)


@pytest.fixture(scope='module')
def charades_size(tmp_path_factory):
    """157 labels, a superimposed matrix that is not symmetric: entries, matrix, words and the converted model."""
    rng = np.random.default_rng(0)
    adjacency = rng.random((157, 157)) ** 8 * (rng.random((157, 157)) < .3)
    words = rng.normal(size=(157, 300))
    state = {key: rule(key, shape, 3) for key, shape in released_shapes(157).items()}
    assert sum(value.numel() for key, value in state.items()
               if 'running' not in key and 'tracked' not in key) == 13_419_065
    return state, adjacency, words, convert(tmp_path_factory.mktemp('released'), state, adjacency, words)


@pytest.mark.parametrize('size', [(9, 65, 47), (17, 112, 96), (1, 33, 40), (10, 31, 57)])
def test_other_sizes(charades_size, size):
    state, adjacency, words, model = charades_size
    x = make_input((1, 3, *size), 5)
    expected, expected_stages = straight_line(state, x, adjacency, words)
    with torch.no_grad():
        logits, stages = run(model, x)
    assert_close(logits, expected, 1e-4)
    for index, value in expected_stages.items():
        assert_close(stages[index], value, 1e-4)


def test_gradients_in_double_precision(charades_size):
    """Every entry's gradient, itself and not its norm, where rounding decides nothing."""
    state, adjacency, words, model = charades_size
    model = copy.deepcopy(model).double()
    model.neck.adjacency.copy_(final_adjacency(adjacency))  # not by way of float32
    model.neck.embedding.copy_(torch.from_numpy(words))
    state = {key: value.double().requires_grad_('running' not in key) for key, value in state.items()}
    x = make_input((1, 3, 9, 65, 47), 5).double()
    expected, _ = straight_line(state, x, adjacency, words)
    logits, _ = run(model, x)
    probe = make_probe(logits.shape, 5)
    for outputs in (expected, logits):
        (outputs * probe).sum().backward()
    gradients = {key: parameter.grad for key, parameter in model.named_parameters()}
    for key, value in state.items():
        if value.grad is not None:
            assert_close(gradients.pop(released_to_ours(key)).view(value.shape), value.grad, 1e-9)
    assert not gradients
