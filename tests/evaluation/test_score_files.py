import csv

import numpy as np
import pytest
from conftest import run_tool
from fuzzing import attack

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


@pytest.mark.parametrize(('name', 'value', 'message'), [
    ('scores', np.array([[.5], [np.nan]]), 'scores of sample .b., label 0 is nan'), ('scores', np.float32(1), 'shape'),
    ('scores', np.array([['a'], ['b']]), 'must be numbers'), ('scores', np.full((2, 1), np.inf), 'is inf'),
    ('logits', np.full((2, 1), np.nan), 'logits of sample'), ('logits', np.ones((2, 2)), 'logits of shape'),
    ('targets', np.full((2, 1), 7), 'targets of sample .* is 7'), ('targets', np.full((2, 1), .5), 'must be 0 or 1'),
    ('targets', np.full((2, 1), 1j), 'must be numbers'), ('ids', np.int64(3), 'ids must be a list of names'),
    ('ids', np.arange(2), 'ids must be a list of names'), ('classes', np.int64(3), 'classes must be a list'),
    ('classes', np.array([['c']]), 'classes must be a list'), ('classes', np.array(['c', 'd']), 'do not fit')])
def test_what_no_evaluation_gives_is_refused_with_the_files_name(tmp_path, name, value, message):
    arrays = dict(ids=np.array(['a', 'b']), scores=np.ones((2, 1)), targets=np.ones((2, 1)), classes=np.array(['c']))
    np.savez(tmp_path / 's.npz', **{**arrays, name: value})
    with pytest.raises(InputError, match=message) as error:
        load_scores(tmp_path / 's.npz')
    assert str(tmp_path / 's.npz') in str(error.value)


def test_a_file_without_samples_is_refused(tmp_path):
    np.savez(tmp_path / 's.npz', ids=np.array([], 'U1'), scores=np.ones((0, 1)), targets=np.ones((0, 1)), classes=['c'])
    with pytest.raises(InputError, match='0 ids'):
        load_scores(tmp_path / 's.npz')


@pytest.mark.fuzz
def test_mutated_files_are_read_or_refused_in_one_line(content, tmp_path):
    path = tmp_path / 'scores.npz'
    save_scores(path, content._replace(logits=np.log(content.scores) - np.log1p(-content.scores)))
    attack(load_scores, path, path.read_bytes())


def test_logits_come_back_and_files_without_them_still_read(content, tmp_path):
    logits = (content.scores * 1e4).astype(np.float32)
    save_scores(tmp_path / 'new.npz', content._replace(logits=logits))
    save_scores(tmp_path / 'old.npz', content)
    new, old = load_scores(tmp_path / 'new.npz'), load_scores(tmp_path / 'old.npz')
    np.testing.assert_array_equal(new.logits, logits)
    assert new.ranking is new.logits and new.are_logits
    assert old.logits is None and old.ranking is old.scores and not old.are_logits


def test_a_submission_has_one_word_for_a_video(content, tmp_path):
    with pytest.raises(InputError, match='my video.mp4'):
        write_submission(tmp_path / 's.txt', content._replace(ids=['my video.mp4', *content.ids[1:]]))
    assert not (tmp_path / 's.txt').exists()


@pytest.mark.slow
def test_samples_of_one_name_are_told(content, tmp_path):
    save_scores(tmp_path / 'scores.npz', content._replace(ids=['V0', *content.ids[:-1]]))
    printed = run_tool('evaluate_scores.py', tmp_path / 'scores.npz').stdout
    assert '1 of 20 samples have the id of another, such as V0' in printed


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
    note = 'The scores are not probabilities, so they are taken for logits: a label is predicted from 0 on.\n'
    assert as_logits.count(note) == 1 and as_logits.replace(note, '') == as_probabilities


def test_evaluate_scores_prints_the_classes_on_request(tmp_path, content):
    save_scores(tmp_path / 'scores.npz', content)
    lines = run_tool('evaluate_scores.py', tmp_path / 'scores.npz', '--per-class').stdout.splitlines()
    start = lines.index('    AP  positives  class')
    assert sorted(line.split('  ')[-1] for line in lines[start + 1:]) == sorted(content.classes)
