"""Configs of others, with MMAction2's list files, through tools/test.py: traceable ids, and labels that are labels."""

import pytest
import torch
from conftest import ROOT, run_tool
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from kss_mm.evaluation.score_files import load_scores

pytest.importorskip('mmaction')


@pytest.fixture(scope='module')
def case(toy_charades, tmp_path_factory):
    """Writes a config that reads four videos from a list, without any hook of ours, and a checkpoint of its model."""
    folder = tmp_path_factory.mktemp('list')
    names = sorted(path.name for path in (toy_charades / 'Charades_v1_480').glob('V*.mp4'))[:4]
    cfg = Config.fromfile(ROOT / 'configs/i3d_toy.py')
    cfg.model.backbone.width, cfg.model.cls_head.in_channels = .125, 128
    init_default_scope('mmaction')
    torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict(), meta={}), folder / 'a.pth')

    def make(labels: str = '0 3', **evaluator) -> list:
        lines = [*(f'{name} 0 3' for name in names[:3]), f'{names[3]} {labels}']
        (folder / 'list.txt').write_text('\n'.join([*lines, lines[0]]))  # the first once more
        loader = cfg.test_dataloader
        loader.update(batch_size=2, num_workers=1, persistent_workers=False)
        pipeline = [step for step in loader.dataset.pipeline if 'Pack' not in step['type']]
        loader.dataset = dict(type='VideoDataset', ann_file=str(folder / 'list.txt'), multi_class=True, num_classes=40,
                              data_prefix=dict(video=str(toy_charades / 'Charades_v1_480')), test_mode=True,
                              pipeline=[*pipeline, dict(type='PackActionInputs')])
        cfg.test_evaluator = evaluator or dict(type='kss_mm.KSSMultiLabelMetric')
        cfg.custom_hooks = []
        cfg.dump(folder / 'foreign.py')
        return [folder / 'foreign.py', folder / 'a.pth', '--work-dir', folder / 'run']
    return make, names


def test_a_score_file_names_the_files(case, tmp_path):
    make, names = case
    result = run_tool('test.py', *make(), '--dump', tmp_path / 's.npz')
    content = load_scores(tmp_path / 's.npz')
    assert content.ids == [*names, names[0]] and content.logits is not None
    assert f'1 of 5 samples have the id of another, such as {names[0]}: each of them counts' in result.stdout


@pytest.mark.parametrize(('change', 'parts'), [
    (dict(labels='0 -1'), ('list.txt', 'label -1')), (dict(labels='40'), ('list.txt', 'label 40', '0..39')),
    (dict(type='AccMetric'), ('AccMetric', 'kss_mm.KSSMultiLabelMetric'))])
def test_what_makes_no_figure_is_one_line(case, change, parts):
    make, _ = case
    result = run_tool('test.py', *make(**change), check=False)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith('error: ')]
    assert result.returncode == 2 and 'Traceback' not in result.stderr and all(part in line for part in parts), line
