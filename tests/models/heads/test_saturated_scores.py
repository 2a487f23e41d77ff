"""Predictions whose probabilities all round to 1 keep their order: head, metric, score file, thresholds, submission."""

import contextlib

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score

from kss_mm.checkpoints.threshold_logits import BUFFER
from kss_mm.evaluation import CharadesMetric, KSSMultiLabelMetric, average_precision
from kss_mm.evaluation.score_files import load_scores
from kss_mm.models.deploy.linear_classifier import merge_classifier

N, K, LARGEST = 60, 3, 1e4
HOSTS = [('mmaction', how, clips) for how in ('prob', 'score') for clips in (1, 3)] + [('mmpretrain', '', 1)]


def wide() -> tuple[torch.Tensor, np.ndarray]:
    """Logits of the paper's size, most of whose probabilities are 1 in float32, and labels that follow them."""
    rng = np.random.default_rng(0)
    targets = rng.random((N, K)) < .4
    size = rng.uniform(20, LARGEST, (N, K))
    logits = np.where(targets, (LARGEST + size) / 2, size * np.where(rng.random((N, K)) < .8, 1, -1))
    return torch.tensor(logits, dtype=torch.float32), targets


class Case:
    """A head of a host behind features from which it computes ``logits``, (N, clips, K)."""

    def __init__(self, host: str, how: str, logits: torch.Tensor, deployed: bool):
        pytest.importorskip(host)
        self.clips = logits.flatten(0, 1)
        if host == 'mmaction':
            from mmaction.structures import ActionDataSample as Sample

            from kss_mm.models import KSSHead

            self.head = KSSHead(K, K, residual_fc=True, average_clips=how)
        else:
            from mmpretrain.structures import DataSample as Sample

            from kss_mm.models import KSSClsHead

            self.head = KSSClsHead(K, K, residual_fc=True)
        self.head.eval()
        self.many_hot, self.sample, self.number = host == 'mmaction', Sample, 0
        with torch.no_grad():
            self.head.classifier.fc.weight.copy_(torch.eye(K))
            self.head.classifier.fc.bias.zero_()
        if deployed:
            merge_classifier(self.head.classifier, None)

    def predict(self, targets: np.ndarray, autocast: bool) -> list[dict]:
        samples = []
        for row in torch.from_numpy(targets):
            label = row.float() if self.many_hot else row.nonzero().flatten()
            samples.append(self.sample(metainfo=dict(sample_id=f'v{len(samples)}')).set_gt_label(label))
        feats = self.clips if self.many_hot else (self.clips,)
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16) if autocast else contextlib.nullcontext():
            return [sample.to_dict() for sample in self.head.predict(feats, samples)]


@pytest.mark.parametrize('deployed', [False, True], ids=['trained', 'deployed'])
@pytest.mark.parametrize('autocast', [False, True], ids=['float32', 'autocast'])
@pytest.mark.parametrize(('host', 'how', 'clips'), HOSTS)
def test_from_the_head_to_the_submission(host, how, clips, autocast, deployed, tool, tmp_path):
    logits, targets = wide()
    # The clips of a video differ by a thousandth, so that the order of the videos is that of the first clips.
    case = Case(host, how, torch.stack([logits * (1 - clip / 1000) for clip in range(clips)], 1), deployed)
    predicted = case.predict(targets, autocast)
    expected = average_precision_score(targets, logits, average=None).mean()
    as_probabilities = average_precision_score(targets, logits.sigmoid(), average=None).mean()
    assert expected == pytest.approx(.6128, abs=1e-4) and as_probabilities == pytest.approx(.4112, abs=1e-4)

    # Metrics, and what they leave behind.
    dump, submission = tmp_path / 'scores.npz', tmp_path / 'submission.txt'
    multi = KSSMultiLabelMetric(dump=str(dump))
    multi.process({}, predicted)
    assert multi.evaluate(N)['multi-label/mAP'] == pytest.approx(expected)
    if host == 'mmaction':
        charades = CharadesMetric(dump=str(dump), submission=str(submission), class_csv=str(tmp_path / 'ap.csv'))
        charades.process({}, predicted)
        labelled = targets.any(1)
        assert charades.evaluate(N)['charades/mAP'] == pytest.approx(
            average_precision_score(targets[labelled], logits[labelled], average=None).mean())
    content = load_scores(dump)
    assert content.ids[:2] == ['v0', 'v1'] and content.scores.dtype == np.float32
    np.testing.assert_allclose(content.scores, logits.sigmoid(), atol=1e-6)
    assert (content.logits.argsort(0) == logits.numpy().argsort(0)).all()
    assert average_precision(content.ranking, targets).mean() == pytest.approx(expected)

    # The tools, from the file alone.
    status, printed = tool('evaluate_scores.py', dump, '--submission', submission, '--class-csv', tmp_path / 'ap.csv')
    assert status == 0 and f'class-wise:         mAP {expected:.4f}' in printed, printed
    in_file = np.array([line.split()[1:] for line in submission.read_text().splitlines()], dtype=np.float64)
    assert (in_file.argsort(0) == logits.numpy().argsort(0)).all() and len(np.unique(in_file)) == len(logits.unique())
    column = [float(line.split(',')[-1]) for line in (tmp_path / 'ap.csv').read_text().splitlines()[1:]]
    assert np.mean(column) == pytest.approx(expected, abs=1e-6)

    # Thresholds, of which most lie between two probabilities of 1.
    weights = {f'cls_head.{key}': value for key, value in case.head.state_dict().items()}
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'trained.pth')
    status, printed = tool('fit_thresholds.py', tmp_path / 'trained.pth', dump, '--out', tmp_path / 'fitted.pth')
    assert status == 0, printed
    state = torch.load(tmp_path / 'fitted.pth', weights_only=True)['state_dict']
    fitted = state[f'cls_head.classifier.{BUFFER}']
    assert (fitted.sigmoid() == 1).any()
    case.head.load_state_dict({key.removeprefix('cls_head.'): value for key, value in state.items()})
    found = np.zeros((N, K), dtype=bool)
    for row, sample in zip(found, case.predict(targets, autocast)):
        row[sample['pred_label']] = True
    figure = f1_score(targets, found, average='macro')
    assert f'{figure:.4f} fitted' in printed and figure > f1_score(targets, logits >= 0, average='macro') + .05
