"""The order of the rooms, read from every import, also those inside functions."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

#: From what needs nothing to what needs all: a room imports from rooms before it, those of its own line included.
ORDER = (
    ('_version', 'errors', 'files', 'json_files', 'package_files', 'sample_ids', 'text_files', 'xml_files', 'numeric',
     'lazy'),
    ('hosts',), ('registry',), ('graph',), ('timeline',), ('evaluation', 'checkpoints', 'datasets'), ('models',),
    ('engine', 'visualization'), ('apis',), ('explain',), ('inference',),
    ('drawing', 'serving', 'starter', 'analysis', 'reporting'), ('demo_page',), ('cli', '__main__'),
    ('tools',))
LEVELS = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
PACKAGE = 'kss_mm'
HOSTS = {'mmaction', 'mmpretrain'}
LONGEST = 250
FILES = sorted(file for folder in (PACKAGE, 'tools') for file in (ROOT / folder).rglob('*.py')
               if not any(part.startswith('.') for part in file.relative_to(ROOT).parts))


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


MODULES = {module_of(file): file for file in FILES}


@functools.cache
def imports(file: Path) -> frozenset[str]:
    """Modules that a file imports, at once or later."""
    return frozenset(name for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))) for name in names(node))


def packages(file: Path) -> set[str]:
    return {name.partition('.')[0] for name in imports(file)}


def names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, 'imports are absolute'
        for alias in node.names:
            # `from package import module` names a file, any other name stands in the file that it is taken from.
            inner = f'{node.module}.{alias.name}'
            yield inner if inner in MODULES else node.module


def room_of(module: str) -> str:
    return next((part for part in module.split('.') if part != PACKAGE), '')


def test_imports_follow_the_order_of_the_rooms():
    wrong = []
    for module, file in MODULES.items():
        if module == PACKAGE:  # through which everything is reached: it opens the rooms by their names only
            continue
        room = room_of(module)
        assert room in LEVELS, f'{room}: which rooms may it import from? Give it a place in ORDER'
        wrong += [f'{module} imports {name}' for name in imports(file)
                  if LEVELS.get(room_of(name), 0) > LEVELS[room] and name.partition('.')[0] in (PACKAGE, 'tools')]
    assert not wrong


def test_no_file_needs_itself():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, ' -> '.join((*path[path.index(module):], module))
        if module in done:
            return
        for name in imports(MODULES[module]):
            if name in MODULES and name != PACKAGE:
                visit(name, (*path, module))
        done.add(module)

    for module in MODULES:
        visit(module, ())


def test_a_file_holds_one_idea():
    lines = {module: file.read_text(encoding='utf-8').count('\n') for module, file in MODULES.items()}
    assert not {module: count for module, count in lines.items() if count > LONGEST}


def test_one_broken_host_does_not_take_the_other_with_it():
    assert not [module for module, file in MODULES.items() if HOSTS <= packages(file)]


def test_what_needs_neither_torch_nor_a_host():
    plain = [module for module in MODULES if LEVELS.get(room_of(module)) == 0 or room_of(module) == 'graph']
    assert len(plain) > 10
    assert not [module for module in plain if packages(MODULES[module]) & {'torch', 'mmengine', 'mmcv', *HOSTS}]
    assert not packages(MODULES[PACKAGE]) & {'torch', 'numpy', 'mmengine', 'mmcv', *HOSTS}


# kss_mm.files writes for all; file_client and uploads make temporary files for a decoder.
WRITES = re.compile(r"\.write_(text|bytes)\(|os\.(replace|rename)\(|open\([^)]*, '[wx]b?'|torch\.save\(\w+, (?!buffer)")
WRITERS = {'kss_mm.files', 'kss_mm.datasets.media.file_client', 'kss_mm.serving.uploads'}


def test_files_that_stay_are_written_whole():
    found = {module for module, file in MODULES.items()
             for line in file.read_text(encoding='utf-8').splitlines()
             if not line.lstrip().startswith(('>>>', '...')) and WRITES.search(line)}
    assert found == WRITERS
