import csv
import shutil

import pytest
from conftest import run_tool
from media import frames_by_opencv, write_coded, write_sound, write_video

from kss_mm.datasets.media.reencode import find_ffmpeg
from kss_mm.errors import MissingPackageError


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
    assert [problems[video.stem] for video in videos[:3]] == [
        'missing', 'is empty', 'is not a video, or a damaged one; copy or download it again']
    assert 'the CSV says 99.0 s' in problems[lines[1].split(',')[0]]


def test_missing_folders_are_named(tmp_path, release):
    for arguments, message in ((('--root', tmp_path / 'nowhere'), 'Charades_v1_classes.txt: no such file'),
                               (('--root', release, '--videos', 'none'), 'no such folder of videos'),
                               (('--root', release, '--gop', 0), '--gop must be a whole number >= 1, got 0')):
        result = run_tool('prepare_charades.py', *arguments, check=False)
        assert result.returncode == 2 and message in result.stderr


def test_reencoding_is_small_resumable_and_atomic(release):
    try:
        find_ffmpeg()
    except MissingPackageError:
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


def test_reencoding_cures_what_only_ffmpeg_reads_and_names_the_rest(release):
    """Of another coding, narrow, half there, without pictures, and not there."""
    folder = release / 'Charades_v1_480'
    videos = sorted(folder.glob('*.mp4'))
    other, narrow, half, sound, missing = videos[:5]
    frames = {video: len(frames_by_opencv(video)) for video in (other, narrow)}
    write_coded(release / 'a.ogv', '-c:v libtheora', seconds=frames[other] / 12).replace(other)
    write_video(narrow, (48, 64), frames=frames[narrow])
    content = write_coded(release / 'front.mp4', '-c:v libx264 -movflags faststart').read_bytes()
    half.write_bytes(content[:len(content) // 2])
    write_sound(release / 'a.m4a').replace(sound)
    missing.unlink()
    out = release / 'small'
    result = run_tool('prepare_charades.py', '--root', release, '--reencode', out, '--short-side', 64, check=False)
    problems = {row['id']: row['problem'] for row in csv.DictReader(open(release / 'check.csv', newline=''))}
    assert 'Theora' in problems[other.stem] and problems[narrow.stem] == '' and problems[missing.stem] == 'missing'
    assert problems[half.stem].startswith('is cut short') and 'no video stream' in problems[sound.stem]
    made = {path.stem for path in out.iterdir()}
    assert made == {video.stem for video in videos} - {half.stem, sound.stem, missing.stem}
    assert frames == {video: len(frames_by_opencv(out / video.name)) for video in frames}
    assert result.returncode == 2 and '3 of 19 videos cannot be used' in result.stdout
    assert all(f'{path}: cannot be re-encoded' in result.stdout.replace('\n', '') for path in (half, sound))
