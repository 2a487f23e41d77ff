"""The MS-COCO configs, from files of the official form to a prediction, run as users run them."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT, SHARED, run_tool

from kss_mm.apis.build_graph import build_graph
from kss_mm.graph.label_files import read_label_file

pytest.importorskip('mmpretrain')
COCO256 = SHARED / 'data' / 'coco256'
CLASSES = ('person', 'dog', 'hot dog', 'sports ball')
GCN = {'kssnet_r101_coco.py': (64, 128, 256, 512), 'mlgcn_r101_coco.py': (32, 512)}  # of ResNet-18


@pytest.fixture(scope='module')
def coco(tmp_path_factory):
    """Twelve training and six validation images of coloured squares, and their label graph."""
    import mmcv

    root = tmp_path_factory.mktemp('coco')
    rng = np.random.default_rng(0)
    (root / 'annotations').mkdir()
    for split, count in (('train2014', 12), ('val2014', 6)):
        content = dict(images=[], annotations=[],
                       categories=[dict(id=3 * index + 1, name=name) for index, name in enumerate(CLASSES)])
        for image in range(count):
            pixels = rng.integers(0, 60, (60, 80, 3), dtype=np.uint8)
            for label in {image % 4, *rng.integers(0, 4, 2).tolist()}:
                pixels[10 * label:10 * label + 20, 20 * label:20 * label + 20] += np.uint8(40 * label + 60)
                content['annotations'].append(dict(id=len(content['annotations']), image_id=image, iscrowd=0,
                                                   category_id=3 * label + 1, bbox=[20 * label, 10 * label, 20, 20]))
            mmcv.imwrite(pixels, str(root / split / f'{image:012d}.jpg'))
            content['images'].append(dict(id=image, file_name=f'{image:012d}.jpg', width=80, height=60))
        (root / 'annotations' / f'instances_{split}.json').write_text(json.dumps(content))
    words = sorted({word for name in CLASSES for word in name.split()})
    (root / 'words.txt').write_text(''.join(f'{word} {" ".join(map(str, rng.normal(size=8).round(3)))}\n'
                                            for word in words))
    (root / 'conceptnet.csv').write_text('/a/1\t/r/IsA\t/c/en/dog\t/c/en/person\t{"weight": 2.0}\n')
    run_tool('build_label_graph.py', 'configs/kssnet_r101_coco.py', '--out', root / 'label_graph.npz', '--words',
             root / 'words.txt', '--conceptnet', root / 'conceptnet.csv', '--cfg-options', *at(root))
    return root


def at(root) -> list[str]:
    """--cfg-options that point a COCO config at ``root``."""
    return [f'{loader}_dataloader.dataset.data_root={root}/' for loader in ('train', 'val', 'test')]


def small(root, config, num_classes=4) -> list[str]:
    """--cfg-options that shrink a COCO config until a step takes a fraction of a second."""
    options = at(root) + ['model.backbone.depth=18', 'model.backbone.init_cfg=None', 'model.head.in_channels=512',
                          f'model.head.num_classes={num_classes}', 'train_cfg.max_epochs=1',
                          'train_dataloader.dataset.pipeline.1.size=64', 'train_dataloader.batch_size=4']
    for loader in ('train', 'val', 'test'):
        options.append(f'{loader}_dataloader.num_workers=0')
    for loader in ('val', 'test'):
        options += [f'{loader}_dataloader.dataset.pipeline.1.scale=64,64', f'{loader}_dataloader.batch_size=4']
    if config in GCN:
        options += [f'model.neck.graph={root}/label_graph.npz',
                    f'model.neck.channels={",".join(map(str, GCN[config]))}']
    if config == 'kssnet_r101_coco.py':
        options += [f'model.backbone.num_classes={num_classes}', 'optim_wrapper.optimizer.lr=1e-4',
                    'optim_wrapper.clip_grad.max_norm=10']  # the remedy that the config names
    return options


def figures(text: str) -> list[str]:
    return re.findall(r'multi-label/(\S+: [0-9.]+)', text)


@pytest.mark.parametrize('config', [pytest.param('r101_coco.py', marks=pytest.mark.slow), 'kssnet_r101_coco.py'])
def test_train_test_and_predict(coco, tmp_path, config):
    options = small(coco, config)
    trained = run_tool('train.py', f'configs/{config}', '--work-dir', tmp_path, '--cfg-options', *options)
    tested = run_tool('test.py', f'configs/{config}', tmp_path / 'epoch_1.pth', '--work-dir', tmp_path / 'test',
                      '--cfg-options', *options)
    assert figures(tested.stdout) == figures(trained.stdout) and len(figures(tested.stdout)) == 14

    from mmengine.config import Config
    from mmpretrain import FeatureExtractor, ImageClassificationInferencer

    import kss_mm

    image = str(coco / 'val2014' / f'{0:012d}.jpg')
    cfg = Config.fromfile(tmp_path / config)  # the config as it was run, which training leaves beside its checkpoints
    prediction = kss_mm.load(cfg, tmp_path / 'epoch_1.pth', device='cpu')(image)
    assert prediction.indices == np.flatnonzero(prediction.scores >= .5).tolist()
    files = dict(model=str(tmp_path / config), pretrained=str(tmp_path / 'epoch_1.pth'), device='cpu')
    (best,) = ImageClassificationInferencer(**files)(image)
    np.testing.assert_allclose(best['pred_scores'], prediction.scores, rtol=1e-5)
    assert best['pred_class'] == CLASSES[prediction.scores.argmax()]
    for stage in ('backbone', 'neck'):
        (features,) = FeatureExtractor(**files)(image, stage=stage)
        assert features[-1].shape == (512, 2, 2)


@pytest.mark.parametrize('config', ['r101_coco.py', 'r101_maxpool_coco.py', 'mlgcn_r101_coco.py',
                                    'kssnet_r101_coco.py'])
def test_full_size_configs_build(coco, config, make_graph, tmp_path):
    """Models with 80 classes, without the download of the weights they start from."""
    from mmengine.config import Config
    from mmengine.registry import MODELS, init_default_scope

    cfg = Config.fromfile(ROOT / 'configs' / config)
    init_default_scope(cfg.default_scope)
    assert cfg.model.backbone.init_cfg.checkpoint == 'torchvision://resnet101'
    if 'neck' in cfg.model:
        make_graph(80, 300).save(tmp_path / 'graph.npz')
        cfg.model.neck.graph = str(tmp_path / 'graph.npz')
    model = MODELS.build(cfg.model)
    assert model.head.in_channels == 2048 and hasattr(model.backbone, 'laterals') == config.startswith('kss')


def test_missing_data_is_explained(tmp_path):
    result = run_tool('train.py', 'configs/r101_coco.py', '--work-dir', tmp_path, '--cfg-options', *at(tmp_path),
                      'model.backbone.init_cfg=None', 'model.backbone.depth=18', 'model.head.in_channels=512',
                      check=False)
    assert result.returncode == 2
    assert 'instances_train2014.json: no such annotation file' in result.stderr and 'val2014.zip' in result.stderr


def test_an_unreadable_image_is_named(coco, tmp_path):
    from kss_mm.datasets import SafeLoadImage
    from kss_mm.datasets.media.image_reader import read_image
    from kss_mm.errors import InputError, MissingFileError

    (tmp_path / 'a.jpg').write_text('no image')
    for read in (read_image, lambda path: SafeLoadImage().transform(dict(img_path=str(path)))):
        with pytest.raises(InputError, match='a.jpg: is not an image'):
            read(tmp_path / 'a.jpg')
        with pytest.raises(MissingFileError, match='b.jpg: no such file'):
            read(tmp_path / 'b.jpg')


@pytest.mark.slow
def test_a_bad_image_ends_no_training_and_is_named_by_evaluation(coco, tmp_path):
    root = shutil.copytree(coco, tmp_path / 'coco')
    options = small(root, 'r101_coco.py')
    image = root / 'train2014' / f'{5:012d}.jpg'
    image.write_bytes(image.read_bytes()[:500])
    bad = root / 'val2014' / f'{2:012d}.jpg'
    bad.write_text('<html>')
    result = run_tool('train.py', 'configs/r101_coco.py', '--work-dir', tmp_path / 'run', '--no-validate',
                      '--cfg-options', *options)
    output = result.stdout + result.stderr
    assert output.count(f'bad image 1 of 12: {image}: is damaged or cut short (JPEG)') == 1
    assert output.count(f'1 of 12 training images cannot be read: {image}') == 1
    result = run_tool('test.py', 'configs/r101_coco.py', tmp_path / 'run/epoch_1.pth', '--work-dir', tmp_path,
                      '--cfg-options', *options, check=False)
    errors = [line for line in result.stderr.splitlines() if line.startswith('error: ')]
    assert result.returncode == 2 and len(errors) == 1 and f'{bad}: is not an image but a web page' in errors[0]
    result = run_tool('train.py', 'configs/r101_coco.py', '--work-dir', tmp_path / 'run', '--no-validate',
                      '--cfg-options', *options, 'train_dataloader.dataset.max_bad_share=.01', check=False)
    assert result.returncode == 2 and '1 of 12 training images cannot be read, more than' in result.stderr


@pytest.mark.slow
@pytest.mark.skipif(not COCO256.exists(), reason='needs real COCO images beside the repository')
def test_real_images(tmp_path):
    files = []
    for loader, split in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        dataset = f'{loader}_dataloader.dataset'
        files += [f'{dataset}.ann_file=instances_{split}.json', f'{dataset}.data_prefix.img_path={split}',
                  f'{dataset}.indices=16']
    labels = read_label_file(COCO256 / 'instances_train.json')
    replace(build_graph(labels), embeddings=np.eye(80)).save(tmp_path / 'label_graph.npz')
    options = [*small(COCO256, 'kssnet_r101_coco.py', 80), *files, f'model.neck.graph={tmp_path}/label_graph.npz',
               'model.neck.lam=1']
    result = run_tool('train.py', 'configs/kssnet_r101_coco.py', '--work-dir', tmp_path, '--cfg-options', *options)
    assert len(figures(result.stdout)) == 14 and 'classes have no positive' in result.stdout
