"""``kss-mm init`` from a table to a folder that trains; the same input gives the same bytes, a wrong one names its row.
"""

import csv
import json
import shutil

import numpy as np
import pytest
from mmengine.registry import DATASETS, init_default_scope
from PIL import Image

from kss_mm.apis.config import load_config
from kss_mm.graph import LabelGraph
from kss_mm.graph.label_files import read_label_file

pytest.importorskip('mmpretrain')
CLASSES = ('cat', 'dog, big', 'the "tv"', 'größe')
NETWORK = ('--backbone', 'resnet18')


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Pictures below two folders, and a table of their labels with a column of who took them."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = []
    for number in range(30):
        name = f'{"ab"[number % 2]}/bild {number}, ü.png'
        (tmp_path / 'photos' / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (24, 32, 3), np.uint8)).save(tmp_path / 'photos' / name)
        labels = [label for label in CLASSES if rng.random() < .5] or [CLASSES[0]]
        rows.append((name, '|'.join(labels), f'person {number % 6}'))
    write(tmp_path / 'table.csv', rows)
    return rows


def write(path, rows, header=('photo', 'labels', 'taken by')):
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows([header, *rows])


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_folder_that_trains_and_the_same_bytes_twice(project, tmp_path, printed):
    text = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    first = contents(tmp_path / 'mine')
    assert set(first) == {'classes.txt', 'config.py', 'label_graph.npz', 'train.csv', 'val.csv'}
    assert 'train.py mine/config.py' in text and "mine/run/best_*.pth mine/model" in text
    assert "mine/model_*.pth photos --out mine/predictions.csv" in text
    assert 'the statistical graph stands alone (lam = 1)' in text and '--pretrained' in text

    table, read = read_label_file('table.csv'), {}
    for part in ('train', 'val'):
        labels = read_label_file(f'mine/{part}.csv', table.classes)
        read |= dict(zip(labels.ids, labels.matrix.toarray().tolist()))
    assert read == dict(zip(table.ids, table.matrix.toarray().tolist()))

    graph, train = LabelGraph.load('mine/label_graph.npz'), read_label_file('mine/train.csv', table.classes)
    np.testing.assert_array_equal(graph.num_samples, train.matrix.toarray().sum(axis=0))
    cfg = load_config('mine/config.py')
    init_default_scope(cfg.default_scope)
    assert len(DATASETS.build(cfg.train_dataloader.dataset)) == len(train.ids)
    assert DATASETS.build(cfg.val_dataloader.dataset)[0]['inputs'].shape == (3, 224, 224)

    printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    shutil.move('mine', 'before')
    write(tmp_path / 'table.csv', project[::-1])
    printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    assert contents(tmp_path / 'mine') == contents(tmp_path / 'before') == first


def test_files_that_are_there_are_never_overwritten(project, tmp_path, printed):
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / 'train.csv').write_text('my own')
    line = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    assert line.startswith('error: mine/train.csv: is there already')
    assert contents(tmp_path / 'mine') == {'train.csv': b'my own'}
    assert sorted(path.name for path in tmp_path.iterdir()) == ['mine', 'photos', 'table.csv']


def test_the_table_s_own_parts_are_kept_and_said_once(project, tmp_path, printed):
    parts = ('train',) * 18 + ('val',) * 8 + ('test',) * 4
    write(tmp_path / 'table.csv', [(*row, part) for row, part in zip(project, parts)],
          ('photo', 'labels', 'taken by', 'split'))
    text = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    assert "own split is kept ('train' 18, 'val' 8, 'test' 4)" in text and 'all splits are counted' not in text
    assert len(read_label_file('mine/test.csv', CLASSES).ids) == 4
    assert load_config('mine/config.py').test_dataloader.dataset.ann_file.endswith('/test.csv')


@pytest.mark.parametrize(('option', 'of'), [('taken by', lambda row: row[2]), ('by-folder', lambda row: row[0][0])])
def test_groups_stay_together(project, printed, option, of):
    printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', '--group', option, '--val-share', '.3',
            *NETWORK)
    groups = {row[0]: of(row) for row in project}
    train, val = ({groups[name] for name in read_label_file(f'mine/{part}.csv', CLASSES).ids}
                  for part in ('train', 'val'))
    assert train and val and not train & val


def test_an_export_of_label_studio_with_paths_of_its_own(project, tmp_path, printed):
    (tmp_path / 'export.json').write_text(json.dumps([
        {'data': {'image': f'/data/upload/1/{name}'},
         'annotations': [{'result': [{'type': 'choices', 'value': {'choices': labels.split('|')}}]}]}
        for name, labels, _ in project]))
    text = printed('init.py', 'export.json', '--media', 'photos', '--out', 'mine', *NETWORK)
    assert '30 images, 4 labels' in text
    assert set(read_label_file('mine/train.csv', CLASSES).ids) < {row[0] for row in project}


