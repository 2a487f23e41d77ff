"""The report as a command: options reach the report, and mistakes end in one line."""

import numpy as np
import pytest

from kss_mm.evaluation.score_files import Scores, save_scores


@pytest.fixture
def scores(tmp_path):
    rng = np.random.default_rng(0)
    targets = (rng.random((30, 3)) < .4).astype(int)
    path = tmp_path / 'scores.npz'
    save_scores(path, Scores([f'v{row}' for row in range(30)], rng.random((30, 3)), targets, ['a', 'b', 'c']))
    return path


def test_a_page_is_written_and_its_size_told(printed, scores, tmp_path):
    out = tmp_path / 'made/page.html'
    told = printed('report.py', scores, scores, '-o', out, '--draws', 10, '--thresholds', '.25', '--samples', 2)
    assert told == f'Written: {out} ({out.stat().st_size / 1e6:.1f} MB)\n'
    assert '0.25 for every class' in out.read_text(encoding='utf-8')


@pytest.mark.parametrize(('options', 'message'), [
    (['--thresholds', 'no.csv'], 'error: no.csv: no such table of thresholds; give a number'),
    (['--draws', '-3'], 'error: draws must be a whole number >= 0, got -3'),
    (['--media', 'nowhere'], 'error: nowhere: no such folder of videos or images'),
    (['other.npz'], 'error: other.npz: no such file of scores; tools/test.py --dump FILE.npz writes one'),
])
def test_mistakes_end_in_one_line_and_write_nothing(printed, scores, tmp_path, options, message):
    told = printed('report.py', scores, *options, '-o', tmp_path / 'page.html')
    assert told.startswith(message) and '\n' not in told
    assert not (tmp_path / 'page.html').exists()


def test_a_page_never_replaces_what_it_is_made_from(printed, scores, tmp_path):
    before = scores.read_bytes()
    (tmp_path / 'link.npz').symlink_to(scores)
    for out in (scores, tmp_path / 'link.npz'):
        told = printed('report.py', scores, '-o', out)
        assert told == f'error: {out}: is a file that is read, and stays; give another name'
    table = tmp_path / 'thresholds.csv'
    table.write_text('class,threshold\na,.5\nb,.5\nc,.5\n')
    told = printed('report.py', scores, '--thresholds', table, '-o', table)
    assert told == f'error: {table}: is a file that is read, and stays; give another name'
    assert scores.read_bytes() == before
