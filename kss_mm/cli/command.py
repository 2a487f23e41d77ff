"""The console command ``kss-mm``: its sub-commands are the tools."""

import ast
import difflib
import re
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from kss_mm import cli
from kss_mm._version import __version__
from kss_mm.cli import COMMAND, command_name
from kss_mm.cli.run_tool import run_tool
from kss_mm.errors import InputError, shown
from kss_mm.package_files import package_folder

_ALIASES = {'publish': 'publish-model'}
_CONFIGS = 'configs'
_HELP = f"""usage: {COMMAND} [--version] [--help] COMMAND ...

Label graphs and label-graph superimposing (KSSNet) for MMAction2 and MMPretrain.

commands ({COMMAND} COMMAND --help tells more):
{{commands}}

A config is a file, or the name of one that comes with the package: {COMMAND} train kssnet_i3d_toy"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sub-command that the arguments name.

    Args:
        arguments: Those of the command line by default.
    """
    run_tool(lambda: _command(list(sys.argv[1:] if arguments is None else arguments)))


def _command(arguments: list[str]) -> None:
    name, *rest = arguments or ['--help']
    tools = {path.stem.replace('_', '-'): path for path in sorted(package_folder('tools').glob('*.py'))}
    wanted = name.replace('_', '-')
    wanted = _ALIASES.get(wanted, wanted)
    if name in ('-h', '--help'):
        lines = {**{tool: tool_line(path) for tool, path in tools.items()},
                 _CONFIGS: 'List the configs that come with the package.'}
        print(_HELP.format(commands='\n'.join(_rows(dict(sorted(lines.items())), indent='  '))))
    elif name == '--version':
        print(f'{COMMAND} {__version__}')
    elif wanted == _CONFIGS:
        print('\n'.join(config_lines()))
    elif wanted in tools:
        cli.running = command_name(wanted)
        sys.argv = [cli.running, *rest]
        runpy.run_path(str(tools[wanted]), run_name='__main__')
    else:
        near = difflib.get_close_matches(wanted, [*tools, *_ALIASES, _CONFIGS])
        hint = f'did you mean {" or ".join(near)}? ' if near else ''
        raise InputError(f'{COMMAND} {shown(name)}: no such command; {hint}{COMMAND} --help lists them')


def tool_line(path: Path) -> str:
    """The first line of a tool's docstring."""
    return ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))).partition('\n')[0]


def config_lines() -> list[str]:
    """Name and first sentence of every config that is complete in itself."""
    folder = package_folder(_CONFIGS)
    found = sorted(folder.rglob('*.py'), key=lambda path: (len(path.parts), path))  # ablations last
    names = {path: path.relative_to(folder).with_suffix('').as_posix() for path in found}
    return _rows({name: _first_sentence(path) for path, name in names.items() if not name.startswith('_base_/')})


def _first_sentence(path: Path) -> str:
    """Of the comment that a config begins with."""
    comment = []
    for line in path.read_text(encoding='utf-8').splitlines():
        if not line.startswith('#'):
            break
        comment.append(line.removeprefix('#').strip())
    return re.split(r'(?<=\.)\s(?=[A-Z])', ' '.join(comment), maxsplit=1)[0]


def _rows(texts: dict[str, str], indent: str = '') -> list[str]:
    width = max(map(len, texts), default=0)
    return [f'{indent}{name:<{width}}  {text}' for name, text in texts.items()]
