"""Pictures of a test run's predictions, for videos and images alike."""

import os
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from scipy.special import expit

from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.files import whole_path
from kss_mm.models.heads.decision import decision_of
from kss_mm.registry import HOOKS
from kss_mm.sample_ids import ID_KEY, path_of

# In a picture: frames of a clip, and labels of the highest scores; all true ones are shown.
_SHOWN, _LABELS = 8, 10


@HOOKS.register_module()
class ShowPredictionsHook(Hook):
    """Draw samples of a test run as the model sees them, with its highest scores, its thresholds and the true labels.

    MMAction2's own hook fails on clips of several views and draws no labels of many-hot samples. Files are called
    ``{number of the sample}_{name of its file}.png``.

    Args:
        out_dir: Folder to write to.
        interval: Samples from one drawing to the next.

    Raises:
        InputError: For an interval below 1.
    """

    def __init__(self, out_dir: str, interval: int = 1):
        if interval < 1:
            raise InputError(f'interval must be at least 1, got {interval}')
        self.out_dir = out_dir
        self.interval = interval

    def before_test_epoch(self, runner: Runner) -> None:
        # The order in which this process gets its samples; data sets are not shuffled in testing.
        self.order = iter(list(runner.test_dataloader.sampler))
        self.decision = decision_of(unwrap_model(runner))
        os.makedirs(self.out_dir, exist_ok=True)  # what stands in its way is told before the work

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence) -> None:
        for inputs, sample in zip(data_batch['inputs'], outputs):
            index = next(self.order)
            if index % self.interval == 0:
                self._draw(runner.test_dataloader.dataset, index, inputs, sample)

    def _draw(self, dataset, index: int, inputs: torch.Tensor, sample) -> None:
        from kss_mm.evaluation.match_classes import unnamed_classes
        from kss_mm.evaluation.multi_label_metric import many_hot
        from kss_mm.visualization.prediction import draw_prediction  # matplotlib

        scores = sample.pred_score.cpu().numpy()
        labels = sample.pred_label.flatten().tolist() if 'pred_label' in sample else ()
        if self.decision.gives_logits:  # as MMAction2's own heads with average_clips='score'
            labels, scores = np.flatnonzero(scores >= 0).tolist(), expit(scores)
        thresholds = self.decision.thresholds
        meta = getattr(dataset, 'metainfo', None) or {}
        classes = meta.get('classes') or unnamed_classes(len(scores))
        info = dataset.get_data_info(index) if hasattr(dataset, 'get_data_info') else {}
        name = os.path.basename(path_of(info) or '')
        targets = np.flatnonzero(many_hot(sample.to_dict(), len(scores)) == 1).tolist()
        ranked = np.argsort(-scores, kind='stable').tolist()
        shown = ranked[:_LABELS] + [label for label in ranked[_LABELS:] if label in targets]
        figure = draw_prediction(frames_of(inputs), classes, scores, title=sample.get(ID_KEY) or name,
                                 targets=targets, labels=labels, shown=shown,
                                 thresholds=None if thresholds is None else thresholds.numpy())
        with whole_path(os.path.join(self.out_dir, f'{index:06d}_{os.path.splitext(name)[0]}.png')) as part:
            figure.savefig(part, dpi=100)


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
        raise InputError(f'--show-dir draws videos and images; a sample of shape {tuple(inputs.shape)} is neither')
    chosen = np.unique(np.linspace(0, len(frames) - 1, _SHOWN).round().astype(int))
    return frames[torch.from_numpy(chosen)].clamp(0, 255).to(torch.uint8).cpu().numpy()
