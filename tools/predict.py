"""Predict the labels of videos or images: of one with a picture, or of any number into a table.

    python tools/predict.py published/kssnet_i3d_toy_20260101-01234567.pth VIDEO.mp4 --out picture.png
    python tools/predict.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth FOLDER --out labels.csv
    python tools/predict.py MODEL.pth VIDEO.mp4 --draw labelled.mp4
    python tools/predict.py MODEL.pth --list paths.txt --out labels.jsonl
    python tools/predict.py MODEL.pth VIDEO.mp4 --timeline 4,1 --out labels.vtt
    torchrun --nproc_per_node 2 tools/predict.py MODEL.pth --list paths.txt --out labels.csv

A table grows file by file; the same command goes on with one that was stopped, and leaves out what is in it.
"""

import argparse
import sys
from pathlib import Path

from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('model', nargs='?', help='published or deployed file, or a config with its checkpoint after it')
    parser.add_argument('files', nargs='*', help='videos or images: files, folders and patterns such as "clips/*.mp4"')
    parser.add_argument('--list', action='append', default=[], metavar='FILE',
                        help='file with a path on each line; - is the standard input')
    parser.add_argument('--out', type=Path, help='table to write, .csv, .json or .jsonl; of one file also its picture, '
                                                 '.png, .svg or .pdf')
    parser.add_argument('--draw', type=file_name, metavar='OUT',
                        help='the file again with its labels on it: a video as .mp4, or as a contact sheet, .png or '
                             '.jpg; an image as .png or .jpg; of several files a folder')
    parser.add_argument('--timeline', metavar='WINDOW[,STRIDE]',
                        help='when each label happens in videos: seconds of a window, and from one window to the next '
                             '(default: half a window); --out is then .json, .csv, .vtt, .srt or a plot, .png, .svg '
                             'or .pdf; a folder for several videos')
    parser.add_argument('--low-share', type=float, metavar='SHARE',
                        help='with --timeline: a label that has reached its threshold goes on while it has this share '
                             'of it (default: 0.75)')
    parser.add_argument('--min-seconds', type=float, help='with --timeline: shorter intervals are left out')
    parser.add_argument('--top', type=int, help='how many labels of each file (default: 10 on the screen, 8 in a '
                                                'drawing, all in a table)')
    parser.add_argument('--threshold', type=float, help="predict labels from this probability (default: the model's "
                                                        'own thresholds)')
    parser.add_argument('--truth', action='store_true',
                        help="look up the true labels of one file in the config's test dataset")
    parser.add_argument('--batch-size', type=int, help='files that the model takes at once (default: as the config)')
    parser.add_argument('--workers', type=int, help='threads that decode (default: one for each core, up to 8)')
    parser.add_argument('--device', help='cpu or cuda:0 (default: a GPU where there is one)')
    parser.add_argument('--shard', metavar='K/N', help='take the K-th of N shares of the files, into OUT.K-of-N.csv; '
                                                       'the last share joins all (default under torchrun)')
    parser.add_argument('--merge', type=Path, metavar='OUT', help='only join the shares of a table, if all are there')
    return parser.parse_intermixed_args()  # options may stand between the files


def main() -> None:
    args = parse_args()
    from kss_mm.cli.predict_command import run_command  # NumPy, only after the arguments are read

    sys.exit(run_command(args.model, args.files, args.list, **{
        name: value for name, value in vars(args).items() if name not in ('model', 'files', 'list')}))


if __name__ == '__main__':
    run_tool(main)
