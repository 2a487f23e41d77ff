"""The released ML-GCN, number by number: its weights in our model built from its config."""

import pytest
import torch
from conftest import ROOT
from mlgcn_release import Release, label_graph, randomise, side_files
from torch import nn

pytest.importorskip('mmpretrain')
from kss_mm.apis.config import load_config  # noqa: E402
from kss_mm.apis.runner import fresh_model  # noqa: E402
from kss_mm.models import KSSClsHead  # noqa: E402

CONFIG = ROOT / 'configs' / 'mlgcn_r101_coco_released.py'
PLACES = dict(zip((0, 1, 4, 5, 6, 7), ('conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4')))
# Per size: our depth, widths of the GCN, labels, pixels; pixels / 32 is the side of the pooling square.
SMALL, FULL = (18, (32, 512), 6, 64), (101, (1024, 2048), 80, 448)


def pair(size, folder):
    """The released network and our model of its config with the same weights, found by their places."""
    depth, widths, classes, pixels = size
    counts, num_samples, words, _ = side_files(classes)
    release = Release(f'resnet{depth}', widths, counts, num_samples, pixels // 32)
    randomise(release)
    label_graph(classes).save(folder / 'graph.npz')
    cfg = load_config(str(CONFIG), {
        'model.neck.graph': str(folder / 'graph.npz'), 'model.neck.channels': widths, 'model.backbone.depth': depth,
        'model.head.in_channels': widths[-1], 'model.head.num_classes': classes, 'model.backbone.init_cfg': None})
    model = fresh_model(cfg)
    for index, name in PLACES.items():
        getattr(model.backbone, name).load_state_dict(release.features[index].state_dict())
    for ours, theirs in zip(model.neck.layers, (release.gc1, release.gc2)):
        ours.weights[0].data.copy_(theirs.weight.data)
    return release, model, torch.from_numpy(words)


def normwise(ours, theirs, tolerance):
    assert ours.shape == theirs.shape and theirs.norm() > 0
    assert (ours - theirs).norm() <= tolerance * theirs.norm()


@pytest.mark.parametrize('training', [False, True])
@pytest.mark.parametrize('size', [SMALL, pytest.param(FULL, marks=pytest.mark.slow)], ids=['small', 'full'])
def test_logits_loss_and_gradients(size, training, tmp_path):
    release, model, words = pair(size, tmp_path)
    release.train(training)
    model.train(training)
    images = torch.randn(2, 3, size[-1], size[-1])
    expected, found = release(images, words), model(images)
    normwise(found, expected, 1e-6 if size is SMALL else 1e-5)

    targets = torch.rand_like(expected) < .3
    nn.MultiLabelSoftMarginLoss()(expected, targets.float()).backward()
    model.head.loss_module(found, targets.float(), avg_factor=targets.numel()).backward()
    theirs = {f'{PLACES[int(key.split(".")[1])]}.{key.split(".", 2)[2]}': value.grad
              for key, value in release.named_parameters() if key.startswith('features')}
    ours = {key: value.grad for key, value in model.backbone.named_parameters()}
    assert ours.keys() == theirs.keys()
    for key in theirs:
        normwise(ours[key], theirs[key], 1e-4)
    for layer, other in zip(model.neck.layers, (release.gc1, release.gc2)):
        normwise(layer.weights[0].grad, other.weight.grad, 1e-4)
    assert release.A.grad is None and 'adjacency' in dict(model.neck.named_buffers())


def test_what_the_options_change(tmp_path):
    """Without any of them the logits are others, so that the test above can fail for each."""
    release, model, words = pair(SMALL, tmp_path)
    images = torch.randn(2, 3, 64, 64)
    expected = release.eval()(images, words)
    normwise(model.eval()(images), expected, 1e-5)
    graph = label_graph(6)
    for adjacency in (graph.adjacency(lam=1, tau=0, eta=1), graph.adjacency(lam=1, tau=0, eta=1, normalize='mlgcn').T):
        other, kept = torch.from_numpy(adjacency).float(), model.neck.adjacency.clone()
        assert (other - kept).abs().max() > .01
        model.neck.adjacency.copy_(other)
        assert (model(images) - expected).norm() > .001 * expected.norm()
        model.neck.adjacency.copy_(kept)
    for changed in (dict(tanh=True, pool='max'), dict(tanh=False, pool='avg')):
        head = KSSClsHead(6, 512, **changed)
        assert (head(model.extract_feat(images)) - expected).norm() > .001 * expected.norm()


def test_the_deployed_form_computes_the_same(tmp_path):
    _, model, _ = pair(SMALL, tmp_path)
    images = torch.randn(2, 3, 64, 64)
    expected = model.eval()(images)
    model.switch_to_deploy()
    assert model.head.classifier.fc is not None
    normwise(model(images), expected, 1e-5)


def test_the_optimizer_is_that_of_the_release(tmp_path):
    from mmengine.optim import build_optim_wrapper

    _, model, _ = pair(SMALL, tmp_path)
    cfg = load_config(str(CONFIG))
    optimizer = build_optim_wrapper(model, cfg.optim_wrapper).optimizer
    rates = {(round(group['lr'], 9), group['momentum'], group['weight_decay']) for group in optimizer.param_groups}
    assert isinstance(optimizer, torch.optim.SGD) and rates == {(.1, .9, 1e-4), (.01, .9, 1e-4)}
    slow = {id(p) for group in optimizer.param_groups if group['lr'] < .05 for p in group['params']}
    assert slow == {id(p) for p in model.backbone.parameters()}
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.class_order == 'alphabetical'
    assert cfg.train_cfg.max_epochs == 20 and cfg.train_dataloader.batch_size == 16
