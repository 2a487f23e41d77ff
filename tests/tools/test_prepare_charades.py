import csv
import shutil

import pytest
from conftest import run_tool

from kss_mm.datasets.reencode import find_ffmpeg
from kss_mm.errors import MissingHostError


@pytest.fixture
def release(toy_charades, tmp_path):
    shutil.copytree(toy_charades, tmp_path / 'toy')
    return tmp_path / 'toy'


def test_a_whole_download_passes(release):
    result = run_tool('prepare_charades.py', '--root', release)
    assert '19 videos, 0 with a problem' in result.stdout
    assert 'note: 12 videos in the train CSV; the official release has 7985' in result.stdout
    rows = list(csv.DictReader(open(release / 'check.csv', newline='')))
    assert len(rows) == 19 and all(float(row['fps']) == 12 for row in rows)


def test_bad_videos_are_named_and_fail(release):
    videos = sorted((release / 'Charades_v1_480').glob('*.mp4'))
    videos[0].unlink()
    videos[1].write_bytes(b'')
    videos[2].write_text('no video')
    lines = (release / 'Charades/Charades_v1_test.csv').read_text().splitlines()
    lines[1] = lines[1].rpartition(',')[0] + ',99.0'
    (release / 'Charades/Charades_v1_test.csv').write_text('\n'.join(lines) + '\n')
    result = run_tool('prepare_charades.py', '--root', release, check=False)
    assert result.returncode == 2 and '19 videos, 4 with a problem' in result.stdout
    problems = {row['id']: row['problem'] for row in csv.DictReader(open(release / 'check.csv', newline=''))}
    assert [problems[video.stem] for video in videos[:3]] == ['missing', 'empty', 'does not decode']
    assert 'the CSV says 99.0 s' in problems[lines[1].split(',')[0]]


def test_missing_folders_are_named(tmp_path, release):
    for arguments, message in ((('--root', tmp_path / 'nowhere'), 'Charades_v1_classes.txt: no such file'),
                               (('--root', release, '--videos', 'none'), 'no such folder of videos'),
                               (('--root', release, '--gop', 0), '--gop must be at least 1')):
        result = run_tool('prepare_charades.py', *arguments, check=False)
        assert result.returncode == 2 and message in result.stderr


def test_reencoding_is_small_resumable_and_atomic(release):
    try:
        find_ffmpeg()
    except MissingHostError:
        pytest.skip('needs ffmpeg')
    import decord

    out = release / 'small'
    arguments = ('prepare_charades.py', '--root', release, '--reencode', out, '--short-side', 64, '--gop', 4)
    assert '0 of 19 are there already' in run_tool(*arguments).stdout
    videos = sorted(out.iterdir())
    assert len(videos) == 19 and not [video for video in videos if 'part' in video.name]
    reader = decord.VideoReader(str(videos[0]))
    assert reader[0].shape == (64, 64, 3) and reader.get_key_indices()[:3] == [0, 4, 8]
    videos[3].unlink()
    assert '18 of 19 are there already' in run_tool(*arguments).stdout and len(list(out.iterdir())) == 19
