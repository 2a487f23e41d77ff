"""Pictures of predicted samples, of videos and images alike."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from mmengine.runner import Runner
from scipy.special import expit
from torch.utils.data import DataLoader

from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.models.heads.decision import decision_of
from kss_mm.sample_ids import ID_KEY, path_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In a picture: frames of a clip, and labels of the highest scores; all true ones are shown.
_SHOWN, _LABELS = 8, 10


class SamplePictures:
    """Draws samples as the model sees them, with its highest scores, its thresholds and the true labels.

    MMAction2's own hook fails on clips of several views and draws no labels of many-hot samples.

    Args:
        loader: What this process evaluates; each of its batches goes to :meth:`numbered`, in order.
    """

    def __init__(self, runner: Runner, loader: DataLoader):
        self.dataset = loader.dataset
        self.order = list(loader.sampler)  # data sets are not shuffled in evaluation
        self.decision = decision_of(unwrap_model(runner))
        self._rest = iter(self.order)

    def numbered(self, data_batch: dict, outputs: Sequence) -> Iterator[tuple[int, torch.Tensor, object]]:
        """Number in the data set, input and prediction of every sample of a batch."""
        for inputs, sample in zip(data_batch['inputs'], outputs):
            yield next(self._rest), inputs, sample

    def draw(self, index: int, inputs: torch.Tensor, sample) -> tuple[str, Figure]:
        """A name, ``{number of the sample}_{name of its file}``, and the picture."""
        from kss_mm.evaluation.match_classes import unnamed_classes
        from kss_mm.evaluation.multi_label_metric import many_hot
        from kss_mm.visualization.prediction import draw_prediction  # matplotlib

        scores = sample.pred_score.cpu().numpy()
        labels = sample.pred_label.flatten().tolist() if 'pred_label' in sample else ()
        if self.decision.gives_logits:  # as MMAction2's own heads with average_clips='score'
            labels, scores = np.flatnonzero(scores >= 0).tolist(), expit(scores)
        thresholds = self.decision.thresholds
        meta = getattr(self.dataset, 'metainfo', None) or {}
        classes = meta.get('classes') or unnamed_classes(len(scores))
        info = self.dataset.get_data_info(index) if hasattr(self.dataset, 'get_data_info') else {}
        name = os.path.basename(path_of(info) or '')
        targets = np.flatnonzero(many_hot(sample.to_dict(), len(scores)) == 1).tolist()
        ranked = np.argsort(-scores, kind='stable').tolist()
        shown = ranked[:_LABELS] + [label for label in ranked[_LABELS:] if label in targets]
        figure = draw_prediction(frames_of(inputs), classes, scores, title=sample.get(ID_KEY) or name,
                                 targets=targets, labels=labels, shown=shown,
                                 thresholds=None if thresholds is None else thresholds.numpy())
        return f'{index:06d}_{os.path.splitext(name)[0]}', figure


def frames_of(inputs: torch.Tensor) -> np.ndarray:
    """Frames of a model's input that show what it is.

    Shapes:
        - **inputs:** a clip :math:`(N, C, T, H, W)`, of which the first view is taken, or frames
          :math:`(T, C, H, W)`, RGB; or an image :math:`(C, H, W)`, BGR; 0..255
        - **return:** :math:`(t, H, W, 3)`, uint8 RGB

    Raises:
        InputError: For any other input.
    """
    if inputs.dim() == 5:
        frames = inputs[0].permute(1, 2, 3, 0)  # (T, H, W, C)
    elif inputs.dim() == 4:
        frames = inputs.permute(0, 2, 3, 1)  # (T, H, W, C)
    elif inputs.dim() == 3:
        frames = inputs.flip(0).permute(1, 2, 0)[None]  # (1, H, W, C)
    else:
        raise InputError(f'pictures are drawn of videos and images; a sample of shape {tuple(inputs.shape)} is '
                         'neither: leave out --show-dir or --show-predictions')
    chosen = np.unique(np.linspace(0, len(frames) - 1, _SHOWN).round().astype(int))
    return frames[torch.from_numpy(chosen)].clamp(0, 255).to(torch.uint8).cpu().numpy()
