"""Processes that have the hosts loaded already: a training of seconds then starts at once."""

import multiprocessing.forkserver
import os
from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def context():
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['tiny_run'])
    with pytest.MonkeyPatch.context() as patch:
        here = Path(__file__).parent
        patch.setenv('PYTHONPATH', os.pathsep.join([str(here.parents[1]), str(here)]))
        multiprocessing.forkserver.ensure_running()
    return context
