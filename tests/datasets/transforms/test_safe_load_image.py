"""Images as mmcv reads them; bad ones are named in words of ours, whatever their name says they are."""

import numpy as np
import pytest
from media import image_bytes, write_video
from PIL import Image

pytest.importorskip('mmcv')
import mmcv  # noqa: E402

from kss_mm.datasets import SafeLoadImage  # noqa: E402
from kss_mm.errors import (  # noqa: E402
    BadImageError,
    InputError,
    MissingImageError,
    MissingPackageError,
    StorageError,
)

RNG = np.random.default_rng(0)
PICTURE = Image.fromarray(RNG.integers(0, 255, (30, 40, 3), dtype=np.uint8))
TURNED = Image.Exif()
TURNED[0x112] = 6  # EXIF: the camera was held upright
PALETTE = PICTURE.quantize(16)


def load(path, **options):
    return SafeLoadImage(**options).transform(dict(img_path=str(path)))


@pytest.mark.parametrize(('content', 'shape'), [
    (image_bytes('JPEG', PICTURE), (30, 40)),
    (image_bytes('JPEG', PICTURE.convert('CMYK')), (30, 40)),
    (image_bytes('JPEG', PICTURE, exif=TURNED), (40, 30)),
    (image_bytes('JPEG', PICTURE, progressive=True) + b'junk after the end', (30, 40)),
    (image_bytes('PNG', Image.fromarray(RNG.integers(0, 65535, (30, 40), dtype=np.uint16))), (30, 40)),
    (image_bytes('PNG', PALETTE, transparency=0), (30, 40)),
    (image_bytes('PNG', PICTURE.convert('LA')), (30, 40)),
    (image_bytes('PNG', PICTURE.convert('1')), (30, 40)),
    (image_bytes('WebP', PICTURE, save_all=True, append_images=[PICTURE.rotate(180)]), (30, 40)),
    (image_bytes('BMP', PICTURE), (30, 40)),
    (image_bytes('TIFF', PICTURE), (30, 40)),
], ids=['jpeg', 'cmyk', 'turned', 'progressive', '16 bits', 'palette with alpha', 'grey with alpha', '1 bit',
        'animated webp', 'bmp', 'tiff'])
def test_what_mmcv_reads_is_read_as_mmcv_does(tmp_path, content, shape):
    (tmp_path / 'a.jpg').write_bytes(content)
    results = load(tmp_path / 'a.jpg')
    assert results['img'].shape == (*shape, 3) and results['img'].dtype == np.uint8
    assert results['ori_shape'] == shape and np.array_equal(results['img'], mmcv.imfrombytes(content))
    assert load(tmp_path / 'a.jpg', color_type='grayscale', to_float32=True)['img'].dtype == np.float32


def broken_checksum() -> bytes:
    content = bytearray(image_bytes('PNG'))
    content[content.index(b'IEND') - 6] ^= 255  # the last byte but one of the pixels' checksum
    return bytes(content)


HALVES = [image_bytes(kind)[:len(image_bytes(kind)) * 9 // 10] for kind in ('JPEG', 'PNG', 'BMP', 'TIFF', 'WebP')]


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(('content', 'message'), [
    (b'', 'is empty'), (b'<html><body>', 'is not an image but a web page'), (b'\n<?xml version="1.0"?>', 'a web page'),
    (b'not a picture', 'is not an image, or a damaged one'),
    *((half, r'is damaged or cut short \((JPEG|PNG|BMP|TIFF|WebP)\)') for half in HALVES),
    (image_bytes('JPEG', progressive=True)[:-2], r'is damaged or cut short \(JPEG\)'),
])
def test_bad_images_are_named(tmp_path, content, message, backend, capfd):
    path = tmp_path / 'a.jpg'
    path.write_bytes(content)
    with pytest.raises(BadImageError, match=f'^{path}: .*{message}') as error:
        load(path, imdecode_backend=backend)
    assert 'OpenCV' not in str(error.value) and 'PIL' not in str(error.value)
    assert 'loadsave' not in capfd.readouterr().err


def test_a_broken_checksum_and_other_kinds(tmp_path):
    for name, content, message in (('crc.png', broken_checksum(), 'is damaged or cut short'),
                                   ('a.gif', image_bytes('GIF'), r'a kind of image \(GIF\) that is not decoded')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadImageError, match=f'{name}: .*{message}'):
            load(tmp_path / name)
    with pytest.raises(BadImageError, match=r'film\.jpg: is a video \(MP4\)'):
        load(write_video(tmp_path / 'film.mp4').rename(tmp_path / 'film.jpg'))


def test_files_that_are_no_pictures(tmp_path):
    for name, content, message in (('empty.jpg', b'', 'is empty'), ('html.jpg', b'<html>404</html>', 'a web page')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadImageError, match=f'{name}: .*{message}'):
            load(tmp_path / name)


def test_missing_files_and_storages(tmp_path):
    with pytest.raises(MissingImageError, match=r'nowhere\.jpg: no such file') as error:
        load(tmp_path / 'nowhere.jpg')
    assert isinstance(error.value, FileNotFoundError) and isinstance(error.value, BadImageError)
    for options, kind, message in (
            (dict(backend_args=dict(backend='nowhere')), StorageError, "backend_args={'backend': 'nowhere'}"),
            (dict(backend_args=dict(backend='memcached', server_list_cfg='a', client_cfg='b')), MissingPackageError,
             'backend_args=.*memcached'),
            (dict(backend_args=dict(backend='http')), StorageError, r'a\.jpg: cannot be fetched by backend_args'),
            (dict(imdecode_backend='gpu'), InputError, "imdecode_backend='gpu': must be one of 'cv2'"),
            (dict(color_type='green'), InputError, "color_type='green'")):
        (tmp_path / 'a.jpg').write_bytes(image_bytes('JPEG'))
        with pytest.raises(kind, match=message) as error:
            load(tmp_path / 'a.jpg', **options)
        assert not isinstance(error.value, BadImageError)
    assert SafeLoadImage(ignore_empty=True).transform(dict(img_path=str(tmp_path / 'nowhere.jpg'))) is None


def test_the_hosts_name_for_the_step_means_ours():
    pytest.importorskip('mmpretrain')
    from mmpretrain.registry import TRANSFORMS

    from kss_mm.hosts.runs import repair_hosts

    repair_hosts()
    assert type(TRANSFORMS.build(dict(type='mmpretrain.LoadImageFromFile'))) is SafeLoadImage
