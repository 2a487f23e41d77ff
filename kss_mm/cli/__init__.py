"""The command line: what every tool does around its work, and ``kss-mm``, whose sub-commands are the tools."""

import os
import re
import sys

#: How the console command calls itself; a tool that it runs is called ``kss-mm NAME``.
COMMAND = 'kss-mm'
#: Name of the tool that the console command runs in this process; None where a tool's file was started.
running: str | None = None


def command_name(tool: str) -> str:
    """The console command that runs a tool, from the name of its file without ``.py``."""
    return f'{COMMAND} {tool.replace("_", "-")}'


def as_commands(text: str) -> str:
    """Name the tools in a text as the user started one: ``kss-mm train`` where the console command runs."""
    if not running:
        return text
    text = re.sub(r'(torchrun .*?)tools/(\w+)\.py', r'\1-m kss_mm \2', text)  # which takes a file or a module
    return re.sub(r'(?:python )?tools/(\w+)\.py', lambda tool: command_name(tool[1]), text)


def tool_command(tool: str) -> str:
    """What starts another tool, from the name of its file without ``.py``, as the running one was started."""
    return command_name(tool) if running else f'python {os.path.join(os.path.dirname(sys.argv[0]), f"{tool}.py")}'
