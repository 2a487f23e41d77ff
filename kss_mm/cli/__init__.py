"""The command line: what every tool does around its work, and ``kss-mm``, whose sub-commands are the tools."""

#: How the console command calls itself; a tool that it runs is called ``kss-mm NAME``.
COMMAND = 'kss-mm'
#: Name of the tool that the console command runs in this process; None where a tool's file was started.
running: str | None = None


def command_name(tool: str) -> str:
    """The console command that runs a tool, from the name of its file without ``.py``."""
    return f'{COMMAND} {tool.replace("_", "-")}'
