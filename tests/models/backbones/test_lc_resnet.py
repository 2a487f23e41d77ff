import pytest
import torch

pytest.importorskip('mmpretrain')
from mmengine.registry import MODELS  # noqa: E402

from kss_mm.errors import InputError  # noqa: E402
from kss_mm.models import LCResNet  # noqa: E402

K = 5
SMALL = dict(stem_channels=8, base_channels=8)
VARIANTS = [('ResNet', 18), ('ResNet', 50), ('ResNetV1d', 50), ('ResNeXt', 50), ('SEResNet', 50)]


def pair(variant: str, depth: int, **kwargs):
    """The host's network and ours with its weights, which must all find their place."""
    kwargs = {'depth': depth, **({} if variant == 'ResNeXt' else SMALL), **kwargs}
    plain = MODELS.build(dict(type=f'mmpretrain.{variant}', **kwargs))
    ours = MODELS.build(dict(type=f'kss_mm.LC{variant}', num_classes=K, **kwargs))
    plain.eval(), ours.eval()  # which the host's ResNet does not return
    found = ours.load_state_dict(plain.state_dict(), strict=False)
    assert not found.unexpected_keys and all(key.startswith('laterals.') for key in found.missing_keys)
    return plain, ours


def feed(net) -> list[torch.Tensor]:
    embeddings = [torch.randn(K, lateral.channels) for lateral in net.laterals]
    net.laterals.feed(embeddings)
    return embeddings


@pytest.mark.parametrize(('variant', 'depth'), VARIANTS)
def test_zero_init_equals_the_host_bit_for_bit(variant, depth):
    plain, ours = pair(variant, depth, out_indices=(0, 1, 2, 3))
    feed(ours)
    x = torch.randn(2, 3, 64, 64)
    assert all(torch.equal(a, b) for a, b in zip(plain(x), ours(x)))


def test_laterals_rewrite_the_output_of_their_stage():
    plain, ours = pair('ResNet', 18)
    for lateral in ours.laterals:
        torch.nn.init.normal_(lateral.g.weight, std=.1)
    embeddings = feed(ours)
    x = torch.randn(1, 3, 64, 64)
    expected = plain.maxpool(plain.relu(plain.norm1(plain.conv1(x))))
    for index, name in enumerate(plain.res_layers):
        expected = getattr(plain, name)(expected)
        if index < 3:
            expected = ours.laterals[index](expected, embeddings[index])
    torch.testing.assert_close(ours(x), (expected,))


def test_channels_come_from_the_network():
    assert [lateral.channels for lateral in LCResNet(K, depth=50).laterals] == [256, 512, 1024]
    assert [lateral.channels for lateral in LCResNet(K, depth=18).laterals] == [64, 128, 256]
    blocks = LCResNet(K, ('layer1.0', 'layer3.5'), depth=34, base_channels=16, stem_channels=16)
    assert [lateral.channels for lateral in blocks.laterals] == [16, 64]


def test_torchvision_weights_fit():
    """The weights of init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'), without loading them."""
    torchvision = pytest.importorskip('torchvision')
    theirs = {k: v.shape for k, v in torchvision.models.resnet50().state_dict().items() if not k.startswith('fc.')}
    ours = {k: v.shape for k, v in LCResNet(K, depth=50).state_dict().items() if not k.startswith('laterals.')}
    assert ours == theirs


def test_frozen_stages_keep_their_laterals_trainable():
    net = LCResNet(K, depth=18, frozen_stages=4, **SMALL)
    net.train()
    feed(net)
    net(torch.randn(2, 3, 64, 64))[0].sum().backward()
    trained = {name for name, p in net.named_parameters() if p.grad is not None}
    assert trained == {f'laterals.{i}.g.weight' for i in range(3)}


def test_gradient_checkpointing_changes_nothing():
    results = []
    for with_cp in (False, True):
        torch.manual_seed(1)
        net = LCResNet(K, depth=18, zero_init=False, with_cp=with_cp, **SMALL)
        net.train()
        feed(net)
        net(torch.randn(2, 3, 64, 64))[0].square().sum().backward()
        results.append([p.grad for p in net.parameters()])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize('tap', ['layer9', 'maxpool'])
def test_impossible_taps_are_named(tap):
    with pytest.raises(InputError, match=f'{tap!r} is neither a stage of LCResNet'):
        LCResNet(K, (tap,), depth=18, **SMALL)
