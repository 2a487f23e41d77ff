"""The choice of tests: by default none that are marked slow or fuzz, and the last line says how many were left out.

``-m`` chooses otherwise (``-m ''`` is all but the fuzz tests, which take an hour). A test whose node id was given runs
whatever it is marked.
"""

from pathlib import Path

import pytest

DEFAULT = 'not slow'  # as in pyproject.toml, so that an empty -m of the user differs from none
LEFT_OUT = pytest.StashKey[dict[str, int]]()
HOW = {'slow': '-m slow runs them, tools/run_tests.sh --all these and the quick ones',
       'fuzz': '-m fuzz runs them, for an hour'}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    expression = config.option.markexpr
    out = [] if 'fuzz' in expression else ['fuzz']
    if expression == DEFAULT:
        out.append('slow')
        config.option.markexpr = ''  # done here, since pytest would leave out those that were named, too
    marks = {item: next((mark for mark in out if item.get_closest_marker(mark)), None) for item in items}
    left_out = {item: None for item in items if marks[item] and not _named(item, config)}  # in order
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = {mark: sum(marks[item] == mark for item in left_out) for mark in out}


def _named(item, config) -> bool:
    for argument in config.args:
        path, _, name = argument.partition('::')
        own = item.nodeid.partition('::')[2]
        if name and (own == name or own.startswith((f'{name}[', f'{name}::'))):
            if Path(config.invocation_params.dir, path).resolve() == item.path.resolve():
                return True
    return False


def pytest_sessionfinish(session):
    if hasattr(session.config, 'workeroutput'):  # of a process of xdist, which ends in the hook below
        session.config.workeroutput['left_out'] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[LEFT_OUT] = getattr(node, 'workeroutput', {}).get('left_out', {})


def pytest_terminal_summary(terminalreporter, config):
    for mark, count in config.stash.get(LEFT_OUT, {}).items():
        if count:
            terminalreporter.write_line(f'Left out: {count} tests marked {mark}; {HOW[mark]}.')
