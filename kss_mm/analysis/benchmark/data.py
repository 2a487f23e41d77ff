"""From a video file to the tensor that a model is given, against decord's own time for the same frames."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
from mmengine.dataset import Compose, pseudo_collate
from torch.utils.data import DataLoader, Dataset

from kss_mm.analysis.benchmark.line import Line, at_most
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting, Times
from kss_mm.datasets.media.reencode import find_ffmpeg, reencode


class Size(NamedTuple):
    """Of a clip on disk, and of the tensor made of it."""

    seconds: int
    width: int
    height: int
    frames: int  # that a sample takes
    short_side: int  # after Resize
    crop: int


# A clip of Charades_v1_480, and what configs/_base_/charades.py makes of it.
CHARADES = Size(30, 640, 480, 64, 256, 224)
QUICK = Size(2, 128, 96, 8, 64, 56)
FPS = 30
# x264's quality that gives about as many bytes as Charades_v1_480 has (15 GB for 9,848 videos).
CRF = 28
GOP = 16  # frames between key frames, the default of tools/prepare_charades.py --reencode
SAMPLES = 4  # clips that a DataLoader fetches in a round


@benchmark('data')
def data(setting: Setting) -> Iterator[Line]:
    """From file to tensor: 64 frames of a 30 s clip, 640x480, H.264 at Charades' bit rate, one thread, uint8"""
    setting = setting.on_cpu()
    size = setting.pick(full=CHARADES, quick=QUICK)
    with TemporaryDirectory() as folder, one_thread_each():
        clip, small = str(Path(folder, 'clip.mp4')), str(Path(folder, 'small.mp4'))
        write_clip(clip, size)
        reencode(find_ffmpeg(), clip, small, short_side=size.short_side, gop=GOP)
        yield from _against_decord(setting, size, clip)
        yield from _workers(setting, size, clip, small)


def _against_decord(setting: Setting, size: Size, clip: str) -> Iterator[Line]:
    import decord
    from mmaction.datasets.transforms import DecordDecode, DecordInit, UniformSample

    from kss_mm.datasets import SafeDecordDecode, SafeDecordInit

    reader = decord.VideoReader(clip, num_threads=1)
    sample = UniformSample(clip_len=size.frames, test_mode=True)
    indices = sample.transform(dict(total_frames=len(reader), start_index=0))['frame_inds']
    ours = pipeline(size, SafeDecordInit(), SafeDecordDecode(stream=True), training=False)
    usual = pipeline(size, DecordInit(), DecordDecode(), training=False)
    times = setting.interleave({
        'decord': lambda: decord.VideoReader(clip, num_threads=1).get_batch(indices),
        'ours': lambda: ours(sample_of(clip)), 'usual': lambda: usual(sample_of(clip))}, rounds=11)
    yield Line('our pipeline against decord alone', times.figure('ours', 'decord'), times.ratio('ours', 'decord'),
               at_most(1.15), note='open, sample, decode, resize, crop, format; the same bits as the usual pipeline')
    yield Line("MMAction2's usual pipeline against decord alone", times.figure('usual', 'decord'),
               times.ratio('usual', 'decord'))


def _workers(setting: Setting, size: Size, clip: str, small: str) -> Iterator[Line]:
    from kss_mm.datasets import SafeDecordDecode, SafeDecordInit

    steps = pipeline(size, SafeDecordInit(), SafeDecordDecode(stream=True), training=True)
    count = setting.pick(full=SAMPLES, quick=2)
    loaders = {name: DataLoader(Clips([path] * count, steps), num_workers=workers, collate_fn=pseudo_collate,
                                persistent_workers=True)
               for name, path, workers in (('1 worker', clip, 1), ('2 workers', clip, 2), ('re-encoded', small, 1))}
    # The first, uncounted round starts the workers, which then wait for the next.
    times = setting.interleave({name: lambda loader=loader: list(loader) for name, loader in loaders.items()}, rounds=3)
    yield Line('DataLoader, 2 workers against 1', _rates(times, count, '2 workers', '1 worker'),
               times.ratio('1 worker', '2 workers'), note='training pipeline, into the main process')
    yield Line(f'1 worker, clips re-encoded to short side {size.short_side}, a key frame every {GOP}',
               _rates(times, count, 're-encoded', '1 worker'), times.ratio('1 worker', 're-encoded'),
               note='tools/prepare_charades.py --reencode')


def _rates(times: Times, count: int, side: str, other: str) -> str:
    return ' : '.join(f'{count / times.median(name):.3g} clips/s' for name in (side, other))


class Clips(Dataset):
    """Video files, each through a pipeline."""

    def __init__(self, paths: Sequence[str], steps: Callable[[dict], dict]):
        self.paths = paths
        self.steps = steps

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict:
        return self.steps(sample_of(self.paths[index]))


def sample_of(path: str) -> dict:
    """A sample as a dataset of MMAction2 gives it to its pipeline."""
    return dict(filename=path, label=0, start_index=0, modality='RGB', num_clips=1)


def pipeline(size: Size, init: Callable, decode: Callable, *, training: bool) -> Compose:
    """The steps of configs/_base_/charades.py, with a choice of those that open and decode."""
    from mmaction.datasets import transforms as host

    crop = [host.RandomCrop(size.crop), host.Flip()] if training else [host.CenterCrop(size.crop)]
    return Compose([init, host.UniformSample(size.frames, test_mode=not training), decode,
                    host.Resize((-1, size.short_side)), *crop, host.FormatShape('NCTHW'), host.PackActionInputs()])


def write_clip(path: str, size: Size) -> None:
    """A moving test picture as H.264.

    Raises:
        MissingPackageError: Without ffmpeg.
    """
    source = f'testsrc2=size={size.width}x{size.height}:rate={FPS}:duration={size.seconds}'
    subprocess.run([find_ffmpeg(), '-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'libx264',
                    '-preset', 'fast', '-crf', str(CRF), '-pix_fmt', 'yuv420p', path], check=True)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """OpenCV without threads of its own, as MMEngine sets it for training."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
