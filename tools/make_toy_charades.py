"""Draw Toy Charades: short MPEG-4 videos with annotations in Charades' own formats.

    python tools/make_toy_charades.py            # 600 + 200 videos under data/toy_charades, about 20 s on 2 cores
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import track

from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.datasets.toy.files import (
    ANNOTATIONS,
    VIDEOS,
    sample_scripts,
    write_annotations,
    write_conceptnet,
    write_word_vectors,
)
from kss_mm.datasets.toy.render import write_video
from kss_mm.datasets.toy.scripts import LABELS
from kss_mm.numeric import check_integer


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('--out', type=file_name, default='data/toy_charades', help='folder to write (%(default)s)')
    parser.add_argument('--train', type=int, default=600, help='training videos (%(default)s)')
    parser.add_argument('--test', type=int, default=200, help='test videos (%(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='decides everything (%(default)s)')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (%(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    for name, least in (('train', 1), ('test', 1), ('workers', 1), ('seed', 0)):
        check_integer(f'--{name}', getattr(args, name), least)
    splits = {split: sample_scripts(getattr(args, split), args.seed, split) for split in ('train', 'test')}
    scripts = [script for split in splits.values() for script in split]
    out = Path(args.out)
    videos = out / VIDEOS
    videos.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(args.workers) as pool:
        jobs = [pool.submit(write_video, script, videos) for script in scripts]
        for job in track(as_completed(jobs), f'drawing {len(jobs)} videos', len(jobs), console=Console(stderr=True)):
            job.result()
    # Annotations come last: where they stand, the videos that they name stand too.
    write_annotations(out / ANNOTATIONS, splits)
    write_conceptnet(out / 'conceptnet.csv')
    write_word_vectors(out / 'words.txt', args.seed)
    per_video = sum(len(script.labels) for script in scripts) / len(scripts)
    print(f'{out}: {args.train} training and {args.test} test videos, {len(LABELS)} labels, '
          f'{per_video:.1f} labels a video')


if __name__ == '__main__':
    run_tool(main)
