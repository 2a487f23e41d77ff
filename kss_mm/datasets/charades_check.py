"""Check that a download of Charades is whole: every video of the CSVs there, readable, and as long as it should be."""

from collections.abc import Sequence
from typing import NamedTuple

from kss_mm.datasets.charades_files import Video
from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.errors import BadVideoError, MissingVideoError, StorageError

# Videos of the official release (Charades README): train, test, classes.
OFFICIAL_COUNTS = {'train': 7985, 'test': 1863}
OFFICIAL_CLASSES = 157
# How far a video may be from the length in the CSV before it is reported: seconds, and a share of the length.
LENGTH_SECONDS, LENGTH_SHARE = 1., 0.05
MISSING = 'missing'


class Finding(NamedTuple):
    """The result of checking one video; ``problem`` is empty where all is well."""

    id: str
    split: str
    frames: int
    fps: float
    seconds: float
    csv_seconds: float | None
    problem: str


def check_video(path: str, video: Video, split: str) -> Finding:
    """Open a video, decode its first, middle and last frame, and compare its length with the CSV's."""
    try:
        frames, fps = probe(path)
    except MissingVideoError:
        return Finding(video.id, split, 0, 0., 0., video.length, MISSING)
    except (BadVideoError, StorageError) as error:
        reason = str(error).removeprefix(f'{path}: ')
        return Finding(video.id, split, 0, 0., 0., video.length, reason)
    seconds = frames / fps if fps else 0.
    problem = ''
    if video.length is not None and differs_in_length(seconds, video.length):
        problem = f'{seconds:.1f} s long, the CSV says {video.length:.1f} s'
    return Finding(video.id, split, frames, round(fps, 3), round(seconds, 3), video.length, problem)


def probe(path: str, name: str | None = None) -> tuple[int, float]:
    """Frames and frames a second of a video whose first, middle and last frame decode.

    Raises:
        BadVideoError, StorageError: As ``open_video``; ``name`` is what they call the file.
    """
    reader = open_video(path, name=name)
    count = len(reader)
    read_frames(reader, [0, count // 2, count - 1])
    return count, float(reader.get_avg_fps())


def differs_in_length(seconds: float, wanted: float) -> bool:
    """Tell whether a video differs from the length that it should have by more than rounding."""
    return abs(seconds - wanted) > max(LENGTH_SECONDS, LENGTH_SHARE * wanted)


def count_notes(splits: dict[str, Sequence[Video]], num_classes: int) -> list[str]:
    """Lines about numbers that differ from the official release's."""
    notes = [f'{len(videos)} videos in the {split} CSV; the official release has {OFFICIAL_COUNTS[split]}'
             for split, videos in splits.items() if len(videos) != OFFICIAL_COUNTS[split]]
    if num_classes != OFFICIAL_CLASSES:
        notes.append(f'{num_classes} classes; the official release has {OFFICIAL_CLASSES}')
    return notes
