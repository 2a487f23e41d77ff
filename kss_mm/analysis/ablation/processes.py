"""The trainings under way, so that whoever interrupts the table ends them too."""

import subprocess
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TextIO


class Processes:
    """Starts processes from any thread, until it is stopped."""

    def __init__(self):
        self._lock = Lock()
        self._running: set[subprocess.Popen] = set()
        self._stopped = False

    def run(self, command: Sequence[str], output: TextIO, env: Mapping[str, str]) -> int:
        """The status that the command ends with; 1 without a start, once stopped."""
        with self._lock:  # none may start unseen while :meth:`stop` goes through them
            if self._stopped:
                return 1
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env)
            self._running.add(process)
        try:
            return process.wait()
        finally:
            with self._lock:
                self._running.discard(process)

    def stop(self) -> None:
        """End what runs, and start nothing more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()