def test_a_folder_of_voc_with_its_pictures_is_table_and_media(project, tmp_path, printed):
    for number, (name, labels, _) in enumerate(project):
        shutil.copy(tmp_path / 'photos' / name, tmp_path / 'photos' / f'{number}.png')
        objects = ''.join(f'<object><name>{label}</name></object>' for label in labels.split('|') if number)
        (tmp_path / 'photos' / f'{number}.xml').write_text(
            f'<annotation><filename>{number}.png</filename>{objects}</annotation>')
    text = printed('init.py', 'photos/', *NETWORK)
    assert 'photos/ --out photos_kssnet/predictions.csv' in text and '30 images, 4 labels' in text
    assert "1 of 30 samples have no label, such as '0.png' (file 0.xml): every label counts as absent there" in text


def test_unknown_labels_stay_unknown(project, tmp_path, printed):
    rng = np.random.default_rng(0)
    values = rng.choice([0, 1, -1], size=(30, 4))
    write(tmp_path / 'table.csv', [(row[0], *value) for row, value in zip(project, values.tolist())],
          ('photo', *CLASSES))
    printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    parts = [read_label_file(f'mine/{part}.csv', CLASSES).matrix.toarray() for part in ('train', 'val')]
    assert [(np.vstack(parts) == value).sum() for value in (0, 1, -1)] == [(values == v).sum() for v in (0, 1, -1)]


def test_what_cannot_be_used_is_counted_and_named_by_row(project, tmp_path, printed):
    broken = tmp_path / 'photos' / project[4][0]
    broken.write_text('no picture')
    write(tmp_path / 'table.csv', [*project, ('gone.png', 'cat', 'me')])
    text = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    assert "2 of 31 samples have no usable image in photos (1 no image, 1 missing): row 6 'a/bild 4, ü.png': no " \
           "image, row 32 'gone.png': missing; they are left out" in text
    write(tmp_path / 'table.csv', [(f'{"x" * (index < 9)}{row[0]}', *row[1:]) for index, row in enumerate(project)])
    text = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'fewer', '--max-missing', '.3', *NETWORK)
    assert '9 of 30 samples' in text and len(read_label_file('fewer/train.csv', CLASSES).ids) < 21
    write(tmp_path / 'table.csv', [(f'x{row[0]}', *row[1:]) for row in project])
    line = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'other', *NETWORK)
    (tmp_path / 'one.csv').write_text('photo,labels\n' + ''.join(f'"{row[0]}",cat\n' for row in project))
    assert "one.csv: has one label only, 'cat'" in printed('init.py', 'one.csv', '--media', 'photos', *NETWORK)
    assert line.startswith("error: table.csv: 30 of 30 samples have no usable image in photos (30 missing): row 2")


@pytest.mark.parametrize(('options', 'message'), [
    (('--media', 'nowhere'), 'nowhere: no such folder'),
    (('--media', 'photos', '--group', 'film'), "--group 'film': no such column"),
    (('--media', 'photos', '--kind', 'video'), '30 of 30 samples have no usable video'),
    (('--media', 'photos', '--backbone', 'i3d'), 'images take lite0'),
    (('--media', 'photos', '--pretrained', 'none.pth'), 'none.pth: no such'),
    (('--media', 'photos', '--val-share', '2'), 'val_share must be'),
    (('--media', 'photos', '--epochs', '0'), '--epochs must be'),
    (('--media', 'photos', '--out', 'table.csv'), '--out table.csv: is a file'),
    (('--media', 'photos', '--label-column', 'no'), "--label-column 'no'")])
def test_errors_are_one_line(project, tmp_path, printed, options, message):
    given = [*options, *(() if {'--backbone', '--kind'} & set(options) else NETWORK)]
    line = printed('init.py', 'table.csv', *given)
    assert line.startswith('error: ') and message in line and '\n' not in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ['photos', 'table.csv']


def test_a_graph_that_saw_validation_samples_is_refused(project, tmp_path, printed):
    np.save('words.npy', np.eye(4))
    printed('build_label_graph.py', '--labels', 'table.csv', '--words', 'words.npy', '-o', 'all.npz')
    line = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', '--graph', 'all.npz', *NETWORK)
    assert line.startswith('error: all.npz: was counted on all samples of the table')
    printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', *NETWORK)
    text = printed('init.py', 'table.csv', '--media', 'photos', '--out', 'mine', '--graph', 'mine/label_graph.npz',
                   *NETWORK)
    assert 'mine/label_graph.npz, counted on the training samples' in text
