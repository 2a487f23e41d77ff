"""Serve a trained model over HTTP: post a video or image, get its labels as JSON.

    python tools/serve.py published/kssnet_i3d_toy_20260101-01234567.pth
    curl -F file=@VIDEO.mp4 http://127.0.0.1:8000/predict?top=5

Needs the extra "serve": pip install 'kss-mm[serve]'.
"""

import argparse

from kss_mm.cli.arguments import add_server_arguments, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import MissingPackageError


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    add_server_arguments(parser, port=8000)
    parser.add_argument('--max-size', type=int, default=256, metavar='MIB',
                        help='largest request in MiB (default: %(default)s)')
    parser.add_argument('--timeout', type=float, default=60, metavar='S',
                        help='longest time of a request in seconds (default: %(default)s)')
    parser.add_argument('--max-requests', type=int, default=16, metavar='N',
                        help='requests worked on at once; further ones get status 503 (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        import python_multipart  # noqa: F401
        import uvicorn

        from kss_mm.serving.app import create_app
        from kss_mm.serving.limits import Limits
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"the server is an optional extra ({error}): pip install 'kss-mm[serve]' or "
                                  'pip install fastapi uvicorn python-multipart') from error
    limits = Limits(args.max_size, args.timeout, args.max_requests)
    import kss_mm

    predictor = kss_mm.load(args.model, args.checkpoint, args.device, workers=0, threshold=args.threshold)
    print(f'{predictor}\ncurl -F file=@FILE http://{args.host}:{args.port}/predict', flush=True)
    uvicorn.run(create_app(predictor, limits), host=args.host, port=args.port)


if __name__ == '__main__':
    run_tool(main)
