"""One training of a plan, in a process of its own, and its figure out of the log that it leaves."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kss_mm.apis.ablation.plan import Options
from kss_mm.errors import InputError

logger = logging.getLogger(__name__)
# What tools/train.py is called with, written when it ended well; a run without it is not finished.
FINISHED = 'finished.json'


@dataclass(frozen=True)
class Run:
    """One training: config, changes, seed, and the folder that keeps its logs."""

    config: str
    options: Options
    seed: int
    folder: Path

    def arguments(self) -> list[str]:
        """Of tools/train.py."""
        options = [f'{key}={_as_text(value)}' for key, value in self.options.items()]
        return [self.config, '--work-dir', str(self.folder), '--seed', str(self.seed),
                *(['--cfg-options', *options] if options else [])]

    def finished(self) -> bool:
        """Whether it is done.

        Raises:
            InputError: the folder holds a run with other arguments.
        """
        path = self.folder / FINISHED
        if not path.is_file():
            return False
        before = json.loads(path.read_text(encoding='utf-8'))
        if before != self.arguments():
            raise InputError(f'{self.folder}: holds a run with other arguments ({" ".join(before)}); remove it, or '
                             'choose another --work-dir')
        return True

    def execute(self, train: Path, threads: int) -> bool:
        """Train, or go on from the newest checkpoint; returns whether it ended well. Output goes to train.log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        resume = ['--resume'] if (self.folder / 'last_checkpoint').is_file() else []
        with open(self.folder / 'train.log', 'a', encoding='utf-8') as log:
            code = subprocess.run([sys.executable, str(train), *self.arguments(), *resume], stdout=log,
                                  stderr=subprocess.STDOUT, env={**os.environ, 'OMP_NUM_THREADS': str(threads)},
                                  check=False).returncode
        if code:
            logger.warning('%s: ended with status %d, see train.log there', self.folder, code)
            return False
        (self.folder / FINISHED).write_text(json.dumps(self.arguments()), encoding='utf-8')
        return True

    def figure(self, metric: str) -> float | None:
        """The last value of ``metric`` in the logs of a finished run; None if the run failed.

        Raises:
            InputError: the logs never name the metric.
        """
        if not self.finished():
            return None
        found = {}
        for path in sorted(self.folder.glob('*/vis_data/scalars.json')):  # one a start; their names are times
            for line in path.read_text(encoding='utf-8').splitlines():
                found |= json.loads(line)
        if metric not in found:
            raise InputError(f'{self.folder}: its logs have no {metric}; they have '
                             f'{", ".join(key for key in found if "/" in key) or "no metric"}')
        return float(found[metric])


def _as_text(value) -> str:
    """A value as --cfg-options reads it: lists without blanks."""
    if isinstance(value, list | tuple):
        return f'[{",".join(map(_as_text, value))}]'
    return str(value)
