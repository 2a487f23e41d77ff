"""Names of weights in checkpoints of ML-GCN's released code, and ours for the same weights.

They are ``features.N...`` for the parts of torchvision's ResNet in an nn.Sequential, ``gc1.weight``, ``gc2.weight`` and
``A``, which is not normalised there and is here.
"""

from kss_mm.checkpoints.released_keys import BACKBONE

ADJACENCY = 'neck.adjacency'
# Parts of a ResNet with weights, by their positions; ReLU and a pool stand at the others.
_PARTS = {0: 'conv1', 1: 'bn1', 4: 'layer1', 5: 'layer2', 6: 'layer3', 7: 'layer4'}
_RELEASED = {f'features.{index}.': f'{BACKBONE}{part}.' for index, part in _PARTS.items()}
_WHOLE = {'gc1.weight': 'neck.layers.0.weights.0', 'gc2.weight': 'neck.layers.1.weights.0', 'A': ADJACENCY}
_OURS = {ours: theirs for theirs, ours in _RELEASED.items()}
_WHOLE_OURS = {ours: theirs for theirs, ours in _WHOLE.items()}


def mlgcn_to_ours(key: str) -> str | None:
    """Our name of a weight of the released ML-GCN; None if it has no such weight."""
    return _rename(key, _WHOLE, _RELEASED)


def ours_to_mlgcn(key: str) -> str | None:
    """The released ML-GCN's name of our weight; None if it has no such weight."""
    return _rename(key, _WHOLE_OURS, _OURS)


def _rename(key: str, whole: dict[str, str], beginnings: dict[str, str]) -> str | None:
    for old, new in beginnings.items():
        if key.startswith(old):
            return new + key[len(old):]
    return whole.get(key)
