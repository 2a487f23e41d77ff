import copy
import logging

import pytest
import torch
import torchvision
from mmengine.logging import MMLogger

from kss_mm.errors import InputError
from kss_mm.models import InceptionI3d, LCInceptionI3d
from kss_mm.models.backbones.inflate import fold_input_scaling, googlenet_to_i3d, inflate


@pytest.fixture(scope='module')
def googlenet(tmp_path_factory):
    """torchvision's network with random weights and statistics, and the file of its state dict."""
    torch.manual_seed(0)
    net = torchvision.models.googlenet(weights=None, aux_logits=False, init_weights=False).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, .8, 1.2)
            torch.nn.init.normal_(module.bias, 0, .1)
            torch.nn.init.normal_(module.running_mean, 0, .1)
            torch.nn.init.uniform_(module.running_var, .8, 1.2)
        elif isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    path = tmp_path_factory.mktemp('weights') / 'googlenet.pth'
    torch.save(net.state_dict(), path)
    return net, str(path)


def test_every_2d_weight_has_a_place(googlenet):
    renamed = googlenet_to_i3d(googlenet[0].state_dict())
    assert set(renamed) == set(InceptionI3d().state_dict())


ENDS = tuple(InceptionI3d().stages)
ROUNDING = 1e-4


def image_network(state: dict[str, torch.Tensor]) -> InceptionI3d:
    """Our network in 2D: kernels that see their own frame only, returning every stage."""
    net = InceptionI3d(ENDS)
    shapes = net.state_dict()
    for key, value in state.items():
        if value.ndim == 4:
            kernel = torch.zeros_like(shapes[key])
            kernel[:, :, (kernel.shape[2] - 1) // 2] = value
            state[key] = kernel
    net.load_state_dict(state)
    return net.eval()


@pytest.mark.slow
@torch.no_grad()
def test_a_repeated_image_gives_the_features_of_the_2d_network(googlenet):
    """At every stage, away from the borders in time."""
    video_net = InceptionI3d(ENDS, init_cfg=dict(type='Inflated2D', checkpoint=googlenet[1]))
    video_net.init_weights()
    image_net = image_network(fold_input_scaling(googlenet_to_i3d(googlenet[0].state_dict())))
    image = torch.randn(1, 3, 1, 32, 32)
    # The middle frame of Mixed_5c sees about 50 frames to either side.
    video_features = video_net.eval()(image.expand(-1, -1, 128, -1, -1))
    for video, still in zip(video_features, image_net(image), strict=True):
        middle = video[:, :, video.shape[2] // 2]
        assert (middle - still[:, :, 0]).abs().max() <= ROUNDING * still.abs().max()


# Stages behind convolution, pooling and both, where torchvision's own network and ours are compared.
THEIRS = {'conv1': 'Conv3d_1a_7x7', 'maxpool1': 'MaxPool3d_2a_3x3', 'inception3b': 'Mixed_3c',
          'maxpool3': 'MaxPool3d_4a_3x3', 'inception4e': 'Mixed_4f', 'inception5b': 'Mixed_5c'}


def their_features(net: torch.nn.Module, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of torchvision's network, under our names of its stages."""
    features = {}
    hooks = [getattr(net, theirs).register_forward_hook(
        lambda module, args, output, ours=ours: features.update({ours: output})) for theirs, ours in THEIRS.items()]
    net(image)
    for hook in hooks:
        hook.remove()
    return features


@pytest.fixture
def calibrated(googlenet):
    """torchvision's network with the statistics that a few smooth images have in it, ours in 2D, and one such image."""
    net = copy.deepcopy(googlenet[0])
    images = torch.nn.functional.interpolate(torch.randn(4, 3, 28, 28), (224, 224), mode='bicubic')
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # take the batch's statistics as they are
            module.reset_running_stats()
    with torch.no_grad():
        net.train()(images)
    image_net = image_network(googlenet_to_i3d(net.eval().state_dict()))
    return net, lambda x: dict(zip(ENDS, (feature[:, :, 0] for feature in image_net(x.unsqueeze(2))))), images[:1]


def difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Relative, root mean square."""
    return ((ours - theirs).norm() / theirs.norm()).item()


@pytest.mark.slow
@torch.no_grad()
def test_torchvisions_own_padding_moves_the_image_by_one_pixel(calibrated):
    net, ours, image = calibrated
    features, theirs = ours(image), their_features(net, image)
    differences = {stage: difference(features[stage], theirs[stage]) for stage in THEIRS.values()}
    assert .1 < differences['Conv3d_1a_7x7'] < differences['Mixed_5c'] < 1.5
    # Their features are ours of the image one pixel further, but for what is lost and gained at its borders.
    moved = ours(torch.nn.functional.pad(image, (1, 0, 1, 0))[..., :224, :224])
    for stage in ('Conv3d_1a_7x7', 'MaxPool3d_2a_3x3', 'Mixed_3c'):
        inside = slice(moved[stage].shape[-1] // 4, -moved[stage].shape[-1] // 4)
        assert difference(moved[stage][..., inside, inside], theirs[stage][..., inside, inside]) < ROUNDING
    # That padding is the whole difference: with SAME in its place both networks are one.
    net.conv1.conv.padding = (0, 0)
    net.conv1.register_forward_pre_hook(lambda module, args: torch.nn.functional.pad(args[0], (2, 3, 2, 3)))
    theirs = their_features(net, image)
    assert all(difference(features[stage], theirs[stage]) < ROUNDING for stage in THEIRS.values())


@pytest.mark.slow
@pytest.mark.parametrize(('size', 'first'), [(225, 'MaxPool3d_2a_3x3'), (232, 'MaxPool3d_4a_3x3')])
@torch.no_grad()
def test_torchvisions_pooling_differs_at_sizes_that_16_does_not_divide(calibrated, size, first):
    net, ours, image = calibrated
    image = torch.nn.functional.interpolate(image, (size, size), mode='bicubic')
    net.conv1.conv.padding = (0, 0)
    net.conv1.register_forward_pre_hook(lambda module, args: torch.nn.functional.pad(
        args[0], (3, 3, 3, 3) if size % 2 else (2, 3, 2, 3)))  # SAME of either size
    features, theirs = ours(image), their_features(net, image)
    stages = list(THEIRS.values())
    before, behind = stages[:stages.index(first)], stages[stages.index(first):]
    assert all(difference(features[stage], theirs[stage]) < ROUNDING for stage in before)
    assert all(features[stage].shape[-1] == theirs[stage].shape[-1] + 1 for stage in behind)


def test_input_scaling_folds_exactly_away_from_the_padding(googlenet):
    conv, bn = googlenet[0].conv1.conv, googlenet[0].conv1.bn
    rgb = torch.rand(1, 3, 32, 32)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((.485, .456, .406), (.229, .224, .225)))
    expected = bn(conv((rgb - .5) / .5))
    state = fold_input_scaling(googlenet_to_i3d(googlenet[0].state_dict()))
    folded = torch.nn.functional.conv2d((rgb - mean) / std, state['Conv3d_1a_7x7.conv.weight'], stride=2, padding=3)
    folded = torch.nn.functional.batch_norm(folded, state['Conv3d_1a_7x7.bn.running_mean'], bn.running_var, bn.weight,
                                            bn.bias, eps=bn.eps)
    torch.testing.assert_close(folded[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2], rtol=1e-4, atol=1e-4)


def test_published_3d_weights_are_taken_and_laterals_stay(tmp_path):
    source = InceptionI3d()
    state = {key.replace('.conv.', '.conv3d.'): value for key, value in source.state_dict().items()}
    torch.save({**state, 'logits.conv3d.weight': torch.ones(400, 1024, 1, 1, 1)}, tmp_path / 'i3d.pth')
    net = LCInceptionI3d(5, zero_init=False, init_cfg=dict(type='Inflated2D', checkpoint=str(tmp_path / 'i3d.pth')))
    before = net.laterals[0].g.weight.clone()
    net.init_weights()
    assert torch.equal(net.Mixed_4f.b1b.conv.weight, source.Mixed_4f.b1b.conv.weight)
    assert torch.equal(net.laterals[0].g.weight, before)


def init(checkpoint, **kwargs) -> InceptionI3d:
    net = InceptionI3d(init_cfg=dict(type='Inflated2D', checkpoint=str(checkpoint)), **kwargs)
    net.init_weights()
    return net


@pytest.mark.parametrize('prefix', ['module.', 'backbone.', 'module.backbone.'])
@pytest.mark.parametrize('source', ['googlenet', 'ours'])
@pytest.mark.slow
def test_weights_within_a_wrapper_or_a_network(googlenet, tmp_path, source, prefix):
    weights = googlenet[0].state_dict() if source == 'googlenet' else InceptionI3d().state_dict()
    torch.save(weights, tmp_path / 'bare.pth')
    wrapped = {f'{prefix}{key}': value for key, value in weights.items()}
    other = {'cls_head.classifier.fc.weight': torch.ones(3, 1024)} if 'backbone' in prefix else {}
    torch.save(dict(state_dict={**wrapped, **other}, meta={}), tmp_path / 'wrapped.pth')
    expected, state = (init(tmp_path / f'{name}.pth').state_dict() for name in ('bare', 'wrapped'))
    assert all(torch.equal(state[key], value) for key, value in expected.items())
    kernel = 'Mixed_3b.b0.conv.weight'
    theirs = weights['inception3a.branch1.conv.weight' if source == 'googlenet' else kernel]
    torch.testing.assert_close(state[kernel].flatten(), theirs.flatten())


def test_folding_comes_to_the_same_before_and_after_inflation(googlenet):
    state = googlenet_to_i3d(googlenet[0].state_dict())
    net = InceptionI3d()
    before, after = inflate(fold_input_scaling(state), net), fold_input_scaling(inflate(state, net))
    for key in before:
        torch.testing.assert_close(before[key], after[key], rtol=1e-5, atol=1e-5)


def test_the_log_says_where_weights_come_from(googlenet, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger, 'get_current_instance', lambda: logging.getLogger('inflated'))
    with caplog.at_level(logging.INFO, 'inflated'):
        init(googlenet[1])
    said = {record.getMessage().split(' - ')[0].strip(): record.getMessage() for record in caplog.records}
    for weight in ('Conv3d_1a_7x7.conv.weight', 'Mixed_5c.b3b.bn.bias'):
        assert f'Inflated2D: load from {googlenet[1]}' in said[weight]


def test_what_does_not_fit_is_named(googlenet, tmp_path):
    with pytest.raises(InputError, match='nowhere.pth: cannot be loaded'):
        init(tmp_path / 'nowhere.pth')
    with pytest.raises(InputError, match='only width=1 fits'):
        init(googlenet[1], width=.5)
    with pytest.raises(InputError, match='Conv3d_1a_7x7.conv.weight has .* only in_channels=3 fits'):
        init(googlenet[1], in_channels=1)
    grey = {**googlenet[0].state_dict(), 'conv1.conv.weight': torch.ones(64, 1, 7, 7)}
    torch.save(grey, tmp_path / 'grey.pth')
    with pytest.raises(InputError, match='grey.pth: .* only in_channels=1 fits'):
        init(tmp_path / 'grey.pth')
    with pytest.raises(InputError, match='grey.pth: .* set fold_input=False'):
        init(tmp_path / 'grey.pth', in_channels=1)


class Code:
    def __reduce__(self):
        return print, ('run',)


ONE = torch.ones(1)


@pytest.mark.parametrize(('content', 'message'), [
    ({'fc.weight': ONE}, 'has no weights for'),
    ([ONE], 'holds a list, no weights by name'),
    (ONE, 'holds a Tensor, no weights by name'),
    ({1: ONE, None: ONE}, 'has no weights for'),
    ({'conv1.conv.weight': ONE, 'module.conv1.conv.weight': ONE}, 'has conv1.conv.weight twice'),
    ('without batch norm', 'must be of GoogLeNet with batch normalisation'),
    ({'conv1.conv.weight': 'text'}, 'Conv3d_1a_7x7.conv.weight is not a tensor but of type str'),
    ({'conv1.conv.weight': torch.ones(64, 3, 7, 7, dtype=torch.int8)}, 'Conv3d_1a_7x7.conv.weight is of torch.int8'),
    ({'conv1.conv.weight': torch.ones(64, 3, 7, 7).to_sparse()}, 'Conv3d_1a_7x7.conv.weight is not a dense tensor'),
    ({'conv1.bn.bias': torch.ones(1, 64, 1, 1)}, 'Conv3d_1a_7x7.bn.bias has shape'),
    ({'conv1.conv.weight': Code()}, 'it asks for print, which could run any code'),
    (b'nothing of the kind', 'holds no plain weights, or is damaged'),
])
def test_files_that_cannot_be(googlenet, tmp_path, content, message):
    weights = googlenet[0].state_dict()
    if content == 'without batch norm':
        content = {key: value for key, value in weights.items() if '.bn.' not in key}
    elif isinstance(content, dict) and len(content) == 1 and 'fc.weight' not in content:
        content = {**weights, **content}
    path = tmp_path / 'odd.pth'
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    with pytest.raises(InputError, match='odd.pth: ') as caught:
        init(path)
    assert message in str(caught.value) and '\n' not in str(caught.value) and '\x1b' not in str(caught.value)
