"""Give a trained KSSNet its deployed form: no label graph, a linear classifier, everything folded that can be.

    python tools/deploy.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth deployed.pth
    python tools/predict.py deployed.pth VIDEO.mp4

The result has its config inside. It cannot be trained.
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG', help='config file, or a published checkpoint, config inside')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', nargs='?', help='checkpoint (default: the published one)')
    parser.add_argument('out', metavar='OUT.pth', help='checkpoint to write')
    parser.add_argument('--dtype', choices=('float32', 'bfloat16', 'float16'), default='float32',
                        help='precision of the backbone; pooling and classifier keep float32 (default: %(default)s)')
    parser.add_argument('--shape', type=int, nargs='+', metavar='N',
                        help='C T H W of a clip or C H W of an image, on which both forms are compared (default: '
                             'what the test pipeline makes)')
    parser.add_argument('--input-shape', type=int, nargs='+', metavar='N',
                        help='shape of an input that the backbone takes, batch first, where small ones do not run')
    add_cfg_options(parser, 'override parts of CONFIG')
    return parser.parse_intermixed_args()


def main() -> None:
    args = parse_args()
    deployed = kss_mm.deploy(args.config, args.checkpoint, args.out, options=args.cfg_options, dtype=args.dtype,
                             input_shape=args.input_shape, shape=args.shape)
    (before, after), (norms, laterals) = deployed.parameters, deployed.left
    print(f'{deployed.path}: {after:,} parameters instead of {before:,}\n'
          f'batch normalisations left: {norms}, lateral connections left: {laterals}\n'
          f'logits of a random input differ by at most {deployed.difference:.1e} of the largest')


if __name__ == '__main__':
    run_tool(main)
