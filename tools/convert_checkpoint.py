"""Turn a checkpoint of KSSNet's or ML-GCN's released code, or published Inception-I3D weights, into ours; or ours back.

    python tools/convert_checkpoint.py model_best.pth.tar configs/kssnet_i3d_charades_released.py -o ours.pth
    python tools/convert_checkpoint.py coco_checkpoint.pth.tar configs/mlgcn_r101_coco_released.py -o ours.pth
    python tools/convert_checkpoint.py rgb_charades.pt configs/i3d_charades.py --classes names.txt -o i3d.pth
    python tools/convert_checkpoint.py ours.pth --to released -o theirs.pth.tar

Every entry that finds no place is named.
"""

import argparse

from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool


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


def main() -> None:
    args = parse_args()
    from kss_mm.apis.convert_checkpoint import convert  # torch, only after the arguments are read

    conversion = convert(args.source, args.config, args.out, to=args.to, classes=args.classes,
                         options=args.cfg_options)
    print(conversion.report())
    print(conversion.save(args.out))


if __name__ == '__main__':
    run_tool(main)
