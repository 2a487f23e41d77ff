"""Train any config of this project, of MMAction2 or of MMPretrain.

    python tools/train.py configs/kssnet_i3d_charades.py
    torchrun --nproc-per-node 4 tools/train.py configs/kssnet_i3d_charades.py --launcher pytorch
"""

import argparse

import kss_mm
from kss_mm.cli.arguments import add_run_arguments, tool_parser
from kss_mm.cli.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('config', help='config file')
    add_run_arguments(parser)
    parser.add_argument('--resume', nargs='?', const='auto', metavar='CHECKPOINT',
                        help='go on from a checkpoint; without a name, from the newest in the work folder')
    parser.add_argument('--amp', action='store_true',
                        help='mixed precision: float16 with loss scaling on a GPU, bfloat16 on a CPU')
    parser.add_argument('--no-validate', action='store_true', help='do not evaluate while training')
    parser.add_argument('--auto-scale-lr', action='store_true',
                        help='scale the learning rate by the batch size over auto_scale_lr.base_batch_size')
    parser.add_argument('--seed', type=int, help="random seed (default: the config's)")
    parser.add_argument('--diff-rank-seed', action='store_true', help='another seed in each process')
    parser.add_argument('--deterministic', action='store_true', help='only deterministic algorithms of cuDNN')
    parser.add_argument('--tensorboard', action='store_true',
                        help='write the figures for TensorBoard as well: tensorboard --logdir WORK_DIR')
    parser.add_argument('--show-predictions', type=int, default=0, metavar='N',
                        help='draw N samples of every validation into WORK_DIR/predictions, and for TensorBoard')
    parser.add_argument('--progress', action=argparse.BooleanOptionalAction,
                        help='a progress bar and a line an epoch instead of the log, which goes to its file alone '
                             '(default: on a terminal)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    kss_mm.train(args.config, work_dir=args.work_dir, resume=args.resume, amp=args.amp, validate=not args.no_validate,
                 auto_scale_lr=args.auto_scale_lr, seed=args.seed, diff_rank_seed=args.diff_rank_seed,
                 deterministic=args.deterministic, tensorboard=args.tensorboard,
                 show_predictions=args.show_predictions, progress=args.progress, launcher=args.launcher,
                 options=args.cfg_options)


if __name__ == '__main__':
    run_tool(main)
