"""What the console shows of a training: a bar for people, lines in files, nothing of other processes."""

import io
import logging
from contextlib import redirect_stdout

import dots_run
import pytest
from dots_run import lines

from kss_mm.apis.shown_in_training import someone_looks_on
from kss_mm.engine import progress_hook


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Trains at a terminal; the log, and what the terminal got from the training itself."""
    def call(cfg=None, **options):
        monkeypatch.setenv('TERM', 'xterm-256color')
        with redirect_stdout(Terminal()) as terminal:
            try:
                log = dots_run.run(tmp_path, cfg, **options)
            except RuntimeError as error:
                log = str(error)
        return log, terminal.getvalue()
    return call


def test_without_a_terminal_only_lines(tmp_path, capsys):
    log = dots_run.run(tmp_path, progress=True)
    first, *shown = [line for line in capsys.readouterr().out.splitlines() if 'WARNING' not in line]
    assert first.startswith(f'log: {tmp_path}') and shown == lines(log) and '\x1b' not in ''.join(shown)
    assert 'Epoch(train) [3][3/3]' in log and 'Saving checkpoint at 3 epochs' in log


def test_on_a_terminal_a_bar_by_default(run):
    log, shown = run()
    for line in lines(log):
        assert shown.count(line) == 1
    assert '━' in shown and 'epoch 2/3' in shown and 'validation' in shown and 'Epoch(train)' not in shown
    assert shown.endswith('\x1b[2K') or shown.rstrip().endswith('\x1b[?25h')  # the bar is gone, the cursor there


def test_the_log_as_it_is_where_asked_for(run):
    log, shown = run(progress=False)
    assert 'Epoch(train) [3][3/3]' in shown and '━' not in shown
    assert len(lines(log)) == 3


def test_warnings_are_shown_and_the_log_gets_its_console_back(run, monkeypatch):
    from mmengine.logging import MMLogger
    from mmengine.runner import Runner

    def broken(*_, **__):
        logger = MMLogger.get_current_instance()
        logger.warning('a warning')
        logger.info('a detail')
        raise RuntimeError('stopped')

    monkeypatch.setattr(Runner, 'save_checkpoint', broken)
    message, shown = run()
    shown = shown.partition('log: ')[2]
    assert message == 'stopped'
    assert 'a warning' in shown and 'a detail' not in shown
    assert '\x1b[?25h' in shown  # the cursor
    assert logging.StreamHandler in [type(handler) for handler in MMLogger.get_current_instance().handlers]


def test_iterations(run):
    _, shown = run(dots_run.config(train_cfg=dict(type='IterBasedTrainLoop', max_iters=6, val_interval=3)))
    assert '6/6' in shown


def test_other_processes_show_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress_hook, 'is_main_process', lambda: False)
    dots_run.run(tmp_path, progress=True)
    assert 'log: ' not in capsys.readouterr().out


def test_a_notebook_gets_lines(tmp_path):
    assert not someone_looks_on()  # pytest's output is caught
    with redirect_stdout(type('OutStream', (Terminal,), dict(__module__='ipykernel.iostream'))()) as cell:
        assert someone_looks_on()
        log = dots_run.run(tmp_path)
    first, *shown = cell.getvalue().splitlines()
    assert first.startswith('log: ') and shown == lines(log)
