"""One training of a plan, in a process of its own, and its figure out of the log that it leaves."""

import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kss_mm.analysis.ablation.options import Options, as_text
from kss_mm.analysis.ablation.processes import Processes
from kss_mm.errors import InputError
from kss_mm.files import write_whole

logger = logging.getLogger(__name__)
# What the folder's run is, and whether it ended well.
RECORD = 'run.json'


@dataclass(frozen=True)
class Run:
    """One training: config, changes, seed, and the folder that keeps its logs."""

    config: str
    options: Options
    seed: int
    folder: Path

    def finished(self) -> bool:
        """Return True if it is done.

        Raises:
            InputError: The folder holds another run, finished or not.
        """
        try:
            before = json.loads((self.folder / RECORD).read_text(encoding='utf-8'))
            was, finished = _facts(before), before['finished']
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):  # none, or unreadable
            return False
        now = _facts(self._record())
        if differences := [f'{key} was {was.get(key, "unset")}, is {now.get(key, "unset")}'
                           for key in {**was, **now} if was.get(key) != now.get(key)]:
            raise InputError(f'{self.folder}: holds another run ({"; ".join(differences)}); remove it, or choose '
                             'another --work-dir')
        return finished

    def execute(self, train: Path, threads: int, processes: Processes) -> bool:
        """Train, or go on from the newest checkpoint; returns whether it ended well. Output goes to train.log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_record(finished=False)
        options = [f'{key}={text}' for key, text in self._record()['options'].items()]
        with open(self.folder / 'train.log', 'a', encoding='utf-8') as log:
            code = processes.run([sys.executable, str(train), self.config, '--work-dir', str(self.folder),
                                  '--seed', str(self.seed), '--resume',
                                  *(['--cfg-options', *options] if options else [])],
                                 log, {**os.environ, 'OMP_NUM_THREADS': str(threads)})
        if code:
            logger.warning('%s: ended with status %d, see train.log there', self.folder, code)
            return False
        self._write_record(finished=True)
        return True

    def figures(self, metrics: Sequence[str]) -> dict[str, float] | None:
        """The last value of each metric in the logs of a finished run; None if the run failed.

        Raises:
            InputError: The logs never name one of the metrics.
        """
        if not self.finished():
            return None
        found = {}
        for path in sorted(self.folder.glob('*/vis_data/scalars.json')):  # one a start; their names are times
            for line in path.read_text(encoding='utf-8', errors='replace').splitlines():
                found |= _scalars(line)
        if missing := [metric for metric in metrics if metric not in found]:
            raise InputError(f'{self.folder}: its logs have no {missing[0]}; they have '
                             f'{", ".join(key for key in found if "/" in key) or "no metric"}')
        return {metric: float(found[metric]) for metric in metrics}

    def _record(self) -> dict:
        return dict(config=self.config, seed=self.seed,
                    options={key: as_text(value) for key, value in self.options.items()})

    def _write_record(self, *, finished: bool) -> None:
        write_whole(json.dumps({**self._record(), 'finished': finished}, indent=1).encode(), self.folder / RECORD)


def _facts(record: dict) -> dict:
    """The facts that make two runs different ones, name by name."""
    return {'config': record['config'], 'seed': record['seed'],
            **{f'option {key}': text for key, text in record['options'].items()}}


def _scalars(line: str) -> dict:
    """A line of a log; nothing if a kill or a full disk left only a part of it."""
    try:
        content = json.loads(line)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
