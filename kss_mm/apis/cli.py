"""What every command-line tool does around its work."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable

from kss_mm.errors import InputError, UserError, one_line

# Before torch loads OpenMP: threads that wait by spinning slow each other down badly, up to twenty times on a shared
# machine, once DataLoader workers or other programs want the same cores. Nothing changes for work on a GPU.
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
# Before torch loads its profiler, which would tell of its every start and stop.
os.environ.setdefault('KINETO_LOG_LEVEL', '99')
# mmcv-lite has no compiled operators, and says so of one that nothing here uses.
warnings.filterwarnings('ignore', message='Fail to import ``MultiScaleDeformableAttention``')

# Exit status of an error that the user can mend, as argparse uses it for wrong arguments.
USER_ERROR = 2


def run_tool(main: Callable[[], None]) -> None:
    """Run a tool; an error that the user can mend becomes one line on stderr and exit status 2.

    Set ``KSS_MM_TRACEBACK=1`` to see the whole stack of such an error.
    """
    try:
        main()
    except UserError as error:
        if os.environ.get('KSS_MM_TRACEBACK') == '1':
            raise
        print(f'error: {error}', file=sys.stderr)
        sys.exit(USER_ERROR)
    except OSError as error:  # a place that cannot be read or written; other errors without a file keep their stack
        if error.filename is None or os.environ.get('KSS_MM_TRACEBACK') == '1':
            raise
        print(f'error: {one_line(f"{error.filename}: {error.strerror}")}; choose another place', file=sys.stderr)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        sys.exit('interrupted')


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that training and testing share, named as in MMAction2's tools."""
    from mmengine.config import DictAction

    class Options(DictAction):
        def __call__(self, parser, namespace, values, option_string=None):
            for value in values:
                if not value.partition('=')[1]:
                    raise InputError(f'{option_string} {value}: expected KEY=VALUE')
            super().__call__(parser, namespace, values, option_string)

    parser.add_argument('--work-dir', help='folder of logs and results (default: work_dirs/CONFIG_NAME)')
    parser.add_argument('--cfg-options', nargs='+', action=Options, metavar='KEY=VALUE',
                        help='override parts of the config, such as train_dataloader.batch_size=8; a list reads '
                             'KEY="[a,b]" or KEY=a,b, without blanks')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none',
                        help='how the processes of a distributed run were started (default: none)')
    # torch.distributed.launch passes the rank as an argument, torchrun in the environment, where MMEngine looks.
    parser.add_argument('--local_rank', '--local-rank', type=int, action=_LocalRank, help=argparse.SUPPRESS)


class _LocalRank(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        os.environ.setdefault('LOCAL_RANK', str(values))
