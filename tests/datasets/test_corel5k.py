import numpy as np
import pytest
from conftest import SHARED

pytest.importorskip('mmpretrain')
import mmcv  # noqa: E402

from kss_mm.datasets import Corel5k  # noqa: E402
from kss_mm.errors import InputError, MissingFileError  # noqa: E402

REAL = SHARED / 'data' / 'corel5k'
PIPELINE = [dict(type='kss_mm.SafeLoadImage'), dict(type='mmpretrain.PackInputs')]


def released(folder, train: dict, test: dict, words=('city', 'sky', 'sun', 'bear')):
    """Files in the form of the release, whose lines end as those of Windows."""
    (folder / 'labels').mkdir()
    (folder / 'labels' / 'words').write_text(''.join(f'{word}\r\n' for word in words), newline='')
    for name, pictures in (('training_label', train), ('test_label', test)):
        text = ''.join(f'{picture} {numbers} \r\n' for picture, numbers in pictures.items())
        (folder / 'labels' / name).write_text(text, newline='')
    for name, pictures in (('train_jpeg', train), ('test_jpeg', test)):
        (folder / name).mkdir()
        for picture in pictures:
            mmcv.imwrite(np.full((8, 12, 3), 90, np.uint8), str(folder / name / f'{picture}.jpeg'))
    return folder


TRAIN = {'1000': '1 2', '1003': '4', '1004': '2 2', '1005': '3 2'}
TEST = {'1001': '2 1 3', '1002': '3'}


@pytest.fixture
def corel(tmp_path):
    return released(tmp_path, TRAIN, TEST)


def labels(dataset) -> list[list[int]]:
    return [dataset.get_data_info(index)['gt_label'] for index in range(len(dataset))]


def names(dataset) -> list[str]:
    return [dataset.get_data_info(index)['img_path'].rpartition('/')[2] for index in range(len(dataset))]


def test_labels_are_the_words_of_both_parts(corel):
    train = Corel5k(str(corel), pipeline=PIPELINE)
    test = Corel5k(str(corel), split='test', pipeline=PIPELINE, test_mode=True)
    assert train.metainfo['classes'] == test.metainfo['classes'] == ('city', 'sky', 'sun')  # no test picture has a bear
    assert names(train) == ['1000.jpeg', '1003.jpeg', '1004.jpeg', '1005.jpeg']
    assert labels(train) == [[0, 1], [], [1], [1, 2]] and labels(test) == [[0, 1, 2], [2]]
    sample = train[0]
    assert sample['inputs'].shape == (3, 8, 12) and sample['data_samples'].gt_label.tolist() == [0, 1]


def test_annotations_alone_need_no_pictures(corel):
    (corel / 'train_jpeg' / '1000.jpeg').unlink()
    assert len(Corel5k(str(corel), pipeline=[])) == 4
    with pytest.raises(MissingFileError, match='1000.jpeg: no such picture'):
        Corel5k(str(corel), pipeline=PIPELINE)


def test_parts_and_shares_are_the_same_every_time(tmp_path):
    corel = released(tmp_path, {str(number): '1 2' for number in range(40)}, {'100': '1 2'})
    everything = names(Corel5k(str(corel), pipeline=[]))
    held_out = names(Corel5k(str(corel), part='held_out', pipeline=[]))
    assert held_out == [f'{number}.jpeg' for number in (0, 9, 18, 27, 36)]
    assert names(Corel5k(str(corel), part='fit', pipeline=[])) == [name for name in everything if name not in held_out]
    quarter = names(Corel5k(str(corel), share=.25, pipeline=[]))
    assert len(quarter) == 10 and quarter == [name for name in everything if name in quarter]
    assert quarter == names(Corel5k(str(corel), share=.25, pipeline=[]))
    assert quarter != names(Corel5k(str(corel), share=.25, seed=1, pipeline=[]))


@pytest.mark.parametrize(('options', 'message'), [
    (dict(split='val'), "split must be 'train' or 'test'"), (dict(part='dev'), 'part must be'),
    (dict(split='test', part='fit'), 'is of the training pictures'), (dict(share=0.), 'share must be above 0'),
    (dict(share=1.5), 'share'), (dict(share=.01), 'leaves none of 4'), (dict(seed=-1), 'seed')])
def test_mistakes_are_named(corel, options, message):
    with pytest.raises(InputError, match=message):
        Corel5k(str(corel), pipeline=[], **options)


@pytest.mark.parametrize(('line', 'message'), [
    ('1006 5', r'training_label:5: there is no word 5, labels/words has 4'), ('1006 0', 'there is no word 0'),
    ('1006 sky', "'sky' is not the number of a word"), ('1006 -1', "'-1' is not the number"),
    ('1000 1', "training_label:5: the picture '1000' stands there twice")])
def test_bad_lines_are_named(corel, line, message):
    with open(corel / 'labels' / 'training_label', 'a') as file:
        file.write(f'{line}\n')
    with pytest.raises(InputError, match=message):
        Corel5k(str(corel), pipeline=[])


def test_files_that_are_not_of_the_release_are_named(corel):
    with pytest.raises(MissingFileError, match='nowhere: no such folder'):
        Corel5k(str(corel / 'nowhere'), pipeline=[])
    (corel / 'labels' / 'words').write_text('city\nsky\nsky\n')
    with pytest.raises(InputError, match="the word 'sky' stands there twice"):
        Corel5k(str(corel), pipeline=[])
    (corel / 'labels' / 'words').write_text('\n')
    with pytest.raises(InputError, match='holds no words'):
        Corel5k(str(corel), pipeline=[])
    (corel / 'labels' / 'test_label').unlink()
    with pytest.raises(MissingFileError, match='test_label: no such file; data_root must hold labels/'):
        Corel5k(str(corel), pipeline=[])


def test_parts_without_a_common_word_are_named(tmp_path):
    with pytest.raises(InputError, match='no word occurs in the training and in the test pictures'):
        Corel5k(str(released(tmp_path, {'1': '1'}, {'2': '2'})), pipeline=[])


@pytest.mark.skipif(not REAL.exists(), reason='needs Corel-5k beside the repository')
def test_the_release():
    train = Corel5k(str(REAL), pipeline=PIPELINE)
    test = Corel5k(str(REAL), split='test', pipeline=PIPELINE, test_mode=True)
    assert (len(train), len(test), len(train.metainfo['classes'])) == (4500, 499, 260)
    assert sum(map(len, labels(train))) / 4500 == pytest.approx(3.4, abs=.1)
    assert len(Corel5k(str(REAL), part='held_out', pipeline=[])) == 500
    assert train[0]['inputs'].shape in ((3, 128, 192), (3, 192, 128))
