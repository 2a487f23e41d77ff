"""The kind of a file, by what is in it, whatever it is called; and whether the end of it is missing."""

import pytest
from media import CODINGS, image_bytes, write_container

from kss_mm.datasets.media.containers import HEAD, is_animated, is_cut_short, kind_of, read_head

KINDS = {'.mp4': 'MP4', '.mov': 'MP4', '.mkv': 'Matroska', '.webm': 'Matroska', '.flv': 'FLV', '.avi': 'AVI',
         '.wmv': 'ASF', '.mpg': 'MPEG program stream', '.ts': 'MPEG transport stream',
         '.m2ts': 'MPEG transport stream', '.gif': 'GIF'}
# The others say nowhere how long they are.
SIZED = [name for name in CODINGS if name.rpartition('.')[2] in ('mp4', 'mov', 'mkv', 'webm', 'flv', 'avi', 'gif')]


@pytest.mark.parametrize('name', CODINGS)
def test_videos_are_told_by_their_content(tmp_path, name):
    path = write_container(tmp_path, name)
    assert kind_of(read_head(path)) == KINDS[path.suffix] and not is_cut_short(path)


@pytest.mark.parametrize('start', [1, 100, 187, 188])
def test_a_transport_stream_may_begin_anywhere(tmp_path, start):
    content = write_container(tmp_path, 'a.ts').read_bytes()
    assert kind_of(content[start:start + HEAD]) == 'MPEG transport stream'


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'BMP', 'TIFF', 'WebP'])
def test_images_are_told_by_their_content(kind):
    assert kind_of(image_bytes(kind)[:HEAD]) == kind


@pytest.mark.parametrize('content', [b'', b'G', b'G' * 100, b'<html>', b'RIFF1234WAVE', b'hello' * 400])
def test_others_are_no_kind(content):
    assert kind_of(content[:HEAD]) == ''


def test_animations():
    from PIL import Image

    pictures = [Image.new('RGB', (20, 20), colour) for colour in ('red', 'blue')]
    for kind in ('PNG', 'WebP'):
        assert is_animated(image_bytes(kind, pictures[0], save_all=True, append_images=pictures[1:])[:HEAD])
        assert not is_animated(image_bytes(kind)[:HEAD])


@pytest.mark.parametrize('share', [.02, .5, .97])
@pytest.mark.parametrize('name', SIZED)
def test_a_missing_end_is_seen(tmp_path, name, share):
    path = write_container(tmp_path, name)
    content = path.read_bytes()
    path.write_bytes(content[:int(len(content) * share)])
    assert is_cut_short(path)


@pytest.mark.parametrize('kind', ['JPEG', 'PNG'])
def test_a_missing_end_of_an_image_is_seen_and_a_film_after_it_is_not_taken_for_one(tmp_path, kind):
    path, content = tmp_path / 'a', image_bytes(kind)
    for whole in (content, content + b'ftyp' * HEAD):
        path.write_bytes(whole)
        assert not is_cut_short(path)
    for share in (.3, .97):
        path.write_bytes(content[:int(len(content) * share)])
        assert is_cut_short(path)


@pytest.mark.parametrize('name', [name for name in SIZED if not name.endswith(('.mp4', '.mov', '.gif'))])
def test_sizes_that_were_never_filled_in_say_nothing(tmp_path, name):
    """As when a program writes to a pipe, or is killed while it records."""
    path = write_container(tmp_path, name)
    content = bytearray(path.read_bytes())
    if path.suffix == '.avi':
        content[4:8] = b'\0' * 4
    elif path.suffix in ('.mkv', '.webm'):
        start = content.index(b'\x18\x53\x80\x67') + 4
        content[start:start + 8] = b'\x01' + b'\xff' * 7
    else:
        content = content.replace(b'filesize', b'filesome')
    path.write_bytes(content[:len(content) // 2])
    assert not is_cut_short(path)


def test_bytes_after_the_end_do_no_harm(tmp_path):
    for name in ('a.mp4', 'front.mp4', 'a.avi', 'a.mkv'):
        path = write_container(tmp_path, name)
        path.write_bytes(path.read_bytes() + b'\x7f' * 100)
        assert not is_cut_short(path), name
