"""Predict the labels of one video or image, and draw it with them.

    python tools/predict.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth VIDEO.mp4 --out a.png
    python tools/predict.py published/kssnet_i3d_toy_20260101-01234567.pth VIDEO.mp4
"""

import argparse
from pathlib import Path

from kss_mm.cli.arguments import tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import InputError, short_name


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', help='config file, or a published checkpoint with its config inside')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint of tools/train.py (default: the published one)')
    parser.add_argument('file', help='video or image file')
    parser.add_argument('--out', type=Path, help='picture to write, .png or .svg')
    parser.add_argument('--truth', action='store_true', help="look up the true labels in the config's test dataset")
    parser.add_argument('--top', type=int, default=10, help='how many labels to show (%(default)s)')
    parser.add_argument('--device', help='cpu or cuda:0 (default: a GPU where there is one)')
    return parser.parse_intermixed_args()  # options may stand between the files


def main() -> None:
    args = parse_args()
    from kss_mm.inference.load import load  # torch, only after the arguments are read
    from kss_mm.inference.picture import check_picture, draw
    from kss_mm.inference.true_labels import true_labels

    if args.out:
        check_picture(args.out)
    if args.top < 1:
        raise InputError(f'--top must be at least 1, got {args.top}')
    predictor = load(args.config, args.checkpoint, args.device)
    found = predictor(args.file)
    targets = true_labels(predictor.network.cfg, args.file, predictor.classes) if args.truth else None
    print(f'{args.file}:')
    for index in found.ranked()[:args.top]:
        notes = ['predicted'] * (index in found.indices) + ['true'] * (index in (targets or ()))
        print(f'  {found.decision(index)}  {short_name(found.classes[index]):30s} {", ".join(notes)}'.rstrip())
    if args.out:
        draw(found, predictor.kind, args.out, top=args.top, targets=targets)
        print(f'picture: {args.out}')


if __name__ == '__main__':
    run_tool(main)
