import logging

import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger

from kss_mm.errors import InputError
from kss_mm.evaluation import CharadesMetric, KSSMultiLabelMetric
from kss_mm.evaluation.score_files import load_scores

K = 3


@pytest.fixture
def log(caplog):
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    caplog.set_level(logging.INFO)
    yield caplog
    logger.removeHandler(caplog.handler)


def dumped(metric, tmp_path, samples: list[dict], meta: dict | None = None):
    made = metric(dump=str(tmp_path / 'scores.npz'), class_csv=str(tmp_path / 'ap.csv'))
    made.dataset_meta = meta
    made.process({}, [dict(pred_score=torch.rand(K), gt_label=torch.tensor([1., 0., 1.]), **sample)
                      for sample in samples])
    made.evaluate(len(samples))
    return load_scores(tmp_path / 'scores.npz')


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_files_and_classes_have_their_names(metric, tmp_path):
    content = dumped(metric, tmp_path, [dict(sample_id='cats/a.mp4', filename='/x/cats/a.mp4'), dict(video_id='V7')],
                     dict(classes=('run', 'sit', 'eat')))
    assert content.ids == ['cats/a.mp4', 'V7'] and content.classes == ['run', 'sit', 'eat']
    assert [row.split(',')[1] for row in (tmp_path / 'ap.csv').read_text().splitlines()[1:]] == ['run', 'sit', 'eat']


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_what_has_no_name_is_numbered_and_told(metric, tmp_path, log):
    content = dumped(metric, tmp_path, [{}, dict(img_path='a.jpg'), {}])
    assert content.ids == ['0', 'a.jpg', '2'] and content.classes == ['0', '1', '2']
    told = ' '.join(record.getMessage() for record in log.records)
    assert '2 of 3 samples have no name' in told and 'no class names' in told and '0..2' in told


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_samples_of_one_name_all_count_and_are_told(metric, tmp_path, log):
    content = dumped(metric, tmp_path, [dict(sample_id='a')] * 2 + [dict(sample_id='b')])
    assert content.ids == ['a', 'a', 'b'] and np.shape(content.scores) == (3, K)
    assert '1 of 3 samples have the id of another, such as a' in ' '.join(r.getMessage() for r in log.records)


@pytest.mark.parametrize('metric', [CharadesMetric, KSSMultiLabelMetric])
def test_another_number_of_class_names_is_refused(metric, tmp_path):
    with pytest.raises(InputError, match='2 classes.*3 scores'):
        dumped(metric, tmp_path, [{}], dict(classes=['a', 'b']))
