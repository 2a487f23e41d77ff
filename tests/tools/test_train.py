"""tools/train.py, tools/test.py and what reads their checkpoints, run as users run them."""

import re

import numpy as np
import pytest
import torch
from conftest import ROOT, SHARED, run_tool, tiny

from kss_mm.evaluation import charades_map
from kss_mm.evaluation.score_files import load_scores

pytest.importorskip('mmaction')
CONFIG = 'configs/kssnet_i3d_toy.py'


@pytest.fixture(scope='module')
def trained(toy_charades, tmp_path_factory):
    """The work folder of a run of two epochs."""
    out = tmp_path_factory.mktemp('run')
    run_tool('train.py', CONFIG, '--work-dir', out, '--cfg-options', *tiny(toy_charades))
    return out


def weights(path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)['state_dict']


def test_test_prints_the_figure_of_training_from_the_checkpoint_alone(trained, toy_charades, tmp_path):
    result = run_tool('test.py', CONFIG, trained / 'epoch_2.pth', '--work-dir', tmp_path, '--dump',
                      tmp_path / 'scores.pkl', '--cfg-options', *tiny(toy_charades))
    figure = r'charades/mAP: ([0-9.]+) .*prior_mAP: ([0-9.]+)'
    logs = ''.join(path.read_text() for path in trained.glob('*/*.log'))
    assert re.findall(figure, result.stdout + result.stderr) == re.findall(figure, logs)
    assert (tmp_path / 'scores.pkl').exists()


@pytest.mark.slow
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(trained, toy_charades, tmp_path):
    """Random crops, flips, frames and dropout included, with DataLoader workers."""
    options = tiny(toy_charades)
    first = [option for option in options if 'max_epochs' not in option] + ['train_cfg.max_epochs=1']
    run_tool('train.py', CONFIG, '--work-dir', tmp_path, '--no-validate', '--cfg-options', *first)
    run_tool('train.py', CONFIG, '--work-dir', tmp_path, '--resume', '--cfg-options', *options)
    whole, resumed = weights(trained / 'epoch_2.pth'), weights(tmp_path / 'epoch_2.pth')
    assert [key for key in whole if not torch.equal(whole[key], resumed[key])] == []


@pytest.mark.slow
def test_the_mmaction2_inferencer_reads_videos(trained, toy_charades):
    from mmaction.apis.inferencers import MMAction2Inferencer

    config = next(trained.glob('kssnet_i3d_toy.py'))  # what the run wrote down
    inferencer = MMAction2Inferencer(str(config), str(trained / 'epoch_2.pth'), device='cpu')
    videos = sorted((toy_charades / 'Charades_v1_480').glob('*.mp4'))[:2]
    real = SHARED / 'data' / 'videos'
    videos += sorted(real.iterdir()) if real.exists() else []
    for video in videos:
        (prediction,) = inferencer(str(video))['predictions']
        scores = torch.tensor(prediction['rec_scores'][0])
        assert scores.shape == (40,) and ((scores > 0) & (scores < 1)).all()


