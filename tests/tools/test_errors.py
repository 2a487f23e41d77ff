"""Mistakes of users end in one clear line and exit status 2, not in a stack of host internals."""

import pytest
import torch
from conftest import ROOT, run_tool, tiny

pytest.importorskip('mmaction')


def error_of(*arguments, env=None) -> str:
    result = run_tool(*arguments, check=False, env=env)
    assert result.returncode == 2, result.stdout[-2000:] + result.stderr[-2000:]
    assert 'Traceback' not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith('error: ')]
    return result.stderr[result.stderr.index(line):]


def test_missing_config():
    assert 'nowhere.py: no such config file' in error_of('train.py', 'nowhere.py')


@pytest.mark.parametrize(('text', 'message'), [
    ('model = dict(', 'line 1: the config does not load: SyntaxError'),
    ('_base_ = "nowhere.py"', 'nowhere.py'),
    ('model = undefined', 'NameError'),
    ('lr = 1', 'has no model'),
    (f'_base_ = {str(ROOT / "configs/_base_/charades.py")!r}', 'has no model'),
])
def test_broken_config(tmp_path, text, message):
    (tmp_path / 'broken.py').write_text(text)
    assert message in error_of('train.py', tmp_path / 'broken.py')


def test_misspelt_type(tmp_path):
    text = f'_base_ = {str(ROOT / "configs/i3d_toy.py")!r}\nmodel = dict(type="kss_mm.KSSNett")'
    (tmp_path / 'a.py').write_text(text)
    assert 'KSSNett' in error_of('train.py', tmp_path / 'a.py', '--work-dir', tmp_path)


def test_missing_video_folder(toy_charades, tmp_path):
    message = error_of('train.py', 'configs/kssnet_i3d_toy.py', '--work-dir', tmp_path, '--cfg-options',
                       *tiny(toy_charades), 'train_dataloader.dataset.data_prefix.video=data/toy_charades/nowhere')
    assert 'nowhere: no such folder of videos' in message
    assert 'tools/make_toy_charades.py' in message


def test_graph_of_another_dataset(toy_charades, tmp_path):
    message = error_of('train.py', 'configs/kssnet_i3d_toy.py', '--work-dir', tmp_path, '--cfg-options',
                       *tiny(toy_charades), 'model.cls_head.num_classes=157', 'model.cls_head.prior=None')
    assert "the label graph has 40 labels, the head's num_classes is 157" in message


def test_charades_without_the_data_says_what_to_do(tmp_path):
    if (ROOT / 'data' / 'charades').exists():
        pytest.skip('Charades is here')
    message = error_of('train.py', 'configs/kssnet_i3d_charades.py', '--work-dir', tmp_path)
    for part in ('data/charades/label_graph.npz', 'Charades_v1_480.zip', 'unpack', 'tools/build_label_graph.py'):
        assert part in message


def test_missing_and_foreign_checkpoints(toy_charades, tmp_path):
    assert 'nowhere.pth: no such checkpoint' in error_of('test.py', 'configs/i3d_toy.py', 'nowhere.pth')
    torch.save(dict(state_dict={}, meta=dict(hook=run_tool)), tmp_path / 'foreign.pth')
    message = error_of('test.py', 'configs/i3d_toy.py', tmp_path / 'foreign.pth', '--work-dir', tmp_path,
                       '--cfg-options', *tiny(toy_charades, 'i3d_toy.py'))
    assert 'refused' in message and 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' in message


def test_the_stack_is_shown_on_request():
    result = run_tool('train.py', 'nowhere.py', check=False, env={'KSS_MM_TRACEBACK': '1'})
    assert 'Traceback' in result.stderr


@pytest.mark.parametrize('option', ['train_dataloader.dataset.typo=1', 'optim_wrapper.optimizer.lrr=1',
                                    'train_dataloader.dataset.pipeline.0.type=kss_mm.Nope', 'foo'])
def test_mistakes_in_parts_that_are_built_late(toy_charades, tmp_path, option):
    message = error_of('train.py', 'configs/i3d_toy.py', '--work-dir', tmp_path, '--cfg-options',
                       *tiny(toy_charades, 'i3d_toy.py'), option)
    assert option.split('=')[0].split('.')[-1] in message or 'Nope' in message


def test_checkpoints_that_cannot_be_used(toy_charades, tmp_path):
    options = ['--work-dir', tmp_path, '--cfg-options', *tiny(toy_charades, 'i3d_toy.py')]
    torch.save(dict(state_dict=dict(a=torch.ones(1))), tmp_path / 'other.pth')
    content = (tmp_path / 'other.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(content[:len(content) // 2])
    assert 'of another model' in error_of('test.py', 'configs/i3d_toy.py', tmp_path / 'other.pth', *options)
    assert 'no readable checkpoint' in error_of('test.py', 'configs/i3d_toy.py', tmp_path / 'cut.pth', *options)
    message = error_of('train.py', 'configs/i3d_toy.py', '--resume', tmp_path / 'nowhere.pth', *options)
    assert 'nowhere.pth: no such checkpoint' in message and 'make_toy_charades' not in message


def test_outputs_that_cannot_be_written(toy_charades, tmp_path):
    (tmp_path / 'file').touch()
    assert 'file' in error_of('train.py', 'configs/i3d_toy.py', '--work-dir', tmp_path / 'file', '--cfg-options',
                              *tiny(toy_charades, 'i3d_toy.py'))
    assert '--out a.xyz' in error_of('predict.py', 'configs/i3d_toy.py', 'a.pth', 'b.mp4', '--out', 'a.xyz')
