"""The benchmark of the data pipeline, at toy size: its lines, and that both sides do the same work."""

import pytest
import torch

pytest.importorskip('mmaction')
from mmaction.datasets.transforms import DecordDecode, DecordInit  # noqa: E402

from kss_mm.analysis.benchmark.data import QUICK, data, pipeline, sample_of, write_clip  # noqa: E402
from kss_mm.analysis.benchmark.setting import Setting  # noqa: E402
from kss_mm.datasets import SafeDecordDecode, SafeDecordInit  # noqa: E402
from kss_mm.datasets.media.reencode import find_ffmpeg  # noqa: E402
from kss_mm.errors import MissingPackageError  # noqa: E402


@pytest.fixture(autouse=True)
def _ffmpeg():
    try:
        find_ffmpeg()
    except MissingPackageError:
        pytest.skip('needs ffmpeg')


def test_both_pipelines_make_the_same_tensor_of_the_clip(tmp_path):
    path = str(tmp_path / 'clip.mp4')
    write_clip(path, QUICK)
    ours, usual = (pipeline(QUICK, init, decode, training=False)(sample_of(path))['inputs'] for init, decode in
                   ((SafeDecordInit(), SafeDecordDecode(stream=True)), (DecordInit(), DecordDecode())))
    assert ours.shape == (1, 3, QUICK.frames, QUICK.crop, QUICK.crop) and torch.equal(ours, usual)


def test_lines_state_target_and_rates():
    lines = list(data(Setting(torch.device('cpu'), quick=True)))
    assert [str(line.target) for line in lines] == ['<= 1.15', 'None', 'None', 'None']
    assert all(line.ratio.median > 0 for line in lines)
    assert all('clips/s' in line.figure for line in lines[2:])
