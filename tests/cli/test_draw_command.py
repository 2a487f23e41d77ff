"""Where ``--draw`` writes to, and what it refuses before a model is loaded."""

import pytest
from media import image_bytes
from PIL import Image
from stub_network import Stub

from kss_mm.cli import predict_command as command
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.inference.predictor import Predictor


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'in' / 'more').mkdir(parents=True)
    for name in ('001.png', '002.jpg', 'more/003.webp'):
        (tmp_path / 'in' / name).write_bytes(image_bytes({'png': 'PNG', 'jpg': 'JPEG', 'ebp': 'WebP'}[name[-3:]]))
    return tmp_path


@pytest.fixture
def predict(folder, monkeypatch, capsys):
    monkeypatch.setattr(command, 'load', lambda *_, **options: Predictor(Stub(), **options))

    def call(*files, **options):
        return command.run_command('best.pth', list(files), [], **options), capsys.readouterr().out
    return call


def test_one_image(predict, folder):
    status, said = predict('in/001.png', draw='new/out.jpg', out='picture.png', top=2)
    assert status == 0 and said.endswith('picture: picture.png\ndrawing: new/out.jpg\n')
    assert Image.open('new/out.jpg').width >= 640
    assert predict('in/001.png', draw='in/more')[1].endswith('drawing: in/more/001.png\n')  # a folder that is there


def test_a_folder_becomes_a_folder(predict, folder):
    (folder / 'in' / '004.png').write_bytes(b'\x89PNG\r\n\x1a\n but damaged')
    status, said = predict('in', 'in/001.png', 'in/002.jpg', draw='drawn')
    drawn = sorted(path.relative_to(folder / 'drawn').as_posix() for path in (folder / 'drawn').rglob('*.*'))
    assert drawn == ['001.png', '001_2.png', '002.jpg', '002_2.jpg', 'more/003.webp']
    assert status == 1 and '  error: in/004.png: is damaged' in said and said.endswith('6 files, 1 of them broken\n')


@pytest.mark.parametrize(('files', 'options', 'message'), [
    (['in/001.png'], dict(draw='in/001.png'), 'in/001.png: is the file that is drawn, and stays'),
    (['in/001.png'], dict(draw='out.bmp'), 'out.bmp: must end in .mp4, .png'),
    (['in/001.png'], dict(draw='out'), 'out: must end in'),
    (['in'], dict(draw='out.png'), '--draw out.png: is one file, and several are drawn; give the name of a folder'),
    (['in'], dict(draw='out.avi'), '--draw out.avi: is one file'),
    (['in'], dict(draw='in/001.png'), '--draw in/001.png: is one file'),
    (['in'], dict(draw='in/drawn'), '--draw in/drawn: lies in in, whose files are drawn'),
    (['in/001.png'], dict(draw='a.png', out='a.png'), '--draw a.png: is --out, too; give two names'),
    (['in'], dict(draw='.', out='a.csv'), '--draw .: is for a call without a table'),
])
def test_drawings_that_cannot_be_are_refused_before_the_model_is_loaded(folder, monkeypatch, files, options, message):
    monkeypatch.setattr(command, 'load', lambda *_, **options: pytest.fail('the model was loaded'))
    with pytest.raises(InputError, match=message):
        command.run_command('best.pth', files, [], **options)


def test_an_image_does_not_become_a_video(predict):
    with pytest.raises(InputError, match='out.mp4: must end in .png'):
        predict('in/001.png', draw='out.mp4')


def test_videos_need_ffmpeg_and_are_not_all_tried_without(predict, monkeypatch):
    def fail(*args, **options):
        raise MissingPackageError('drawing a video needs ffmpeg: pip install imageio-ffmpeg')
    monkeypatch.setattr('kss_mm.cli.draw_command.draw_image', fail)
    with pytest.raises(MissingPackageError, match='needs ffmpeg'):
        predict('in', draw='drawn')
