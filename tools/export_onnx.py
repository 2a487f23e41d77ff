"""Write a trained or deployed KSSNet as ONNX, any number of clips or images at a time, and check it in onnxruntime.

    python tools/export_onnx.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth kssnet.onnx
    python tools/export_onnx.py deployed.pth kssnet.onnx

Its input are pixels 0..255, its outputs logits and probabilities; its metadata names the classes, and how files are
read: kss_mm.load and tools/predict.py take it, without torch.
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import add_cfg_options, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG', help='config file, or a checkpoint with its config inside')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', nargs='?', help='checkpoint (default: the one before)')
    parser.add_argument('out', metavar='OUT.onnx', help='file to write')
    parser.add_argument('--shape', type=int, nargs='+', metavar='N',
                        help='C T H W of a clip or C H W of an image (default: what the test pipeline makes)')
    add_cfg_options(parser, 'override parts of CONFIG')
    return parser.parse_intermixed_args()


def main() -> None:
    args = parse_args()
    exported = kss_mm.export_onnx(args.config, args.checkpoint, args.out, options=args.cfg_options, shape=args.shape)
    print(f'{exported.path}: input N x {" x ".join(map(str, exported.shape))}; logits in onnxruntime differ by at most '
          f'{exported.difference:.1e} of the largest')
    if exported.undescribed:
        print(f'kss_mm.load does not take it: {exported.undescribed}')


if __name__ == '__main__':
    run_tool(main)
