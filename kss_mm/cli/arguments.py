"""Parsers of the tools and the arguments that several of them share."""

import argparse
import os

from kss_mm import cli
from kss_mm.apis.cfg_options import parse_options
from kss_mm.errors import InputError, shown

_PORTS = 65_535


def tool_parser(description: str) -> argparse.ArgumentParser:
    """The parser of a tool, whose docstring is its help; run by the console command, its examples say so.

    Args:
        description: Docstring of the tool, shown as it is.
    """
    return argparse.ArgumentParser(prog=cli.running, description=cli.as_commands(description),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)


def file_name(text: str) -> str:
    """The ``type`` of an argument that names a file or folder: an empty one would mean the folder of the moment."""
    if not text:
        raise argparse.ArgumentTypeError('the name is empty')
    return text


def one_checkpoint(names: list[str]) -> str:
    """The only one of the checkpoints that a pattern such as ``best_*.pth`` gave.

    Raises:
        InputError: For several, naming the newest.
    """
    if len(names) > 1:
        newest = max(names, key=lambda path: os.path.getmtime(path) if os.path.exists(path) else 0)
        raise InputError(f'{" and ".join(names[:3])} are {len(names)} checkpoints, and one is published: name it; the '
                         f'newest is {newest}')
    return names[0]


def add_server_arguments(parser: argparse.ArgumentParser, port: int) -> None:
    """Give a parser what all tools share that show a model to browsers or programs: which model, and where."""
    parser.add_argument('model', help='a published or deployed file, or a config')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint of the config (default: the published one)')
    parser.add_argument('--host', default='127.0.0.1',
                        help='address to listen on; 0.0.0.0 for all of the machine (default: %(default)s, which other '
                             'machines do not reach)')
    parser.add_argument('--port', type=_port, default=port, help='(default: %(default)s)')
    parser.add_argument('--threshold', type=float,
                        help="probability from which every label is predicted (default: the model's own)")
    parser.add_argument('--device', help='cpu or cuda:0 (default: a GPU where there is one)')


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _PORTS:
        raise argparse.ArgumentTypeError(f'must be a whole number in 1..{_PORTS}, got {shown(text)}')
    return int(text)


def add_cfg_options(parser: argparse._ActionsContainer, help: str = 'override parts of the config') -> None:
    """Give a parser ``--cfg-options``, whose result is a dict; given several times, each adds to those before."""
    parser.add_argument('--cfg-options', nargs='+', action=_Options, default={}, metavar='KEY=VALUE', help=help)


class _Options(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        before = getattr(namespace, self.dest) or {}
        setattr(namespace, self.dest, {**before, **parse_options(values, option_string)})


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options that training and testing share, named as in MMAction2's tools."""
    parser.add_argument('--work-dir', type=file_name,
                        help='folder of logs and results (default: work_dirs/CONFIG_NAME)')
    add_cfg_options(parser, 'override parts of the config, such as train_dataloader.batch_size=8; a list reads '
                            'KEY="[a,b]" or KEY=a,b, without blanks')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none',
                        help='how the processes of a distributed run were started (default: none)')
    # torch.distributed.launch passes the rank as an argument, torchrun in the environment, where MMEngine looks.
    parser.add_argument('--local_rank', '--local-rank', type=int, action=_LocalRank, help=argparse.SUPPRESS)


class _LocalRank(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        os.environ.setdefault('LOCAL_RANK', str(values))
