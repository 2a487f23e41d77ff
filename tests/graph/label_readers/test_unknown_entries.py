"""Files in which -1 says that a label is unknown."""

import numpy as np
import pytest
from scipy import sparse as sp

from kss_mm.apis.build_graph import build_label_graph
from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file

NAMES = ['dog', 'cat', 'tv']
MATRIX = np.array([[1, -1, 1], [0, 1, 0], [1, 1, -1]])


def write(folder, form, matrix=MATRIX):
    path = folder / f'a.{form}'
    if form == 'npy':
        np.save(path, matrix)
    elif form == 'npz':
        sp.save_npz(path, sp.csr_matrix(matrix.astype(float)))
    else:
        rows = [f'{number}.jpg,' + ','.join(map(str, row)) for number, row in enumerate(matrix)]
        path.write_text('\n'.join([f'file,{",".join(NAMES)}', *rows]) + '\n')
    return path


@pytest.mark.parametrize('form', ['npy', 'npz', 'csv'])
def test_they_come_through_and_are_counted(tmp_path, form):
    found = read_label_file(write(tmp_path, form), NAMES)
    np.testing.assert_array_equal(found.matrix.toarray(), MATRIX)
    assert any('2 of 9 labels (22.2%) are -1: unknown' in note for note in found.notes)
    mapped = read_label_file(tmp_path / f'a.{form}', NAMES[::-1]) if form == 'csv' else None
    assert mapped is None or np.array_equal(mapped.matrix.toarray(), MATRIX[:, ::-1])


@pytest.mark.parametrize('form', ['npy', 'npz', 'csv'])
def test_where_nothing_is_0_it_may_mean_absent(tmp_path, form):
    with pytest.raises(InputError, match=r"column 'cat' holds '-1', and nothing in the file is 0.*write 0"):
        read_label_file(write(tmp_path, form, np.array([[1, -1, 1], [-1, 1, 1]])), NAMES)


def test_repeated_rows_are_one_sample_if_they_say_the_same(tmp_path):
    path = write(tmp_path, 'csv')
    path.write_text(path.read_text() + '0.jpg,1,-1,1\n')
    np.testing.assert_array_equal(read_label_file(path).matrix.toarray(), MATRIX)
    path.write_text(path.read_text() + '1.jpg,-1,1,0\n')
    with pytest.raises(InputError, match=r'1\.jpg.*other labels'):
        read_label_file(path)


def test_the_graph_of_a_file_counts_known_samples(tmp_path):
    graph = build_label_graph(labels=write(tmp_path, 'csv'))
    np.testing.assert_allclose(graph.priors, [2 / 3, 1, 1 / 2])
    np.testing.assert_allclose(graph.statistical(form='conditional'), [[1, 1, 1], [1 / 2, 1, 0], [1, 0, 1]])
    assert '2 of 9 labels (-1)' in graph.report()


def test_scores_in_json_are_not_taken_for_negatives(tmp_path):
    (tmp_path / 'a.json').write_text('[{"img_path": "a.jpg", "gt_label": [0], "gt_score": [1, 0, -1]}]')
    np.testing.assert_array_equal(read_label_file(tmp_path / 'a.json', NAMES).matrix.toarray(), [[1, 0, -1]])
    for scores in ('[1, 0, 0.5]', '[1, true, 0]', '[0, 0, 0, -1]'):
        (tmp_path / 'a.json').write_text(f'[{{"img_path": "a.jpg", "gt_label": [0], "gt_score": {scores}}}]')
        with pytest.raises(InputError, match="sample 0 .*(gt_score|label index 3)"):
            read_label_file(tmp_path / 'a.json', NAMES)
