"""The network of ML-GCN's released code: the names and shapes of all its entries."""

from mmpretrain.models import ResNet

from kss_mm.checkpoints.mlgcn_keys import ours_to_mlgcn
from kss_mm.checkpoints.released_keys import BACKBONE

# Width of its word vectors, and of the outputs of its two graph convolutions.
MLGCN_WORDS = 300
MLGCN_CHANNELS = (1024, 2048)
_DEPTH = 101


def mlgcn_shapes(num_classes: int, words: int = MLGCN_WORDS) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all entries of the released network, in their order."""
    backbone = ResNet(_DEPTH).state_dict()  # not on the meta device, where the host's class cannot be built
    shapes = {ours_to_mlgcn(f'{BACKBONE}{key}'): tuple(value.shape) for key, value in backbone.items()}
    return {'A': (num_classes, num_classes), **shapes, 'gc1.weight': (words, MLGCN_CHANNELS[0]),
            'gc2.weight': MLGCN_CHANNELS}
