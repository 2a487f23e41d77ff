"""Every form of file gives the same matrix, or one line that says what to do."""

import json

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.label_files import read_label_file

NAMES = ['dog', 'hot dog', 'tv']
MATRIX = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1]])
COCO = {'images': [{'id': 7}, {'id': 3}, {'id': 9}],
        'categories': [{'id': 20, 'name': 'tv'}, {'id': 1, 'name': 'dog'}],
        'annotations': [{'image_id': 3, 'category_id': 20}, {'image_id': 3, 'category_id': 1},
                        {'image_id': 3, 'category_id': 1}, {'image_id': 7, 'category_id': 20, 'iscrowd': 1}]}


def write_table(path, separator=','):
    rows = [['id', *NAMES]] + [[f'v{i}', *map(str, row)] for i, row in enumerate(MATRIX)]
    path.write_text('\n'.join(separator.join(row) for row in rows))


def write_all(folder):
    np.save(folder / 'a.npy', MATRIX)
    sp.save_npz(folder / 'b.npz', sp.csr_matrix(MATRIX))
    np.savez(folder / 'c.npz', labels=MATRIX, other=1)
    write_table(folder / 'd.csv')
    write_table(folder / 'e.tsv', '\t')
    (folder / 'f.csv').write_text('video,labels\nx,dog;tv\ny,dog | 1\nz,\nw,"2; 0"\n')
    lists = [[0, 2], ['dog', 'hot dog'], [], ['tv', 'dog', 0]]
    (folder / 'g.json').write_text(json.dumps(lists))
    (folder / 'h.json').write_text(json.dumps({str(i): labels for i, labels in enumerate(lists)}))
    (folder / 'i.json').write_text(json.dumps([{'labels': labels} for labels in lists]))
    (folder / 'j.json').write_text(json.dumps({'metainfo': {'classes': NAMES}, 'data_list': [
        {'img_path': f'{i}.jpg', 'gt_label': labels} for i, labels in enumerate(lists)]}))
    (folder / 'k.txt').write_text('x.mp4 0 2\ny.mp4 0 1\nz.mp4\n\nw.mp4 2 0\n')
    return sorted(path for path in folder.iterdir())


def test_every_file_form_gives_the_same_matrix(tmp_path):
    for path in write_all(tmp_path):
        labels = read_label_file(path, NAMES)
        assert labels.classes == tuple(NAMES) and labels.source == {'file': path.name}
        np.testing.assert_array_equal(labels.matrix.toarray(), MATRIX, err_msg=path.name)


def test_names_within_the_file(tmp_path):
    write_all(tmp_path)
    for name in ('d.csv', 'e.tsv', 'j.json'):
        assert read_label_file(tmp_path / name).classes == tuple(NAMES)
    (tmp_path / 'coco.json').write_text(json.dumps(COCO))
    labels = read_label_file(tmp_path / 'coco.json')
    assert labels.classes == ('dog', 'tv')  # by ascending id
    np.testing.assert_array_equal(labels.matrix.toarray(), [[0, 1], [1, 1], [0, 0]])
    (tmp_path / 'n.json').write_text('[["tv", "dog"], ["cat"]]')
    assert read_label_file(tmp_path / 'n.json').classes == ('cat', 'dog', 'tv')  # alphabetical


@pytest.mark.parametrize(('name', 'content', 'message'), [
    ('a.json', '[[0, 3]]', r'a\.json: sample 0 .* index 3, .*3 classes'),
    ('a.json', '[["dog"], ["cow"]]', r"sample 1 .* 'cow'.* 3 classes"),
    ('a.json', '[[0.5]]', 'labels are names or indices'),
    ('a.json', '[[true]]', 'labels are names or indices'),
    ('a.json', '[]', 'no samples'),
    ('a.json', '3', 'list of samples'),
    ('a.json', '[{"x": 1}]', 'sample 0 .* no label list .*gt_label, label, labels'),
    ('a.json', '[[', 'not a whole .json file'),
    ('a.json', '{"images": [], "annotations": [{"image_id": 1}], "categories": [{"id": 1, "name": "dog"}]}',
     'annotation 0 .*image 1,'),
    ('a.csv', 'a,b\n', 'header .*row'),
    ('a.csv', 'id,dog,tv\nx,1\n', 'row 2 .* 2 cells.* 3'),
    ('a.csv', 'id,dog,tv\nx,1,0.5\n', "row 2, column 'tv' holds '0.5'"),
    ('a.csv', b'\xff\xfe\x00', 'not a readable .csv file'),
    ('a.txt', 'x.mp4 dog\n', "line 1: 'dog' .*index"),
    ('a.npy', b'nothing', 'without pickles'),
    ('a.npz', b'PK', 'without pickles'),
    ('a.pkl', b'', 'cannot tell its format'),
    ('a.csv', b'PK\x03\x04 a workbook', r'a\.csv: .*workbook of Excel.*"CSV UTF-8"'),
    ('a.xlsx', b'PK\x03\x04', 'cannot tell its format.*"CSV UTF-8"'),
    ('a.json', '[["doq"]]', r"'doq'.*; did you mean 'dog'\?"),
    ('a.csv', 'file,labels\na,dog;doq\n', r"row 2: .*'doq'.*; did you mean 'dog'\?"),
])
def test_file_errors(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message):
        read_label_file(tmp_path / name, NAMES)


