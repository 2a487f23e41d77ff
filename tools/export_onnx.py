"""Write a trained or deployed KSSNet as ONNX, any number of clips or images at a time, and check it in onnxruntime.

    python tools/export_onnx.py configs/kssnet_i3d_toy.py work_dirs/kssnet_i3d_toy/epoch_12.pth kssnet.onnx
    python tools/export_onnx.py deployed.pth kssnet.onnx

Its input are pixels 0..255, its outputs logits and probabilities; its metadata names the classes.
"""

import argparse

from kss_mm.cli.arguments import add_cfg_options
from kss_mm.cli.run_tool import run_tool
from kss_mm.apis.config import checkpoint_of
from kss_mm.errors import InputError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', metavar='CONFIG', help='config file, or a checkpoint with its config inside')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', nargs='?', help='checkpoint (default: the one before)')
    parser.add_argument('out', metavar='OUT.onnx', help='file to write')
    parser.add_argument('--shape', type=int, nargs='+', metavar='N',
                        help='C T H W of a clip or C H W of an image (default: what the test pipeline makes)')
    add_cfg_options(parser, 'override parts of CONFIG')
    return parser.parse_intermixed_args()


def main() -> None:
    args = parse_args()
    if not args.out.endswith('.onnx'):
        raise InputError(f'{args.out}: must be the name of a file that ends in .onnx')
    checkpoint = checkpoint_of(args.config, args.checkpoint)
    from kss_mm.apis.export import export_onnx  # torch, only after the arguments are read

    exported = export_onnx(args.config, checkpoint, args.out, options=args.cfg_options,
                           shape=args.shape)
    print(f'{exported.path}: input N x {" x ".join(map(str, exported.shape))}; logits in onnxruntime differ by at most '
          f'{exported.difference:.1e} of the largest')


if __name__ == '__main__':
    run_tool(main)
