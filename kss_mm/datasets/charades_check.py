"""Whether a download of Charades is whole: every video of the CSVs there, readable, and of the length it should be."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from kss_mm.datasets.charades_files import Video

# Videos of the official release (Charades README): train, test, classes.
OFFICIAL_COUNTS = {'train': 7985, 'test': 1863}
OFFICIAL_CLASSES = 157
# How far a video may be from the length in the CSV before it is reported: seconds, and a share of the length.
LENGTH_SECONDS, LENGTH_SHARE = 1., 0.05


class Finding(NamedTuple):
    """What a check found of one video; ``problem`` is empty where all is well."""

    id: str
    split: str
    frames: int
    fps: float
    seconds: float
    csv_seconds: float | None
    problem: str


def check_video(path: str, video: Video, split: str) -> Finding:
    """Open a video, decode its first, middle and last frame, and compare its length with the CSV's."""
    import decord

    if not os.path.isfile(path):
        return Finding(video.id, split, 0, 0., 0., video.length, 'missing')
    try:
        reader = decord.VideoReader(path, num_threads=1)
        frames, fps = len(reader), float(reader.get_avg_fps())
        reader.get_batch([0, frames // 2, frames - 1])
    except Exception:  # decord raises its own, undocumented types
        size = os.path.getsize(path)
        return Finding(video.id, split, 0, 0., 0., video.length, 'empty' if size == 0 else 'does not decode')
    seconds = frames / fps if fps else 0.
    problem = ''
    if video.length is not None and abs(seconds - video.length) > max(LENGTH_SECONDS, LENGTH_SHARE * video.length):
        problem = f'{seconds:.1f} s long, the CSV says {video.length:.1f} s'
    return Finding(video.id, split, frames, round(fps, 3), round(seconds, 3), video.length, problem)


def count_notes(splits: dict[str, Sequence[Video]], num_classes: int) -> list[str]:
    """Lines about numbers that differ from the official release's."""
    notes = [f'{len(videos)} videos in the {split} CSV; the official release has {OFFICIAL_COUNTS[split]}'
             for split, videos in splits.items() if len(videos) != OFFICIAL_COUNTS[split]]
    if num_classes != OFFICIAL_CLASSES:
        notes.append(f'{num_classes} classes; the official release has {OFFICIAL_CLASSES}')
    return notes