def test_predict_draws_and_names_true_labels(trained, toy_charades, tmp_path):
    video = next((toy_charades / 'Charades_v1_480').glob('V*.mp4'))
    result = run_tool('predict.py', trained / 'kssnet_i3d_toy.py', trained / 'epoch_2.pth', video, '--truth',
                      '--top', 40, '--out', tmp_path / 'a.png')
    assert 2 <= result.stdout.count('true') <= 6
    assert (tmp_path / 'a.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.slow
def test_amp_trains_in_bfloat16_on_cpu(toy_charades, tmp_path):
    result = run_tool('train.py', 'configs/i3d_toy.py', '--work-dir', tmp_path, '--amp', '--no-validate',
                      '--cfg-options', *tiny(toy_charades, 'i3d_toy.py'), 'train_cfg.max_epochs=1',
                      'custom_hooks.1.interval=1')
    assert 'AutocastOptimWrapper' in ''.join(path.read_text() for path in tmp_path.glob('*/vis_data/config.py')) \
        or torch.cuda.is_available(), result.stdout[-2000:]
    assert all(torch.isfinite(value).all() for value in weights(tmp_path / 'epoch_1.pth').values())


@pytest.mark.slow
def test_two_processes_evaluate_as_one(trained, toy_charades, tmp_path):
    """Distributed data parallel on CPU: one epoch trains; seven videos on two processes score as on one."""
    import os
    import subprocess
    import sys

    def torchrun(*arguments):
        command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', *arguments]
        options = [*tiny(toy_charades), 'train_cfg.max_epochs=1', 'train_cfg.val_begin=1']
        result = subprocess.run([*map(str, command), '--launcher', 'pytorch', '--cfg-options', *options],
                                capture_output=True, text=True, cwd=ROOT,
                                env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'})
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-3000:]
        return result.stdout + result.stderr

    output = torchrun('tools/train.py', CONFIG, '--work-dir', tmp_path)
    result = run_tool('test.py', CONFIG, tmp_path / 'epoch_1.pth', '--work-dir', tmp_path, '--cfg-options',
                      *tiny(toy_charades))
    in_training, afterwards = (float(re.findall(r'charades/mAP: ([0-9.]+)', text)[-1])
                               for text in (output, result.stdout + result.stderr))
    assert in_training == pytest.approx(afterwards, abs=1e-4)  # BatchNorm's statistics are those of the checkpoint
    checkpoint = trained / 'epoch_2.pth'
    output = torchrun('tools/test.py', CONFIG, checkpoint, '--work-dir', tmp_path, '--dump', tmp_path / 'two.npz')
    run_tool('test.py', CONFIG, checkpoint, '--work-dir', tmp_path, '--dump', tmp_path / 'one.npz', '--cfg-options',
             *tiny(toy_charades))
    one, two = load_scores(tmp_path / 'one.npz'), load_scores(tmp_path / 'two.npz')
    assert one.ids == two.ids and len(two.ids) == 7
    np.testing.assert_array_equal(one.targets, two.targets)
    np.testing.assert_allclose(one.scores, two.scores, rtol=1e-4)  # other batches, other rounding
    assert re.findall(r'charades/mAP: ([0-9.]+)', output)[-1] == f'{charades_map(two.scores, two.targets)[0]:.4f}'


@pytest.mark.slow
def test_a_bad_video_ends_no_training_and_is_named_by_evaluation(toy_charades, tmp_path):
    import shutil

    toy = shutil.copytree(toy_charades, tmp_path / 'toy')
    videos = toy / 'Charades_v1_480'
    next(videos.glob('T*.mp4')).write_bytes(b'')
    bad = next(videos.glob('V*.mp4'))
    bad.write_text('no video')
    options = tiny(toy, 'i3d_toy.py') + ['train_cfg.max_epochs=1']
    result = run_tool('train.py', 'configs/i3d_toy.py', '--work-dir', tmp_path / 'run', '--no-validate',
                      '--cfg-options', *options)
    output = result.stdout + result.stderr
    assert output.count('bad video 1 of 12') == 1 and output.count('1 of 12 training videos cannot be read') == 1
    result = run_tool('test.py', 'configs/i3d_toy.py', tmp_path / 'run/epoch_1.pth', '--work-dir', tmp_path,
                      '--cfg-options', *options, check=False)
    errors = [line for line in result.stderr.splitlines() if line.startswith('error: ')]
    assert result.returncode == 2 and len(errors) == 1 and bad.name in errors[0], result.stderr[-2000:]


@pytest.mark.slow
def test_fitted_thresholds_are_stored_in_the_checkpoint(trained, toy_charades, tmp_path):
    options = ['--cfg-options', *tiny(toy_charades)]
    checkpoint, fitted = trained / 'epoch_2.pth', tmp_path / 'fitted.pth'
    run_tool('test.py', CONFIG, checkpoint, '--work-dir', tmp_path, '--dump', tmp_path / 'scores.npz', *options)
    result = run_tool('fit_thresholds.py', checkpoint, tmp_path / 'scores.npz', '--out', fitted)
    assert 'mean F1 over classes' in result.stdout
    key = 'cls_head.classifier.threshold_logits'
    assert weights(checkpoint)[key].unique().tolist() == [0] and len(weights(fitted)[key].unique()) > 1
    run_tool('test.py', CONFIG, fitted, '--work-dir', tmp_path, *options)
