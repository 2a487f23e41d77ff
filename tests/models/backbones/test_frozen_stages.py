import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models.backbones.frozen_stages import FROZEN, output_until
from kss_mm.models.laterals.lateral import laterals_of
from kss_mm.registry import MODELS

I3D = (dict(type='kss_mm.InceptionI3d', width=.1), 'Mixed_3c', ('Mixed_3c', 'Mixed_4f'), (2, 3, 8, 64, 64))
RESNET = (dict(type='mmpretrain.ResNet', depth=18, base_channels=8, stem_channels=8), 'layer2', ('layer2', 'layer3'),
          (2, 3, 64, 64))
SLOWONLY = (dict(type='mmaction.ResNet3dSlowOnly', depth=50, base_channels=8, pretrained=None), 'layer2', ('layer3',),
            (1, 3, 4, 64, 64))
LITE = (dict(type='mmpretrain.TIMMBackbone', model_name='tf_efficientnet_lite0'), 'timm_model.blocks.4',
        ('timm_model.blocks.4', 'timm_model.blocks.5'), (1, 3, 64, 96))


def build(case, cached: bool):
    backbone, until, taps, _ = case
    if backbone['type'].startswith('mm'):
        pytest.importorskip(backbone['type'].partition('.')[0])
    if 'TIMM' in backbone['type']:
        pytest.importorskip('timm')
    made = MODELS.build(dict(
        type='kss_mm.FrozenBackbone', until=until, cached=cached,
        backbone=dict(type='kss_mm.LCBackbone', backbone=backbone, taps=taps, num_classes=5, zero_init=False)))
    laterals_of(made).feed([torch.ones(5, lateral.channels) for lateral in laterals_of(made)])
    return made


@pytest.mark.parametrize('case', [I3D, RESNET, SLOWONLY, LITE], ids=lambda case: case[0]['type'])
def test_features_take_the_place_of_the_input(case):
    whole, tail = build(case, cached=False), build(case, cached=True)
    tail.load_state_dict(whole.state_dict())
    whole.train(), tail.train()
    x = torch.randn(case[3])
    features = output_until(whole, case[1], x)
    for found, expected in zip(torch.utils._pytree.tree_leaves(tail(features)),
                               torch.utils._pytree.tree_leaves(whole(x)), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize('cached', [False, True])
def test_frozen_stages_do_not_learn(cached):
    made = build(RESNET, cached)
    made.train()
    before = {key: value.clone() for key, value in made.state_dict().items()}
    outputs = made(torch.randn(2, 16, 8, 8) if cached else torch.randn(2, 3, 64, 64))
    torch.utils._pytree.tree_leaves(outputs)[-1].sum().backward()
    stages = getattr(made, FROZEN)
    assert stages.names == ['conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2']
    for name in stages.names:
        assert all(parameter.grad is None for parameter in made.get_submodule(name).parameters())
        assert all(torch.equal(value, before[f'{name}.{key}'])
                   for key, value in made.get_submodule(name).state_dict().items())
    assert made.layer3[0].conv1.weight.grad.abs().sum() > 0 and laterals_of(made)[0].g.weight.grad.abs().sum() > 0


def test_the_digest_is_of_the_frozen_weights():
    made = build(RESNET, cached=False)
    stages = getattr(made, FROZEN)
    digest = stages.digest(made)
    torch.nn.init.ones_(made.layer3[0].conv1.weight)
    assert stages.digest(made) == digest
    torch.nn.init.ones_(made.layer2[0].conv1.weight)
    assert stages.digest(made) != digest


PLAIN = RESNET[0]
MISTAKES = [
    (dict(until='layer9'), "until='layer9' is not a submodule of ResNet; it has conv1"),
    (dict(until='layer2', backbone=dict(type='kss_mm.LCBackbone', backbone=PLAIN, taps=('layer1',), num_classes=3)),
     "a lateral connection at layer1 lies in what until='layer2' freezes"),
    (dict(until='layer2', backbone=dict(PLAIN, out_indices=(0, 3))), 'more than this is read after it'),
    (dict(until='layer2', backbone=dict(type='kss_mm.FrozenBackbone', backbone=PLAIN, until='layer1')),
     'has frozen stages already'),
    (dict(until='layer2', input_shape=(1, 1, 64, 64)), 'give the input_shape= that it takes'),
]


@pytest.mark.parametrize(('options', 'message'), MISTAKES, ids=[message for _, message in MISTAKES])
def test_mistakes_are_named(options, message):
    pytest.importorskip('mmpretrain')
    with pytest.raises(InputError, match=message.replace('.', r'\.')):
        MODELS.build(dict(dict(type='kss_mm.FrozenBackbone', backbone=PLAIN), **options))
