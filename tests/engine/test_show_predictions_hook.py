"""Pictures of images, clips and frames; each under the number and the name of its sample."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from mmengine.structures import BaseDataElement
from torch import nn

from kss_mm.engine.sample_pictures import frames_of
from kss_mm.engine.show_predictions_hook import ShowPredictionsHook
from kss_mm.errors import InputError
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.registry import HOOKS
from kss_mm.visualization import prediction


def colours(*values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.uint8)[:, None, None].expand(len(values), 4, 6)  # (C, H, W)


def test_frames_are_rgb_and_spread():
    clip = torch.stack([colours(frame, 10, 20) for frame in range(16)], dim=1)[None]  # (1, C, T, H, W)
    frames = frames_of(clip)
    assert frames.shape == (8, 4, 6, 3) and frames[0, 0, 0].tolist() == [0, 10, 20] and frames[-1, 0, 0, 0] == 15
    assert np.array_equal(frames, frames_of(clip[0].transpose(0, 1)))  # of a model of single frames
    assert frames_of(colours(1, 2, 3)).shape == (1, 4, 6, 3)
    assert frames_of(colours(1, 2, 3))[0, 0, 0].tolist() == [3, 2, 1]  # mmcv loads BGR
    with pytest.raises(InputError, match=r'\(3,\)'):
        frames_of(torch.zeros(3))


@pytest.mark.parametrize(('interval', 'numbers'), [(1, [0, 1, 2, 3]), (2, [0, 2])])
def test_files_carry_number_and_name(tmp_path, interval, numbers):
    dataset = SimpleNamespace(metainfo=dict(classes=('dog', 'cat')),
                              get_data_info=lambda index: dict(img_path=f'/data/{"abcd"[index]}.jpg'))
    runner = SimpleNamespace(test_dataloader=SimpleNamespace(dataset=dataset, sampler=[3, 2, 1, 0]), model=nn.Module())
    hook = HOOKS.build(dict(type='kss_mm.ShowPredictionsHook', out_dir=str(tmp_path / 'out'), interval=interval))
    hook.before_test_epoch(runner)
    samples = [BaseDataElement(pred_score=torch.rand(2), gt_label=torch.tensor([1])) for _ in range(2)]
    for batch in range(2):
        hook.after_test_iter(runner, batch, dict(inputs=[colours(1, 2, 3)] * 2), samples)
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
        f'{index:06d}_{"abcd"[index]}.png' for index in numbers]
    with pytest.raises(InputError, match='interval'):
        HOOKS.build(dict(type='kss_mm.ShowPredictionsHook', out_dir='a', interval=0))


def test_pictures_show_the_thresholds_of_the_model(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(prediction, 'draw_prediction', lambda *args, **options: drawn.append(options) or Figure())
    classifier = LabelClassifier(4, 2)
    classifier.threshold_logits.copy_(torch.logit(torch.tensor([.25, .75])))
    model = nn.Module()
    model.head = nn.Module()
    model.head.classifier = classifier
    runner = SimpleNamespace(test_dataloader=SimpleNamespace(dataset=None, sampler=[0]), model=model)
    hook = ShowPredictionsHook(str(tmp_path))
    hook.before_test_epoch(runner)
    hook.after_test_iter(runner, 0, dict(inputs=[colours(1, 2, 3)]), [
        BaseDataElement(pred_score=torch.tensor([.3, .6]), pred_label=torch.tensor([0]), gt_label=torch.tensor([1]))])
    assert drawn[0]['thresholds'] == pytest.approx([.25, .75]) and drawn[0]['labels'] == [0]
