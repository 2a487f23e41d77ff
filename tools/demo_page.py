"""Open a page to try a trained model in a browser: drop a video or image, see labels, when they happen, and why.

    python tools/demo_page.py published/kssnet_i3d_toy_20260101-01234567.pth

Needs the extra "demo-page": pip install 'kss-mm[demo-page]'.
"""

import argparse
import signal
import threading

from kss_mm.cli.arguments import add_server_arguments, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import MissingPackageError


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    add_server_arguments(parser, port=7860)
    parser.add_argument('--max-size', type=int, default=256, metavar='MIB',
                        help='largest file in MiB (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        from kss_mm.demo_page.page import open_page
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the page is an optional extra ({error}): pip install 'kss-mm[demo-page]' or "
                                  "pip install 'gradio>=6,<7'") from error
    import kss_mm
    from kss_mm.numeric import check_integer

    check_integer('--max-size (MiB)', args.max_size, 1)
    predictor = kss_mm.load(args.model, args.checkpoint, args.device, workers=0, threshold=args.threshold)
    with open_page(predictor, host=args.host, port=args.port, mebibytes=args.max_size) as address:
        print(f'{predictor}\n{address}\nCtrl-C ends it.', flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # uploads are deleted then as well
        threading.Event().wait()


if __name__ == '__main__':
    run_tool(main)
