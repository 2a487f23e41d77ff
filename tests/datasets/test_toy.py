import hashlib

import numpy as np
import pytest

from kss_mm.datasets.charades_files import read_class_parts, read_classes, read_videos
from kss_mm.datasets.toy.files import sample_scripts
from kss_mm.datasets.toy.render import FPS, SIZE, frames
from kss_mm.datasets.toy.scripts import LABELS, SCENE_LABELS
from kss_mm.evaluation import charades_map


def many_hot(scripts) -> np.ndarray:
    labels = np.zeros((len(scripts), len(LABELS)))
    for row, script in zip(labels, scripts):
        row[script.labels] = 1
    return labels


@pytest.fixture(scope='module')
def scripts():
    return sample_scripts(600, 0, 'train')


def test_the_numbers_of_labels(scripts):
    assert 30 <= len(LABELS) <= 50 and len({label.name for label in LABELS}) == len(LABELS)
    counts = many_hot(scripts).sum(1)
    assert counts.min() >= 2 and counts.max() <= 6


def test_labels_are_long_tailed_and_all_seen(scripts):
    samples = np.sort(many_hot(scripts).sum(0))
    assert samples[0] >= 3 and samples[-4:].mean() > 5 * samples[:4].mean()


def test_labels_of_a_scene_come_together(scripts):
    labels = many_hot(scripts)
    together = labels.T @ labels / labels.sum(0)[:, None]
    by_chance = labels.mean(0)
    kitchen = [LABELS.index(label) for label in SCENE_LABELS['kitchen']]
    lift = together[np.ix_(kitchen, kitchen)] / by_chance[kitchen]
    assert np.median(lift[~np.eye(len(kitchen), dtype=bool)]) > 1.5


def test_guessing_from_the_prior_fails(scripts):
    labels = many_hot(sample_scripts(200, 0, 'test'))
    assert charades_map(np.tile(many_hot(scripts).mean(0), (200, 1)), labels)[0] < .15


def test_actions_overlap_in_part_and_never_share_a_place_meanwhile(scripts):
    overlaps = 0
    for script in scripts:
        for i, a in enumerate(script.events):
            assert 0 <= a.start < a.end <= script.seconds + .01
            for b in script.events[i + 1:]:
                if a.start < b.end and b.start < a.end:
                    overlaps += 1
                    assert a.place != b.place
    assert overlaps > len(scripts)


def test_splits_share_no_video():
    train, test = sample_scripts(300, 0, 'train'), sample_scripts(300, 0, 'test')
    assert not {s.id for s in train} & {s.id for s in test}
    assert not {s.seed for s in train} & {s.seed for s in test}


def test_frames_are_drawn_by_the_seed(scripts):
    script = scripts[0]
    video = frames(script)
    assert video.shape == (int(script.seconds * FPS), SIZE, SIZE, 3) and video.dtype == np.uint8
    np.testing.assert_array_equal(video, frames(script))
    assert video.std() > 10


def test_files_are_charades_and_byte_stable(toy_charades, tmp_path):
    from conftest import run_tool

    folder = toy_charades / 'Charades'
    classes = read_classes(folder / 'Charades_v1_classes.txt')
    videos = read_videos(folder / 'Charades_v1_train.csv', len(classes))
    parts = read_class_parts(*(folder / f'Charades_v1_{name}.txt' for name in
                               ('mapping', 'objectclasses', 'verbclasses')))
    assert len(videos) == 12 and classes == [label.name for label in LABELS]
    assert parts == [(label.thing, label.verb) for label in LABELS]
    run_tool('make_toy_charades.py', '--out', tmp_path, '--train', 12, '--test', 7)
    for path in sorted([*folder.iterdir(), toy_charades / 'conceptnet.csv', toy_charades / 'words.txt']):
        twin = tmp_path / path.relative_to(toy_charades)
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(twin.read_bytes()).digest(), path.name


def test_videos_decode_by_decord(toy_charades):
    import decord

    script = sample_scripts(12, 0, 'train')[3]
    reader = decord.VideoReader(str(toy_charades / 'Charades_v1_480' / f'{script.id}.mp4'))
    drawn = frames(script)
    assert len(reader) == len(drawn)
    decoded = reader[len(drawn) // 2].asnumpy()[..., ::-1].astype(float)
    assert np.abs(decoded - drawn[len(drawn) // 2]).mean() < 12  # lossy compression of noise


@pytest.mark.parametrize('option', ['--train', '--test', '--workers'])
def test_impossible_counts_are_named(option, tmp_path):
    from conftest import run_tool

    result = run_tool('make_toy_charades.py', '--out', tmp_path, option, 0, check=False)
    assert result.returncode == 2 and option in result.stderr and 'got 0' in result.stderr
