"""The table of the classes' AP: its order, what names it takes, and that metrics and tools give it."""

import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger

from kss_mm.evaluation import CharadesMetric, KSSMultiLabelMetric
from kss_mm.evaluation.class_table import class_table


def test_highest_first_and_classes_without_positives_last():
    lines = list(class_table(['a', 'b', 'c', 'd'], [np.nan, .2, .9, .2], [0, 3, 1, 5]))
    assert lines == ['    AP  positives  class', '0.9000          1  c', '0.2000          3  b', '0.2000          5  d',
                     '     -          0  a']


@pytest.mark.parametrize(('name', 'printed'), [
    ('Tür | öffnen', 'Tür | öffnen'), ('two\nlines', 'two lines'), ('\x1b[31mred', '\\x1b[31mred'),
    ('扉を開く', '扉を開く'), ('x' * 200, 'x' * 77 + '...')])
def test_any_name_stays_in_its_line(name, printed):
    assert list(class_table([name], [1.], [1]))[1:] == [f'1.0000          1  {printed}']


@pytest.mark.parametrize('kind', [CharadesMetric, KSSMultiLabelMetric])
@pytest.mark.parametrize('asked', [True, False])
def test_metrics_log_it_where_it_is_asked_for(kind, asked, monkeypatch):
    lines = []
    logger = MMLogger.get_instance('class_table')
    monkeypatch.setattr(logger, 'info', lines.append)
    monkeypatch.setattr(MMLogger, 'get_current_instance', lambda: logger)
    metric = kind(per_class=asked)
    metric.dataset_meta = dict(classes=('dog', 'cat'))
    scores, targets = [[.9, .1], [.8, .7], [.2, .9]], [[0., 1.], [1., 0.], [0., 0.]]
    metric.process({}, [dict(pred_score=torch.tensor(s), gt_label=torch.tensor(t)) for s, t in zip(scores, targets)])
    figures = metric.evaluate(3)
    tables = [line for line in lines if 'positives  class' in line]
    assert len(tables) == asked
    if asked:
        values = [row.split() for row in tables[0].splitlines()[2:]]
        assert [row[-1] for row in values] == ['dog', 'cat'] and {row[1] for row in values} == {'1'}
        mean = sum(float(row[0]) for row in values) / 2
        assert mean == pytest.approx(figures[f'{kind.default_prefix}/mAP'], abs=1e-4)
