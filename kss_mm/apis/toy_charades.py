"""Drawing Toy Charades: videos, annotations in Charades' own formats, a small ConceptNet and word vectors."""

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from kss_mm.apis.progress import progress_bar
from kss_mm.datasets.toy.files import (
    ANNOTATIONS,
    VIDEOS,
    sample_scripts,
    write_annotations,
    write_conceptnet,
    write_true_intervals,
    write_word_vectors,
)
from kss_mm.datasets.toy.render import write_joined, write_video
from kss_mm.datasets.toy.scripts import LABELS, Script
from kss_mm.files import PathLike
from kss_mm.numeric import check_integer

# Folder of long videos, and name of the table of what is true of them.
LONG = 'long'


class ToyCharades(NamedTuple):
    """The data set that was drawn.

    Args:
        labels: Number of classes.
        labels_per_video: Mean over all videos.
    """

    folder: Path
    train: int
    test: int
    labels: int
    labels_per_video: float


def make_toy_charades(out: PathLike, *, train: int = 600, test: int = 200, seed: int = 0,
                      workers: int | None = None, long: int = 0, long_clips: int = 12) -> ToyCharades:
    """Draw the videos and write all files beside them.

    Args:
        out: Folder to write.
        train: Number of training videos.
        test: Number of test videos.
        seed: Decides everything.
        workers: Processes; by default one for each core.
        long: Number of long videos, in ``long/``, each of ``long_clips`` new short ones, joined; ``long.csv`` says when
            what happens in them.

    Raises:
        InputError: For a number that is too small.
    """
    workers = os.cpu_count() if workers is None else workers
    for name, value, least in (('train', train, 1), ('test', test, 1), ('workers', workers, 1), ('seed', seed, 0),
                               ('long', long, 0), ('long-clips', long_clips, 1)):
        check_integer(f'--{name}', value, least)
    splits = {split: sample_scripts(count, seed, split) for split, count in (('train', train), ('test', test))}
    scripts = [script for split in splits.values() for script in split]
    out = Path(out)
    videos = out / VIDEOS
    videos.mkdir(parents=True, exist_ok=True)
    joined = _joined(sample_scripts(long * long_clips, seed, 'long'), long_clips)
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(write_video, script, videos) for script in scripts]
        long_jobs = {name: pool.submit(write_joined, parts, out / LONG / name) for name, parts in joined.items()}
        jobs += long_jobs.values()
        with progress_bar(f'drawing {len(jobs)} videos') as report:
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                report(done, len(jobs))
    # Annotations come last: where they stand, the videos that they name stand too.
    write_annotations(out / ANNOTATIONS, splits)
    if joined:
        write_true_intervals(out / f'{LONG}.csv', {
            name: list(zip(long_jobs[name].result(), parts)) for name, parts in joined.items()})
    write_conceptnet(out / 'conceptnet.csv')
    write_word_vectors(out / 'words.txt', seed)
    return ToyCharades(out, train, test, len(LABELS), sum(len(script.labels) for script in scripts) / len(scripts))


def _joined(scripts: list[Script], size: int) -> dict[str, list[Script]]:
    """The parts of each long video, by its file's name."""
    return {f'L{first // size:04d}.mp4': scripts[first:first + size] for first in range(0, len(scripts), size)}
