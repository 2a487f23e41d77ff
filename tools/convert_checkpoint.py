"""Turn a checkpoint of KSSNet's released code, or published Inception-I3D weights, into one of ours; or ours back.

    python tools/convert_checkpoint.py model_best.pth.tar configs/kssnet_i3d_charades_released.py -o ours.pth
    python tools/convert_checkpoint.py rgb_charades.pt configs/i3d_charades.py --classes names.txt -o i3d.pth
    python tools/convert_checkpoint.py ours.pth --to released -o theirs.pth.tar

Every entry that finds no place is named.
"""

import argparse
import os

from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import InputError
from kss_mm.files import check_target


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('source', metavar='SOURCE', help='checkpoint to convert; its keys tell whose it is')
    parser.add_argument('config', metavar='CONFIG', nargs='?',
                        help='config of the model; with --to released only to check SOURCE and what is lost')
    parser.add_argument('-o', '--out', required=True, metavar='FILE', help='checkpoint to write')
    parser.add_argument('--to', choices=('ours', 'released'), default='ours', help='(default: %(default)s)')
    add_cfg_options(parser, 'override parts of CONFIG')
    parser.add_argument('--classes', metavar='FILE',
                        help='class names to keep in the checkpoint, one a line, where CONFIG has no label graph')
    return parser.parse_args()


def check_args(args: argparse.Namespace) -> None:
    """What argparse cannot tell; before any work is done."""
    if args.to == 'ours' and args.config is None:
        raise InputError(f'CONFIG is missing: {args.source} becomes a checkpoint of its model')
    if args.cfg_options and args.config is None:
        raise InputError('--cfg-options needs a CONFIG')
    if args.classes and args.to == 'released':
        raise InputError("--classes: the released code's checkpoints hold no class names")
    if os.path.exists(args.out) and os.path.exists(args.source) and os.path.samefile(args.out, args.source):
        raise InputError(f'--out {args.out}: must be the name of a new file')


def main() -> None:
    args = parse_args()
    check_args(args)
    from kss_mm.apis.config import load_config  # torch, only after the arguments are read
    from kss_mm.apis.convert_checkpoint import to_ours, to_released
    from kss_mm.graph.label_files import read_classes_file

    check_target(args.out)
    cfg = load_config(args.config, args.cfg_options) if args.config is not None else None
    if args.to == 'released':
        conversion = to_released(args.source, cfg)
    else:
        conversion = to_ours(args.source, cfg, read_classes_file(args.classes) if args.classes is not None else None)
    print(conversion.report())
    print(conversion.save(args.out))


if __name__ == '__main__':
    run_tool(main)
