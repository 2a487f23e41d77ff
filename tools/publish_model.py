"""Make a checkpoint of tools/train.py a file for others: weights, config and label graph in one, and nothing else.

    python tools/publish_model.py work_dirs/kssnet_i3d_toy/epoch_12.pth published/
    python tools/predict.py published/kssnet_i3d_toy_20260101-01234567.pth VIDEO.mp4
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import file_name, one_checkpoint, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('checkpoint', nargs='+', metavar='CHECKPOINT',
                        help='checkpoint of a run; its EMA weights, if it had any')
    parser.add_argument('out', type=file_name, metavar='OUT',
                        help='folder, or folder/NAME; to the name of the config, or to NAME, _DATE-HASH.pth is added')
    parser.add_argument('--date', metavar='YYYYMMDD', help='date in the name (default: today)')
    parser.add_argument('--config', metavar='FILE', help='config, where the checkpoint has none or another')
    parser.add_argument('--graph', metavar='FILE.npz', help='label graph, where it is not where the config says')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    published = kss_mm.publish(one_checkpoint(args.checkpoint), args.out, config=args.config, graph=args.graph,
                               date=args.date)
    for old, new in published.renamed.items():
        print(f'in the config, {old} becomes {new}')
    print(published.path)


if __name__ == '__main__':
    run_tool(main)
