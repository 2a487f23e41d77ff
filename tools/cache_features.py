"""Compute once what the frozen stages of a backbone make of every sample, so that training starts from there.

    python tools/cache_features.py CONFIG --out data/features
    python tools/train.py CONFIG --cfg-options cached_features=data/features

The backbone of CONFIG is a kss_mm.FrozenBackbone. All samples pass the evaluation pipeline, those of training once more
mirrored; other augmentation there is none. What is trained so is a checkpoint for images or videos as any other.
"""

import argparse

from kss_mm.cli.arguments import add_cfg_options, file_name, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', help='config, or the name of one that comes with the package')
    parser.add_argument('--out', required=True, type=file_name, metavar='FOLDER',
                        help='gets train.npy and val.npy, each with a .json beside it')
    parser.add_argument('--checkpoint', metavar='FILE.pth', help="weights of the whole model (default: its init_cfg's)")
    parser.add_argument('--no-mirrored', dest='mirrored', action='store_false',
                        help='keep training samples as they are only')
    parser.add_argument('--dtype', choices=('float16', 'float32'), default='float16', help='(default: %(default)s)')
    parser.add_argument('--device', help='such as cpu or cuda:0 (default: a GPU where there is one)')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.apis.cache_features import cache_features  # torch
    from kss_mm.apis.progress import progress_bar

    with progress_bar('samples') as progress:
        files = cache_features(args.config, args.out, checkpoint=args.checkpoint, mirrored=args.mirrored,
                               dtype=args.dtype, device=args.device, options=args.cfg_options, progress=progress)
    for file in files:
        print(f'Written: {file}')


if __name__ == '__main__':
    run_tool(main)
