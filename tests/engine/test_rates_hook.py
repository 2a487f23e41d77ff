"""What arrives in TensorBoard's files, read back by its own reader."""

import dots_run
import pytest
from dots_run import CLASSES

from kss_mm.engine.class_precisions_hook import curve_names
from kss_mm.engine.rates_hook import common_name

event_accumulator = pytest.importorskip('tensorboard.backend.event_processing.event_accumulator',
                                        reason='needs tensorboard: pip install tensorboard')


@pytest.fixture(scope='module')
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp('run')
    dots_run.run(folder, tensorboard=True, show_predictions=2)
    (file,) = folder.glob('*/vis_data/events*')
    reader = event_accumulator.EventAccumulator(str(file))
    reader.Reload()
    return reader


def points(events, name: str) -> list[tuple[int, float]]:
    return [(point.step, pytest.approx(point.value)) for point in events.Scalars(name)]


def test_rates_of_every_part(events):
    assert points(events, 'lr/body') == [(3, .5), (6, .25), (9, .25)]
    assert points(events, 'lr/head') == [(3, .05), (6, .025), (9, .025)]
    assert [name for name in events.Tags()['scalars'] if name.startswith('lr/')] == ['lr/body', 'lr/head']


def test_figures_and_the_precision_of_every_class(events):
    scalars = events.Tags()['scalars']
    assert {'loss', 'lr', 'multi-label/mAP'} <= set(scalars)
    classes = [name for name in scalars if name.startswith('multi-label_AP/')]
    assert classes == [f'multi-label_AP/{name}' for name in curve_names(CLASSES)]
    mean = events.Scalars('multi-label/mAP')
    for number in range(3):
        values = [events.Scalars(name)[number] for name in classes]
        assert sum(point.value for point in values) / 4 == pytest.approx(mean[number].value)
        assert {point.step for point in values} == {mean[number].step} == {number + 1}


def test_pictures(events):
    names = events.Tags()['images']
    assert names == ['predictions/000000_dot0', 'predictions/000007_dot7']
    assert [image.step for image in events.Images(names[0])] == [1, 2, 3]


def test_log_files_stay_as_they_are(tmp_path):
    """The lines of scalars.json, which others read."""
    import json

    def keys(folder, **options):
        dots_run.run(folder, **options)
        return [sorted(json.loads(line)) for line in next(folder.glob('*/vis_data/scalars.json')).open()]

    assert keys(tmp_path / 'a', tensorboard=True) == keys(tmp_path / 'b')


def test_names():
    assert curve_names(['a b', 'a_b', 'a_b', '//', 'a\nb']) == ['a_b', 'a_b_2', 'a_b_3', 'class', 'a_b_4']
    assert common_name(['module.neck.a', 'module.neck.b']) == 'neck'
