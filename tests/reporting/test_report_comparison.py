"""Two runs are matched by name, compared on the same samples, and refused where they are not comparable."""

import numpy as np
import pytest
from report_data import data_of, made_up, saved

import kss_mm
from kss_mm.errors import InputError
from kss_mm.evaluation.functional import average_precision
from kss_mm.evaluation.score_files import Scores
from kss_mm.reporting.match_runs import match_runs


@pytest.fixture
def compare(tmp_path):
    def make(content, other, **options):
        written = kss_mm.report(saved(content, tmp_path / 'new.npz'), tmp_path / 'page.html',
                                other=saved(other, tmp_path / 'old.npz'), **{'draws': 100, **options})
        return data_of(tmp_path / 'page.html')['comparison'], written.notes
    return make


def shuffled(content: Scores, seed: int = 0) -> Scores:
    """The same in another order of samples and classes."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(content.ids)), rng.permutation(len(content.classes))
    cut = [values[np.ix_(rows, columns)] for values in (content.scores, content.targets, content.logits)]
    classes = [content.classes[column] for column in columns]
    return Scores([content.ids[row] for row in rows], cut[0], cut[1], classes, cut[2])


def test_a_run_against_itself_in_another_order_has_no_difference(compare):
    found, notes = compare(made_up(), shuffled(made_up()))
    assert {figure['difference'] for figure in found['figures']} == {0}
    assert {figure['low'] for figure in found['figures']} == {figure['high'] for figure in found['figures']} == {0}
    assert found['lost'] == found['gained'] == []
    assert any('mapped by name' in note for note in notes)


def test_a_better_run_is_above_and_its_interval_leaves_out_zero(compare):
    better, worse = made_up(samples=300, noise=.7), made_up(samples=300, noise=2.)
    found, _ = compare(better, shuffled(worse))
    first = found['figures'][0]
    wanted = [average_precision(run.logits, run.targets) for run in (better, worse)]
    assert first['difference'] == pytest.approx(wanted[0].mean() - wanted[1].mean(), abs=1e-4)
    assert 0 < first['low'] < first['difference'] < first['high'] and first['above'] == 1
    np.testing.assert_allclose(found['classes']['difference'], wanted[0] - wanted[1], atol=1e-4)
    assert found['gained'][0]['ap'] > found['gained'][0]['other']['ap']


def test_the_paired_interval_is_narrower_than_those_of_the_runs(compare):
    run = made_up(samples=200)
    near = run._replace(logits=run.logits + .2 * np.random.default_rng(5).normal(size=run.logits.shape))
    found, _ = compare(run, near)
    width = found['figures'][0]['high'] - found['figures'][0]['low']
    assert width < .5 * .06 + .05 and abs(found['figures'][0]['difference']) < .03


def test_samples_of_one_run_only_are_left_out_and_named(compare):
    run = made_up()
    part = Scores(run.ids[5:], run.scores[5:], run.targets[5:], run.classes, run.logits[5:])
    found, notes = compare(run, part)
    assert found['samples'] == 55
    assert any("5 samples are only in new.npz and left out of the comparison: 'clip 0', 'clip 1', 'clip 2', ..." in note
               for note in notes)


@pytest.mark.parametrize(('change', 'message'), [
    (lambda run: run._replace(ids=[f'other {name}' for name in run.ids]), 'have no sample in common, such as'),
    (lambda run: run._replace(classes=[*run.classes[:-1], 'zebra']), "which has no 'zebra': compare runs of the same"),
    (lambda run: run._replace(ids=['clip 0', *run.ids[:-1]]), 'have the id of another, such as clip 0, so'),
    (lambda run: run._replace(targets=1 - run.targets), "true label 'class 0' of sample 'clip 0' is 0, in .* 1,"),
])
def test_runs_that_are_not_comparable_are_refused(change, message):
    run = made_up()
    with pytest.raises(InputError, match=message) as caught:
        match_runs(run, 'new.npz', change(run), 'old.npz')
    assert '\n' not in str(caught.value)


def test_classes_without_names_are_taken_in_order_and_told():
    run = made_up()
    _, _, notes = match_runs(run, 'new.npz', run._replace(classes=[str(index) for index in range(6)]), 'old.npz')
    assert 'old.npz names no classes: they are taken to be in the order of new.npz' in notes
