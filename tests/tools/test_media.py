"""Videos and images of all kinds through the tools: a result, or one line that names the file."""

import pytest
from conftest import ROOT, run_tool, tiny
from media import image_bytes, turned, write_container, write_sound, write_video

pytest.importorskip('mmaction')


def error_of(result) -> str:
    assert result.returncode == 2 and 'Traceback' not in result.stderr, result.stderr[-3000:]
    (line,) = [line for line in result.stderr.splitlines() if 'error: ' in line]
    return line


@pytest.fixture(scope='module')
def trained(toy_charades, tmp_path_factory):
    """The config of a run as it was run, and its checkpoint."""
    out = tmp_path_factory.mktemp('run')
    run_tool('train.py', 'configs/i3d_toy.py', '--work-dir', out, '--no-validate', '--cfg-options',
             *tiny(toy_charades, 'i3d_toy.py'), 'train_cfg.max_epochs=1')
    return out / 'i3d_toy.py', out / 'epoch_1.pth'


def predict(tool, trained, path):
    return tool('predict.py', *trained, path)


@pytest.mark.slow
def test_predict_reads_what_decord_alone_does_not(trained, tmp_path, tool):
    narrow = write_video(tmp_path / 'narrow.mp4', (48, 64))
    others = [write_container(tmp_path, name) for name in ('a.gif', 'a.ts', 'a.avi')]
    for path in (narrow, turned(narrow, 90, tmp_path / 'turned.mp4'), write_video(tmp_path / 'one.mp4', (16, 64), 1),
                 *others):
        status, output = predict(tool, trained, path)
        assert status == 0 and f'{path}:' in output, output


def test_predict_names_what_it_cannot_read(trained, tmp_path, tool):
    (tmp_path / 'picture.mp4').write_bytes(image_bytes('PNG'))
    write_sound(tmp_path / 'sound.mp4')
    avi = write_container(tmp_path, 'a.avi').read_bytes()
    (tmp_path / 'cut.mp4').write_bytes(avi[:len(avi) // 2])
    for name, message in (('picture.mp4', 'is an image (PNG), but'), ('sound.mp4', 'has no video stream'),
                          ('cut.mp4', 'is cut short'), ('nowhere.png', 'no such file or folder')):
        status, output = predict(tool, trained, tmp_path / name)
        assert status == 2 and f'error: {tmp_path / name}: {message}' in output and output.count('\n') == 1, output


@pytest.mark.slow
def test_test_draws_videos(trained, toy_charades, tmp_path, tool):
    config, checkpoint = trained
    status, output = tool('test.py', config, checkpoint, '--work-dir', tmp_path, '--show-dir', tmp_path / 'shown',
                          '--interval', 3)
    names = sorted(path.stem for path in (toy_charades / 'Charades_v1_480').glob('V*.mp4'))
    shown = sorted(path.name for path in (tmp_path / 'shown').iterdir())
    assert status == 0 and [name[:7] for name in shown] == ['000000_', '000003_', '000006_'], output
    assert all(name[7:-4] in names for name in shown)
    assert (tmp_path / 'shown' / shown[0]).read_bytes().startswith(b'\x89PNG')
    for options, message in ((('--show',), '--show-dir FOLDER'), (('--show-dir', config), str(config)),
                             (('--show-dir', 'a', '--interval', '0'), 'interval must be at least 1')):
        status, output = tool('test.py', config, checkpoint, '--work-dir', tmp_path, *options)
        assert status == 2 and message in output.splitlines()[-1], output[-2000:]


ENDS = '''
import os, signal
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

@TRANSFORMS.register_module()
class Ends(BaseTransform):
    def transform(self, results):
        os.kill(os.getpid(), signal.SIGKILL)
'''


@pytest.mark.slow
def test_a_killed_worker_ends_training_in_one_line(toy_charades, tmp_path):
    (tmp_path / 'ends.py').write_text(ENDS)
    (tmp_path / 'killed.py').write_text(
        f'_base_ = {str(ROOT / "configs/i3d_toy.py")!r}\n'
        'custom_imports = dict(imports=["kss_mm", "ends"])\n'
        'train_dataloader = dict(dataset=dict(pipeline=[dict(type="mmengine.Ends")]))\n')
    result = run_tool('train.py', tmp_path / 'killed.py', '--work-dir', tmp_path / 'run', '--cfg-options',
                      *tiny(toy_charades, 'i3d_toy.py'), check=False,
                      env={'PYTHONPATH': f'{ROOT}:{tmp_path}'})
    line = error_of(result)
    assert 'DataLoader worker' in line and 'num_workers' in line and 'cannot be built' not in line
