"""Files by the names that tables have: paths of other systems, ids, folders left out, Unicode forms."""

import unicodedata

import pytest

from kss_mm.datasets.media_folder import MediaFolder
from kss_mm.errors import InputError


def folder(tmp_path, *names, kind='video'):
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return MediaFolder(tmp_path, kind)


@pytest.mark.parametrize('name', [
    'sub/a b, c.mp4', 'sub\\a b, c.mp4', 'C:\\data\\sub\\a b, c.mp4', '/mnt/x/sub/a b, c.mp4', './sub/a b, c.mp4',
    'a b, c.mp4', 'a b, c', 'sub/a b, c', 'SUB/A B, C.MP4', 'https://x.org/v/sub/a%20b,%20c.mp4?t=3',
    'file:///d/sub/a b, c.mp4'])
def test_a_file_by_its_names(tmp_path, name):
    media = folder(tmp_path, 'sub/a b, c.mp4', 'other/d.mp4', 'sub/a b, c.json')
    assert media.find(name) == str(tmp_path / 'sub/a b, c.mp4')


def test_accents_in_either_form(tmp_path):
    for form, other in (('NFC', 'NFD'), ('NFD', 'NFC')):
        path = tmp_path / form
        path.mkdir()
        media = folder(path, unicodedata.normalize(form, 'café "1".mp4'))
        assert media.find(unicodedata.normalize(other, 'café "1".mp4')).endswith('.mp4')
        assert media.find(unicodedata.normalize(other, 'café "1"')).endswith('.mp4')


@pytest.mark.parametrize('name', ['y/1.mp4', 'z/y/1.mp4', '2.mp4', '', '\0', '1.avi', '.mp4', '..', 'x'])
def test_no_other_file_in_its_place(tmp_path, name):
    assert folder(tmp_path, 'x/1.mp4', 'x/1.txt').find(name) is None


@pytest.mark.parametrize(('files', 'name'), [
    (('x/1.mp4', 'y/1.mp4'), '1.mp4'), (('1.mp4', '1.avi'), '1'), (('a.mp4', 'A.MP4'), 'A.mp4')])
def test_one_of_two_is_asked_for(tmp_path, files, name):
    with pytest.raises(InputError, match=f"may be '{files[0]}' or '{files[1]}'|may be '{files[1]}' or '{files[0]}'"):
        folder(tmp_path, *files).find(name)


def test_what_the_name_says_comes_before_what_is_alike(tmp_path):
    media = folder(tmp_path, '1.mp4', 'x/1.mp4', 'a.mp4', 'A.mp4', '1.png')
    for name in ('1.mp4', 'x/1.mp4', 'a.mp4', 'A.mp4'):
        assert media.find(name) == str(tmp_path / name)
        assert media.find(f'D:\\{name}') == str(tmp_path / name)
    images = MediaFolder(tmp_path, 'image')
    assert images.find('1') == str(tmp_path / '1.png')


def test_links_are_followed_and_circles_end(tmp_path):
    (tmp_path / 'a').mkdir()
    (tmp_path / 'b').symlink_to(tmp_path / 'a')
    (tmp_path / 'a' / 'up').symlink_to(tmp_path)
    assert folder(tmp_path, 'a/v.mp4').find('v') == str(tmp_path / 'a/v.mp4')


def test_without_a_folder_names_are_paths(tmp_path):
    folder(tmp_path, 'v.mp4')
    media = MediaFolder('', 'video')
    assert media.find(str(tmp_path / 'v.mp4')) == str(tmp_path / 'v.mp4') and media.find('v') is None


def test_what_label_studio_makes_of_names(tmp_path):
    media = folder(tmp_path, 'my clip (1), final.mp4', 'ab12cd34-b.mp4')
    assert media.find('/data/upload/3/00ff00ff-my_clip_1_final.mp4') == str(tmp_path / 'my clip (1), final.mp4')
    assert media.find('/data/upload/3/ab12cd34-b.mp4') == str(tmp_path / 'ab12cd34-b.mp4')
    assert media.find('my_clip_1_final.mp4') is None
