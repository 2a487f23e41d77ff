import pytest
import torch
import torchvision

from kss_mm.errors import InputError
from kss_mm.models import InceptionI3d, LCInceptionI3d
from kss_mm.models.inflate import fold_input_scaling, googlenet_to_i3d


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


@pytest.mark.slow
def test_a_repeated_image_gives_the_features_of_the_2d_network(googlenet):
    """At every stage, away from the borders in time. The 2D network: kernels that see their own frame only."""
    ends = ('Conv3d_1a_7x7', 'Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f', 'Mixed_5c')
    video_net = InceptionI3d(ends, init_cfg=dict(type='Inflated2D', checkpoint=googlenet[1]))
    video_net.init_weights()
    image_net = InceptionI3d(ends)
    state = fold_input_scaling(googlenet_to_i3d(googlenet[0].state_dict()))
    for key, value in state.items():
        if value.ndim == 4:
            kernel = torch.zeros_like(image_net.state_dict()[key])
            kernel[:, :, (kernel.shape[2] - 1) // 2] = value
            state[key] = kernel
    image_net.load_state_dict(state)
    image = torch.randn(1, 3, 1, 32, 32)
    with torch.no_grad():
        # The middle frame of Mixed_5c sees about 50 frames to either side.
        video_features = video_net.eval()(image.expand(-1, -1, 128, -1, -1))
        image_features = image_net.eval()(image)
    for video, still in zip(video_features, image_features):
        middle = video[:, :, video.shape[2] // 2]
        assert (middle - still[:, :, 0]).abs().max() <= 1e-4 * still.abs().max()


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


def test_what_does_not_fit_is_named(googlenet, tmp_path):
    def init(checkpoint, **kwargs):
        InceptionI3d(init_cfg=dict(type='Inflated2D', checkpoint=str(checkpoint)), **kwargs).init_weights()

    with pytest.raises(InputError, match='nowhere.pth: cannot be loaded'):
        init(tmp_path / 'nowhere.pth')
    with pytest.raises(InputError, match='only width=1 fits'):
        init(googlenet[1], width=.5)
    torch.save({'fc.weight': torch.ones(3)}, tmp_path / 'other.pth')
    with pytest.raises(InputError, match='has no weights for'):
        init(tmp_path / 'other.pth')
