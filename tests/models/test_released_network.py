"""The released KSSNet-I3D, number by number: weights made from the keys' names, its logits and gradients."""

import zlib

import numpy as np
import pytest
import torch

pytest.importorskip('mmaction')
from conftest import SHARED  # noqa: E402
from mmaction.registry import MODELS  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402

GOLDEN = SHARED / 'reference' / 'mssnet_golden_12.npz'
# Positions in the released nn.Sequential -> our names.
STAGES = {0: 'Conv3d_1a_7x7', 2: 'Conv3d_2b_1x1', 3: 'Conv3d_2c_3x3', 5: 'Mixed_3b', 6: 'Mixed_3c', 8: 'Mixed_4b',
          9: 'Mixed_4c', 10: 'Mixed_4d', 11: 'Mixed_4e', 12: 'Mixed_4f', 14: 'Mixed_5b', 15: 'Mixed_5c'}


def rule(key: str, shape: tuple[int, ...], salt: int) -> np.ndarray:
    rng = np.random.default_rng([zlib.crc32(key.encode()), salt])
    if key.endswith(('running_var', 'bn.weight')):
        value = rng.uniform(.8, 1.2, shape)
    elif key.endswith(('running_mean', 'bias')):
        value = rng.normal(0, .05, shape)
    else:
        fan_in = shape[0] if len(shape) == 2 else np.prod(shape[1:])
        value = rng.normal(0, np.sqrt(2 / fan_in), shape)
    return value.astype(np.float32)


def our_key(key: str) -> str:
    part, _, rest = key.partition('.')
    if part == 'features':
        index, _, rest = rest.partition('.')
        return f'backbone.{STAGES[int(index)]}.{rest}'.replace('conv3d', 'conv')
    if part.startswith('gc'):
        name = {'weight1': 'weights.0', 'weight2': 'weights.1', 'bias': 'bias'}[rest]
        return f'neck.layers.{int(part[2:]) - 1}.{name}'
    if part.startswith('merge_conv'):
        return f'backbone.laterals.{int(part[10:]) - 1}.g.weight'
    return f'cls_head.classifier.fc.{rest.split(".")[-1]}'


@pytest.mark.skipif(not GOLDEN.exists(), reason='needs the golden numbers beside the repository')
def test_logits_and_gradients_of_the_released_network(make_graph):
    golden = np.load(GOLDEN)
    salt, classes = int(golden['salt']), int(golden['n'])
    init_default_scope('mmaction')
    model = MODELS.build(dict(
        type='kss_mm.KSSNet',
        backbone=dict(type='kss_mm.LCInceptionI3d', num_classes=classes),
        neck=dict(type='kss_mm.LabelGCN', graph=make_graph(classes, 300), channels=(192, 480, 832, 1024), lam=.6,
                  tau=.03, eta=.4, rank='auto', bias=True),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=classes, in_channels=1024, residual_fc=True))).eval()

    shapes = model.state_dict()
    from kss_mm.graph import normalize_adjacency

    superimposed = golden['adjacency'] * (golden['adjacency'] >= .03)  # eq. 3
    adjacency = normalize_adjacency(.4 * superimposed + .6 * np.eye(classes))  # eq. 4 and 6
    state = {'neck.adjacency': torch.as_tensor(adjacency).float(), 'neck.embedding': torch.as_tensor(golden['words']),
             'cls_head.classifier.thresholds': torch.full((classes,), .5)}
    names = {}
    for key, shape in zip(golden['keys'], golden['shapes']):
        name = our_key(str(key))
        if key.endswith('num_batches_tracked'):
            state[name] = torch.zeros((), dtype=torch.long)
            continue
        value = torch.from_numpy(rule(str(key), tuple(int(n) for n in str(shape).strip('(),').split(',') if n), salt))
        state[name] = value.reshape(shapes[name].shape)
        names[str(key)] = name
    model.load_state_dict({key: value.to(shapes[key].dtype) for key, value in state.items()}, strict=True)

    x = np.random.default_rng([salt, 99]).normal(0, 1, golden['input_shape']).astype(np.float32)
    logits = model(torch.from_numpy(x)[:, None], mode='tensor', stage='head')
    expected = golden['logits']
    assert np.abs(logits.detach().numpy() - expected).max() <= 1e-4 * np.abs(expected).max()

    probe = np.random.default_rng([salt, 7]).normal(0, 1, logits.shape).astype(np.float32)
    (logits * torch.from_numpy(probe)).sum().backward()
    norms = [dict(model.named_parameters())[names[str(key)]].grad.norm().item() for key in golden['grad_keys']]
    np.testing.assert_allclose(norms, golden['grad_norms'], rtol=1e-3, atol=1e-6)