def test_a_class_list_reorders_and_never_renames(tmp_path):
    (tmp_path / 'coco.json').write_text(json.dumps(COCO))
    write_table(tmp_path / 'd.csv')
    (tmp_path / 'j.json').write_text(json.dumps({'metainfo': {'classes': NAMES}, 'data_list': [{'gt_label': [0, 2]}]}))
    labels = read_label_file(tmp_path / 'coco.json', ['tv', 'cow', 'dog'])
    assert labels.classes == ('tv', 'cow', 'dog')
    np.testing.assert_array_equal(labels.matrix.toarray(), [[1, 0, 0], [1, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(read_label_file(tmp_path / 'd.csv', NAMES[::-1]).matrix.toarray(), MATRIX[:, ::-1])
    np.testing.assert_array_equal(read_label_file(tmp_path / 'j.json', NAMES[1:] + NAMES[:1]).matrix.toarray(),
                                  [[0, 1, 1]])
    with pytest.raises(InputError, match=r"d\.csv: .*class 'dog'.* class list"):
        read_label_file(tmp_path / 'd.csv', ['tv', 'hot dog'])


def test_cells_of_classes_that_are_called_by_numbers(tmp_path):
    (tmp_path / 'a.csv').write_text('id,labels\nx,1;2\ny,3\n')
    np.testing.assert_array_equal(read_label_file(tmp_path / 'a.csv', ['1', '2', '3']).matrix.toarray(),
                                  [[1, 1, 0], [0, 0, 1]])
    with pytest.raises(InputError, match="row 3: '3' .*'3'.* 2 classes"):
        read_label_file(tmp_path / 'a.csv', ['1', '2'])


def test_matrix_errors(tmp_path):
    np.save(tmp_path / 'a.npy', MATRIX)
    with pytest.raises(InputError, match='3 columns, .*2 class names'):
        read_label_file(tmp_path / 'a.npy', ['a', 'b'])
    with pytest.raises(InputError, match='give --classes names.txt'):
        read_label_file(tmp_path / 'a.npy')
    with pytest.raises(InputError, match="'a' comes twice"):
        read_label_file(tmp_path / 'a.npy', ['a', 'a', 'b'])
    (tmp_path / 'b.json').write_text('[[0]]')
    with pytest.raises(InputError, match='indices .*no class names'):
        read_label_file(tmp_path / 'b.json')
    with pytest.raises(MissingFileError, match='no such label file'):
        read_label_file(tmp_path / 'none.npy')


def test_rows_of_zeros_and_ones_are_not_taken_for_indices(tmp_path):
    (tmp_path / 'a.json').write_text('[[0, 1, 1], [1, 0, 0]]')
    with pytest.raises(InputError, match='a.json: sample 0 .* row of 0 and 1'):
        read_label_file(str(tmp_path / 'a.json'), ['a', 'b', 'c'])


@pytest.mark.parametrize('text', [
    '{"metainfo": [], "data_list": []}', '{"metainfo": {"classes": 5}, "data_list": [{"gt_label": [0]}]}',
    '[[1000000000000000000000000]]', '[' * 100000])
def test_odd_json_is_named(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(InputError, match='a.json: '):
        read_label_file(str(tmp_path / 'a.json'), ['a', 'b'] if text.startswith('[') else None)


@pytest.mark.parametrize(('value', 'remedy'), [(7, 'binarise'), (-2, 'replace -2 by 0 or 1'), (.5, 'binarise')])
@pytest.mark.parametrize('convert', [np.asarray, sp.csr_matrix, sp.csc_matrix])
def test_values_other_than_0_and_1_are_named_by_row_and_column(tmp_path, value, remedy, convert):
    matrix = MATRIX.astype(type(value))
    matrix[2, 1] = value
    if convert is np.asarray:
        np.save(tmp_path / 'a.npy', matrix)
    else:
        sp.save_npz(tmp_path / 'a.npz', convert(matrix))
    with pytest.raises(InputError, match=rf'a.np[yz]: row 2, column 1 \(counted from 0\) holds {value}.*{remedy}'):
        read_label_file(next(tmp_path.iterdir()), NAMES)


@pytest.mark.parametrize(('arrays', 'message'), [
    ({'format': b'coo', 'shape': [4, 3], 'data': [1], 'row': [0], 'col': [0]}, "form 'coo'; save it as"),
    ({'format': b'csr', 'shape': [4], 'data': [1], 'indices': [0], 'indptr': [0, 1]}, r'pair of numbers, got \[4\]'),
    ({'format': b'csr', 'shape': [1, 3], 'data': [1], 'indices': [5], 'indptr': [0, 1]}, 'do not fit together'),
    ({'format': b'csc', 'shape': [10 ** 12, 3], 'data': [1], 'indices': [0], 'indptr': [0, 1, 1, 1]}, 'do not fit'),
    ({'format': b'csr', 'shape': [1, 3], 'data': [1, 1], 'indices': [0, 0], 'indptr': [0, 2]}, 'an entry twice'),
    ({'format': [1., 2.], 'shape': [1, 3], 'data': [1]}, 'form None'), ({'labels': ['a', 'b']}, r'shape \(2,\) of <U1'),
    ({'labels': [['a', 'b', 'c']]}, 'of <U1'), ({'labels': np.zeros((0, 3))}, 'no samples'),
    ({'a': [1], 'b': [2]}, "'a, b'")])
def test_odd_archives(tmp_path, arrays, message):
    np.savez(tmp_path / 'a.npz', **{name: np.array(value) for name, value in arrays.items()})
    with pytest.raises(InputError, match=f'a.npz: .*{message}'):
        read_label_file(tmp_path / 'a.npz', NAMES)
