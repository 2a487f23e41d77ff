import csv

import numpy as np
import pytest
from conftest import run_tool

from kss_mm.errors import InputError, MissingFileError
from kss_mm.evaluation import charades_map
from kss_mm.evaluation.score_files import Scores, load_scores, save_scores, write_class_csv, write_submission


@pytest.fixture
def content() -> Scores:
    rng = np.random.default_rng(0)
    targets = (rng.random((20, 3)) < .4).astype(np.float32)
    targets[:, 2] = 0
    return Scores([f'V{i}' for i in range(20)], rng.random((20, 3)).astype(np.float32), targets, ['a', 'b, c', 'd'])


def test_scores_come_back(content, tmp_path):
    save_scores(tmp_path / 'new' / 'scores.npz', content)
    back = load_scores(tmp_path / 'new' / 'scores.npz')
    assert back.ids == content.ids and back.classes == content.classes
    np.testing.assert_array_equal(back.scores, content.scores)
    np.testing.assert_array_equal(back.targets, content.targets)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(MissingFileError, match='nowhere.npz'):
        load_scores(tmp_path / 'nowhere.npz')
    np.savez(tmp_path / 'other.npz', a=np.ones(3))
    (tmp_path / 'text.npz').write_text('no archive')
    np.savez(tmp_path / 'pickle.npz', ids=np.array([dict()], dtype=object))
    for name in ('other', 'text', 'pickle'):
        with pytest.raises(InputError, match=f'{name}.npz: no file of scores'):
            load_scores(tmp_path / f'{name}.npz')
    np.savez(tmp_path / 'sizes.npz', ids=['a'], scores=np.ones((2, 1)), targets=np.ones((2, 1)), classes=['c'])
    with pytest.raises(InputError, match='do not fit'):
        load_scores(tmp_path / 'sizes.npz')


def test_class_csv_and_submission(content, tmp_path):
    write_class_csv(tmp_path / 'ap.csv', content)
    rows = list(csv.DictReader(open(tmp_path / 'ap.csv', newline='')))
    assert [row['class'] for row in rows] == content.classes
    assert rows[2]['AP'] == '' and rows[2]['positives'] == '0'
    assert 0 < float(rows[0]['AP']) <= 1
    write_submission(tmp_path / 'submission.txt', content)
    lines = (tmp_path / 'submission.txt').read_text().splitlines()
    assert len(lines) == 20 and lines[3].split()[0] == 'V3'
    np.testing.assert_allclose([float(x) for x in lines[3].split()[1:]], content.scores[3], rtol=1e-5)


def test_the_tool_prints_every_protocol(content, tmp_path):
    save_scores(tmp_path / 'scores.npz', content)
    result = run_tool('evaluate_scores.py', tmp_path / 'scores.npz', '--class-csv', tmp_path / 'ap.csv')
    assert f'mAP {charades_map(content.scores, content.targets)[0]:.4f}' in result.stdout
    assert '1 without positives' in result.stdout and (tmp_path / 'ap.csv').exists()
    for name in ('CF1', 'OF1', 'sample-wise'):
        assert name in result.stdout


def test_logits_are_taken_for_logits(content, tmp_path):
    """As average_clips='score' gives them: a missing video stays at minus infinity."""
    logits = np.log(content.scores) - np.log1p(-content.scores)
    for name, scores in (('probabilities', content.scores), ('logits', logits)):
        scores = scores.copy()
        scores[0] = -np.inf
        save_scores(tmp_path / f'{name}.npz', content._replace(scores=scores))
    as_probabilities, as_logits = (run_tool('evaluate_scores.py', tmp_path / f'{name}.npz').stdout
                                   for name in ('probabilities', 'logits'))
    note = 'The scores are no probabilities, so they are taken for logits: a label is predicted from 0 on.\n'
    assert as_logits.count(note) == 1 and as_logits.replace(note, '') == as_probabilities
