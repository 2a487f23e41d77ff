"""Evaluation: the GCN runs once for all batches."""

from collections.abc import Iterator
from unittest import mock

import torch

from kss_mm.analysis.benchmark.line import Line, Ratio, at_most
from kss_mm.analysis.benchmark.networks import I3D_WIDTHS, gcn_for
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.models.necks.label_gcn import GraphConv

BATCHES = 8


@benchmark('evaluation')
@torch.no_grad()
def evaluation(setting: Setting) -> Iterator[Line]:
    """Labels in evaluation: encoded by the GCN of KSSNet-I3D, or remembered, float32"""
    for labels in setting.pick(full=(157, 10_000), quick=(7,)):
        gcn = gcn_for(labels, I3D_WIDTHS).to(setting.device).eval()
        with mock.patch.object(GraphConv, 'forward', autospec=True, side_effect=GraphConv.forward) as convolution:
            for _ in range(BATCHES):
                gcn()
        runs = convolution.call_count / len(gcn.layers)
        yield Line(f'{labels} labels, runs of the GCN in {BATCHES} batches', f'{runs:g}', Ratio.exact(runs), at_most(1))
        times = setting.interleave({'encoded': gcn._encode, 'remembered': gcn})
        yield Line(f'{labels} labels, encoded : remembered', times.figure('encoded', 'remembered'),
                   times.ratio('encoded', 'remembered'), note='remembered: all weights are compared with a copy')
