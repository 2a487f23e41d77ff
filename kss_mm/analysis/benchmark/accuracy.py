"""The cost of the deployed form in mAP: the demo's checkpoint on its test videos."""

import logging
import os
from collections.abc import Iterator

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, init_default_scope
from torch import nn
from torch.utils.data import DataLoader

from kss_mm.analysis.benchmark.line import Line, Ratio, at_most
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.apis.config import load_config
from kss_mm.apis.model import build_model
from kss_mm.evaluation import charades_map

CONFIG = 'configs/kssnet_i3d_toy.py'
RUN = 'work_dirs/demo/kssnet_i3d_toy'  # of tools/demo.sh
POINTS = 100  # of mAP
BATCH = 16

logger = logging.getLogger(__name__)


@benchmark('accuracy')
def accuracy(setting: Setting) -> Iterator[Line]:
    """mAP of the demo's KSSNet on Toy Charades, deployed against trained in float32"""
    try:
        with open(os.path.join(RUN, 'last_checkpoint'), encoding='utf-8') as file:
            checkpoint = file.read().strip()
    except FileNotFoundError:
        logger.warning('accuracy: left out, as %s holds no checkpoint; bash tools/demo.sh makes one', RUN)
        return
    cfg = load_config(CONFIG)
    init_default_scope(cfg.default_scope)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    videos = setting.pick(full=len(dataset), quick=BATCH)
    batches = list(DataLoader(torch.utils.data.Subset(dataset, range(videos)), BATCH, collate_fn=pseudo_collate))
    expected = _points(build_model(cfg, checkpoint, str(setting.device)), batches)
    for dtype in ('float32', 'bfloat16'):
        model = build_model(cfg, checkpoint, str(setting.device))
        model.switch_to_deploy(dtype=dtype)
        found = _points(model, batches)
        yield Line(f'deployed {dtype} : trained float32, difference of mAP in points', f'{found:.2f} : {expected:.2f}',
                   Ratio.exact(abs(found - expected)), at_most(.2))


@torch.no_grad()
def _points(model: nn.Module, batches: list[dict]) -> float:
    """Class-wise mAP, Charades protocol, 0..100."""
    samples = [sample for batch in batches for sample in model.test_step(batch)]
    scores, targets = (np.stack([np.asarray(sample.get(name).cpu()) for sample in samples])
                       for name in ('pred_logit', 'gt_label'))
    return POINTS * charades_map(scores, targets)[0]
