"""Any frame of any video is the one that counting from the first gives, through all that decodes; bad files are named.

Messages are ours: nothing of what decord or FFmpeg say reaches the user.
"""

import pickle
import shutil

import cv2
import numpy as np
import pytest
from media import CODINGS, frames_by_opencv, image_bytes, write_coded, write_container, write_sound, write_video

from kss_mm.datasets.charades_check import check_video
from kss_mm.datasets.charades_files import Video
from kss_mm.datasets.media import containers
from kss_mm.datasets.media.frame_reader import open_video, read_frame, read_frames
from kss_mm.datasets.media.in_order_reader import InOrderReader
from kss_mm.errors import BadVideoError, MissingVideoError, StorageError
from kss_mm.inference.picture import spread_frames

NARROW = (16, 24, 48, 72)
INTERNALS = ('decord', 'Check failed', 'video_reader', 'avfilter', 'av_read', '.cc:')


def assert_same_frames(path, order):
    right = frames_by_opencv(path)
    reader = open_video(path)
    assert len(reader) == len(right)
    for index, frame in zip(order, read_frames(reader, order)):
        # Two builds of FFmpeg may round colours differently; neighbouring frames differ by much more.
        assert np.abs(frame.astype(int) - right[index]).max() <= 3, index


@pytest.mark.parametrize('name', CODINGS)
def test_frames_are_those_asked_for_whatever_the_order(tmp_path, name):
    """decord alone is 15 frames off in an uncut transport stream, 20 in an .avi with frames that look ahead."""
    path = write_container(tmp_path, name)
    count = len(frames_by_opencv(path))
    assert count >= 40
    for order in ([count // 2, 3, count - 1, 0, count // 3], range(count)):
        assert_same_frames(path, list(order))


@pytest.mark.parametrize(('coding', 'suffix'), [('libx264', 'ts'), ('mpeg2video', 'ts'), ('mpeg2video', 'mpg')])
@pytest.mark.parametrize('start', [.1, .33, .6])
def test_streams_that_start_amid_a_picture(tmp_path, coding, suffix, start):
    path = write_coded(tmp_path / f'whole.{suffix}', f'-c:v {coding} -bf 2')
    content = path.read_bytes()
    path = tmp_path / f'cut.{suffix}'
    path.write_bytes(content[int(len(content) * start) + 7:])
    assert_same_frames(path, [5, 0, len(frames_by_opencv(path)) - 1])


def test_a_video_of_one_frame(tmp_path):
    assert_same_frames(write_video(tmp_path / 'one.mp4', frames=1), [0])


@pytest.mark.parametrize('stream', [False, True])
@pytest.mark.parametrize('width', NARROW)
def test_narrow_videos_through_every_place_that_decodes(tmp_path, width, stream):
    """decord's get_batch calls them damaged, as their rows are padded."""
    pytest.importorskip('mmaction')
    from mmaction.registry import TRANSFORMS

    from kss_mm.hosts.runs import repair_hosts

    repair_hosts()
    path = write_video(tmp_path / 'narrow.mp4', (width, 64), frames=5)
    right = frames_by_opencv(path)
    assert np.array_equal(right, np.stack(read_frames(open_video(path), range(5))))
    assert np.array_equal(right[[0, 2, 4]], spread_frames(str(path), 3))
    assert check_video(str(path), Video('narrow', None, ()), 'train').problem == ''
    # By the host's names for the steps, as its inferencer builds them; a loop over a video shorter than the clip.
    results = TRANSFORMS.build(dict(type='DecordInit')).transform(dict(filename=str(path)))
    for mode, indices in (('accurate', [0, 1, 2]), ('accurate', [3, 4, 0, 1, 2, 3, 4, 0]), ('efficient', [0, 0])):
        if stream and mode == 'efficient':
            continue
        decode = TRANSFORMS.build(dict(type='DecordDecode', mode=mode, **(dict(stream=True) if stream else {})))
        made = decode.transform(dict(results, frame_inds=np.array(indices)))
        assert np.array_equal(right[indices], np.stack(list(made['imgs']))) and made['img_shape'] == (64, width)


def test_a_frame_asked_for_again_is_decoded_once(tmp_path):
    path = write_video(tmp_path / 'short.mp4', frames=4)
    frames = read_frames(open_video(path), [0, 1, 0, 1])
    assert frames[0] is frames[2] and frames[1] is frames[3]


def bad_files(folder):
    """Files and what is to be said of each."""
    good = write_container(folder, 'front.mp4').read_bytes()
    for name, content, message in (
            ('empty.mp4', b'', 'is empty'), ('text.mp4', b'hello' * 100, 'is not a video, or a damaged one'),
            ('half.mp4', good[:len(good) // 2], 'is cut short'), ('head.mp4', good[:40], 'is cut short'),
            ('web.mp4', b'<html>' * 50, 'is not a video'), ('photo.mp4', image_bytes('JPEG'), r'is an image \(JPEG\)'),
            ('picture.gif', image_bytes('PNG'), r'is an image \(PNG\)')):
        (folder / name).write_bytes(content)
        yield folder / name, message
    for name in ('a.avi', 'a.mkv', 'a.webm', 'a.flv', 'a.gif', 'a.mov'):
        content = write_container(folder, name).read_bytes()
        # The name says nothing: an .avi is one also when it is called .mp4.
        path = folder / f'cut_{name.replace(".", "_")}.mp4'
        path.write_bytes(content[:len(content) * 2 // 3])
        yield path, 'is cut short'
    yield write_sound(folder / 'sound.m4a'), 'has no video stream'
    yield write_sound(folder / 'sound.mkv'), 'has no video stream'
    yield write_coded(folder / 'theora.ogv', '-c:v libtheora'), r'Theora.*ffmpeg -i .*theora\.ogv'
    (folder / 'folder.mp4').mkdir()
    yield folder / 'folder.mp4', 'is a folder'


def test_bad_files_are_named_in_words_of_ours(tmp_path, capfd):
    for path, message in bad_files(tmp_path):
        with pytest.raises(BadVideoError, match=message) as error:
            open_video(path)
        text = str(error.value).replace('decord 0.6', '')
        assert text.startswith(f'{path}: ') and not [part for part in INTERNALS if part in text], text
    assert capfd.readouterr() == ('', '')


@pytest.mark.parametrize('suffix', ['mp4', 'webm', 'mkv'])
def test_av1_is_called_so_with_the_remedy(tmp_path, suffix, capfd):
    try:
        path = write_coded(tmp_path / f'a b.{suffix}', '-c:v libaom-av1 -cpu-used 8', seconds=.5)
    except Exception:
        pytest.skip('this ffmpeg does not write AV1')
    with pytest.raises(BadVideoError, match=rf"coded as AV1.*ffmpeg -i '{tmp_path}/a b.{suffix}' -c:v libx264"):
        open_video(path)
    assert capfd.readouterr() == ('', '')


def test_a_missing_file_is_both_a_bad_video_and_a_missing_file(tmp_path):
    for kind in (FileNotFoundError, BadVideoError, MissingVideoError, ValueError):
        with pytest.raises(kind, match=r'nowhere\.mp4: no such file'):
            open_video(tmp_path / 'nowhere.mp4')
    error = pickle.loads(pickle.dumps(MissingVideoError('a.mp4: no such file')))
    assert isinstance(error, FileNotFoundError) and str(error) == 'a.mp4: no such file'


def test_a_file_that_may_not_be_read_is_no_bad_video(tmp_path, monkeypatch):
    def locked(path):
        raise PermissionError(13, 'Permission denied', path)

    monkeypatch.setattr(containers, 'read_head', locked)  # root, as which tests may run, may read everything
    with pytest.raises(StorageError, match=r'locked\.mp4: cannot be read: Permission denied'):
        open_video(tmp_path / 'locked.mp4')


def test_damage_within_is_named_when_it_is_met(tmp_path):
    # Longer than decord reads ahead, or it may meet the damage before the first frame is asked for.
    content = bytearray(write_video(tmp_path / 'whole.mp4', frames=600).read_bytes())
    start, end = content.index(b'mdat') + 4, content.index(b'moov') - 4
    late = end - (end - start) // 8
    content[late:end] = np.random.default_rng(0).integers(0, 255, end - late, dtype=np.uint8).tobytes()
    (tmp_path / 'rotten.mp4').write_bytes(content)
    reader = open_video(tmp_path / 'rotten.mp4')
    assert read_frame(reader, 0).shape == (48, 64, 3)
    with pytest.raises(BadVideoError, match=r'rotten\.mp4: its frames do not decode'):
        read_frame(reader, 599)
    with pytest.raises(IndexError):
        InOrderReader(str(tmp_path / 'whole.mp4'))[600]


def test_names_that_opencv_takes_for_patterns(tmp_path):
    path = shutil.copy(write_container(tmp_path, 'a.ts'), tmp_path / '%03d # näme.ts')
    assert len(open_video(path)) >= 40 and isinstance(open_video(path), InOrderReader)
    assert cv2.getLogLevel() > 0  # only quiet while a file is opened
