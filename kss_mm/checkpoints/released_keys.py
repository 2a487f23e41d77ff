"""Names of weights in others' checkpoints, and ours for the same weights. Names only: no tensor is touched.

Two sources are known: the released code of KSSNet (``features.5.b0.conv3d.weight``, ``gc1.weight1``,
``merge_conv1.weight``, ``logits.conv3d.weight``) and the published Inception-I3D for PyTorch
(``Mixed_3b.b0.conv3d.weight``, ``logits.conv3d.weight``).
"""

# Our stages with weights, by their positions in the released code's nn.Sequential; pools stand at the others.
_STAGES = {0: 'Conv3d_1a_7x7', 2: 'Conv3d_2b_1x1', 3: 'Conv3d_2c_3x3', 5: 'Mixed_3b', 6: 'Mixed_3c', 8: 'Mixed_4b',
           9: 'Mixed_4c', 10: 'Mixed_4d', 11: 'Mixed_4e', 12: 'Mixed_4f', 14: 'Mixed_5b', 15: 'Mixed_5c'}
GCN_LAYERS = 4
BACKBONE = 'backbone.'
# Beginnings of keys: theirs -> ours.
_CLASSIFIER = {'logits.conv3d.': 'cls_head.classifier.fc.'}
_PUBLISHED = {f'{stage}.': f'{BACKBONE}{stage}.' for stage in _STAGES.values()} | _CLASSIFIER
_RELEASED = {f'features.{index}.': f'{BACKBONE}{stage}.' for index, stage in _STAGES.items()} | _CLASSIFIER
for _layer in range(GCN_LAYERS):
    _RELEASED |= {f'gc{_layer + 1}.weight1': f'neck.layers.{_layer}.weights.0',
                  f'gc{_layer + 1}.weight2': f'neck.layers.{_layer}.weights.1',
                  f'gc{_layer + 1}.bias': f'neck.layers.{_layer}.bias'}
for _tap in range(GCN_LAYERS - 1):
    _RELEASED[f'merge_conv{_tap + 1}.'] = f'{BACKBONE}laterals.{_tap}.g.'
_OURS = {ours: theirs for theirs, ours in _RELEASED.items()}


def released_to_ours(key: str) -> str | None:
    """Our name of a weight of the released KSSNet; None if it has no such weight."""
    return _rename(key, _RELEASED, 'conv3d', 'conv')


def ours_to_released(key: str) -> str | None:
    """The released code's name of our weight; None if it has no such weight."""
    return _rename(key, _OURS, 'conv', 'conv3d')


def published_to_ours(key: str) -> str | None:
    """Our name of a weight of the published Inception-I3D; None if it has no such weight."""
    return _rename(key, _PUBLISHED, 'conv3d', 'conv')


def released_shape(key: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that a weight of ours has in the released code, where all maps over channels are 3D convolutions."""
    if key.startswith(('merge_conv', 'logits.')) and key.endswith('weight'):
        return (*shape[:2], 1, 1, 1)  # (out, in, 1, 1, 1)
    if key.startswith('gc') and key.endswith('bias'):
        return (1, *shape)  # (1, D)
    return shape


def _rename(key: str, beginnings: dict[str, str], unit: str, ours: str) -> str | None:
    """Replace the beginning of a key, and in what follows the name of the convolution within a unit."""
    for old, new in beginnings.items():
        if key.startswith(old):
            rest = [ours if part == unit else part for part in key[len(old):].split('.')]
            return new + '.'.join(rest)
    return None
