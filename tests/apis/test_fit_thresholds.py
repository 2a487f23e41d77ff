import numpy as np
import pytest
import torch

from kss_mm.apis.fit_thresholds import store_fitted_thresholds
from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER
from kss_mm.errors import InputError
from kss_mm.evaluation.score_files import Scores, save_scores

NAMES = ['run', 'sit', 'eat']
KEY = 'cls_head.classifier.'


@pytest.fixture
def files(tmp_path):
    """Writes a checkpoint and a score file; returns what fits thresholds with them, and what it wrote."""
    def make(classes=NAMES, names=NAMES, key=f'{KEY}{BUFFER}', number=3, logits=True, **entries):
        rng = np.random.default_rng(0)
        targets = rng.random((40, len(classes))) < [.2, .5, .8][:len(classes)]
        ranks = (rng.normal(size=targets.shape) + 2 * targets + np.arange(len(classes)) * 50).astype(np.float32)
        scores = torch.from_numpy(ranks).sigmoid().numpy()
        save_scores(tmp_path / 's.npz', Scores([f'v{i}' for i in range(40)], scores, targets, classes,
                                               ranks if logits else None))
        meta = {} if names is None else dict(dataset_meta=dict(classes=names))
        state = {key: torch.full((number,), .5 if key.endswith(FORMER) else 0.)}
        torch.save(dict(state_dict=state, meta=meta, **entries), tmp_path / 'a.pth')
        fitted = store_fitted_thresholds(str(tmp_path / 'a.pth'), str(tmp_path / 's.npz'), str(tmp_path / 'b.pth'))
        return fitted, torch.load(tmp_path / 'b.pth', weights_only=True)
    return make


def test_thresholds_may_lie_between_probabilities_of_one(files):
    fitted, written = files()
    assert fitted.after > fitted.before and fitted.notes == []
    (logits,) = written['state_dict'].values()
    assert 40 < logits[1] < 60 and 90 < logits[2] < 110  # where the classes' own scores lie
    np.testing.assert_allclose(fitted.thresholds, logits.sigmoid())


def test_scores_of_before_are_probabilities(files):
    fitted, written = files(logits=False)
    (logits,) = written['state_dict'].values()
    assert 0 < logits[0] < 3 and (logits[1:] < 20).all()  # all that float32 probabilities tell
    assert fitted.before <= fitted.after


def test_checkpoints_of_before_get_the_form_of_now(files):
    _, written = files(key=f'{KEY}{FORMER}', ema_state_dict={f'module.{KEY}{FORMER}': torch.full((3,), .5), 'steps': 1})
    (new,) = written['state_dict']
    averaged = written['ema_state_dict']
    assert new == f'{KEY}{BUFFER}' and averaged.keys() == {f'module.{KEY}{BUFFER}', 'steps'}
    assert torch.equal(averaged[f'module.{new}'], written['state_dict'][new])  # a resumed run exchanges the two


def test_classes_in_another_order_are_mapped_by_name(files):
    _, straight = files()
    fitted, mapped = files(names=[NAMES[2], NAMES[0], NAMES[1]])
    order = [2, 0, 1]
    assert torch.equal(mapped['state_dict'][f'{KEY}{BUFFER}'], straight['state_dict'][f'{KEY}{BUFFER}'][order])
    assert 'mapped by name' in fitted.notes[0]


@pytest.mark.parametrize(('classes', 'names'), [(['0', '1', '2'], NAMES), (NAMES, None), (['0', '1', '2'], None)])
def test_list_files_without_names_are_taken_in_order_and_told(files, classes, names):
    fitted, _ = files(classes=classes, names=names)
    assert 'names no classes' in fitted.notes[0] and 'order' in fitted.notes[0]


@pytest.mark.parametrize(('options', 'message'), [
    (dict(names=['run', 'sit', 'drink']), "a.pth, which has no 'eat'"), (dict(names=NAMES[:2]), 'a.pth: has 2 .*for 3'),
    (dict(names=None, number=5), 's.npz: has 3 classes, the head of .*a.pth has 5'),
    (dict(number=2), 'a.pth: has 3 .*for 2'),
    (dict(key='fc_cls.weight'), 'a.pth: has no thresholds'),
    (dict(names=None, classes=['0', '1'], number=3), 's.npz: has 2 classes, the head of .*a.pth has 3')])
def test_other_classes_are_refused_and_nothing_is_written(files, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        files(**options)
    assert not (tmp_path / 'b.pth').exists()
