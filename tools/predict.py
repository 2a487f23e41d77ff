"""Predict the labels of one video or image, and draw it with them.

    python tools/predict.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth VIDEO.mp4 --out a.png
    python tools/predict.py published/kssnet_i3d_toy_20260101-01234567.pth VIDEO.mp4
"""

import argparse
from pathlib import Path

from kss_mm.cli.run_tool import run_tool
from kss_mm.apis.config import checkpoint_of, load_config
from kss_mm.apis.input_kind import check_input
from kss_mm.apis.predict import class_names, predict_video, true_labels
from kss_mm.errors import InputError, short_name
from kss_mm.files import whole_path
from kss_mm.visualization.prediction import draw_prediction

SUFFIXES = ('.png', '.svg', '.pdf')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
    if args.out and args.out.suffix.lower() not in SUFFIXES or args.out and args.out.is_dir():
        raise InputError(f'--out {args.out}: must be the name of a file that ends in {", ".join(SUFFIXES)}')
    if args.top < 1:
        raise InputError(f'--top must be at least 1, got {args.top}')
    checkpoint = checkpoint_of(args.config, args.checkpoint)
    cfg = load_config(args.config)
    predict = predict_video
    if check_input(cfg, args.file) == 'image':
        from kss_mm.apis.predict_image import predict_image as predict
    prediction = predict(cfg, checkpoint, args.file, device=args.device)
    classes = class_names(checkpoint, len(prediction.scores))
    targets = true_labels(cfg, args.file, classes) if args.truth else None
    ranked = prediction.ranked()
    top = ranked[:args.top]
    print(f'{args.file}:')
    for label in top:
        notes = ['predicted'] * (label in prediction.labels) + ['true'] * (label in (targets or ()))
        print(f'  {prediction.decision(label)}  {short_name(classes[label]):30s} {", ".join(notes)}'.rstrip())
    if args.out:
        shown = top + [label for label in ranked[args.top:] if label in (targets or ())]  # all true ones
        figure = draw_prediction(prediction.frames, classes, prediction.scores, title=Path(args.file).name,
                                 targets=targets, labels=prediction.labels, thresholds=prediction.thresholds,
                                 shown=shown, beside={label: prediction.decision(label) for label in shown})
        with whole_path(args.out) as part:
            figure.savefig(part, dpi=120)
        print(f'picture: {args.out}')


if __name__ == '__main__':
    run_tool(main)
