"""The whole way: long toy videos, their timelines figures, plots and a submission."""

import cv2
import numpy as np
import pytest

from kss_mm.apis.toy_charades import make_toy_charades
from kss_mm.cli.evaluate_timelines_command import run_command
from kss_mm.datasets.charades_files import read_classes
from kss_mm.errors import InputError, MissingFileError
from kss_mm.timeline.files import write_timeline
from kss_mm.timeline.timeline import Timeline


@pytest.fixture
def planted(tmp_path):
    """Timelines that know what happens in long toy videos, but for some noise."""
    make_toy_charades(tmp_path, train=1, test=1, long=2, long_clips=3, workers=2)
    classes = read_classes(tmp_path / 'Charades' / 'Charades_v1_classes.txt')
    rng = np.random.default_rng(0)
    rows = [line.split(',') for line in (tmp_path / 'long.csv').read_text().splitlines()[1:]]
    for name in ('L0000.mp4', 'L0001.mp4'):
        starts = np.arange(0, 18, .25)
        scores = rng.uniform(0, .45, (len(starts), len(classes)))
        for file, label, start, end in rows:
            inside = (starts + .125 >= float(start)) & (starts + .125 <= float(end))
            scores[inside, classes.index(label)] += .5 * (file == name)
        write_timeline(Timeline(f'videos/{name}', classes, starts, starts + .25, scores.astype(np.float32),
                                np.full(len(classes), .5, np.float32), 18.), tmp_path / 'found' / f'{name}.json')
    return tmp_path


def test_planted_intervals_are_found_far_above_the_prior(planted, capsys):
    run_command(planted / 'found', planted / 'long.csv', plots=planted / 'plots', submission=planted / 'sub.txt')
    lines = capsys.readouterr().out.splitlines()
    figures = {line[:30].strip(): [float(cell) for cell in line[30:].split()] for line in lines
               if line.startswith(('per', 'interval'))}
    assert figures['per-frame mAP (Charades)'][0] > .9 > .2 > figures['per-frame mAP (Charades)'][1]
    assert figures['interval mAP, tIoU 0.5'][0] > .8 > .3 > figures['interval mAP, tIoU 0.5'][1]
    assert sorted(path.name for path in (planted / 'plots').iterdir()) == ['L0000.png', 'L0001.png']
    assert len((planted / 'sub.txt').read_text().splitlines()) == 50


def test_part_of_the_videos(planted, capsys):
    single = planted / 'found' / 'L0000.mp4.json'
    run_command(single, planted / 'long.csv')
    assert '2 videos' in (text := capsys.readouterr().out) and '1 videos have no timeline' in text
    run_command(single, planted / 'long.csv', partial=True, threshold=.99)
    assert capsys.readouterr().out.startswith('1 videos')


def test_what_does_not_fit(planted):
    (planted / 'none').mkdir()
    (planted / 'other.csv').write_text('file,label,start,end\nx.mp4,Opening a box,0,1\n')
    for arguments, error, message in (
            ((planted / 'none', planted / 'long.csv'), MissingFileError, 'has no timelines in it'),
            ((planted / 'found', planted / 'other.csv'), InputError, 'none of its videos has a timeline'),
            ((planted / 'found', planted / 'Charades' / 'Charades_v1_test.csv'), InputError, '--classes')):
        with pytest.raises(error, match=message):
            run_command(*arguments)


def test_the_long_videos_are_their_parts_joined(planted):
    capture = cv2.VideoCapture(str(planted / 'long' / 'L0000.mp4'))
    ends = [float(line.split(',')[3]) for line in (planted / 'long.csv').read_text().splitlines() if 'L0000' in line]
    assert 12 <= capture.get(cv2.CAP_PROP_FRAME_COUNT) / 12 <= 18 and max(ends) > 8


def test_a_submission_never_replaces_the_truth(tmp_path):
    truth = tmp_path / 'truth.csv'
    truth.write_text('file,label,start,end\na.mp4,cat,0,1\n')
    with pytest.raises(InputError, match='truth.csv: is a file that is read, and stays'):
        run_command(tmp_path, truth, submission=truth)
    assert truth.read_text().startswith('file,')
