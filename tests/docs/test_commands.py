"""The commands of README and docs name tools, options, configs and files that are there."""

import re
import shlex

import pytest
from pages import PAGES, ROOT, blocks

TOOLS = {path.stem.replace('_', '-'): path for path in (ROOT / 'tools').glob('*.py')}
ALIASES = {'publish': 'publish-model'}
# Sub-commands of kss-mm that are not tools.
OWN = {'configs'}


def commands() -> list[tuple[str, str, tuple[str, ...]]]:
    """(place, tool, arguments) of every command in a shell block that runs a Python tool."""
    found = []
    for page in PAGES:
        for block in blocks(page, 'bash'):
            for line in re.sub(r'\\\n', ' ', block.code).splitlines():
                words = shlex.split(line, comments=True)
                place = f'{page.relative_to(ROOT)}:{block.line}'
                if words[:1] == ['kss-mm'] and words[1] not in OWN and not words[1].startswith('-'):
                    found.append((place, ALIASES.get(words[1], words[1]), tuple(words[2:])))
                for i, word in enumerate(words):
                    if re.fullmatch(r'tools/\w+\.py', word):
                        found.append((place, word[6:-3].replace('_', '-'), tuple(words[i + 1:])))
    return found


COMMANDS = commands()


@pytest.fixture
def options(tool):
    """The options that a tool's help names, by tool; each help is printed once."""
    seen = {}

    def of(name: str) -> set[str]:
        if name not in seen:
            status, text = tool(TOOLS[name].name, '--help')
            assert status == 0
            seen[name] = set(re.findall(r'(?<![\w-])--?[a-z][a-z-]*', text))
        return seen[name]
    return of


def test_commands_are_found():
    assert {name for _, name, _ in COMMANDS} >= {'train', 'test', 'predict', 'build-label-graph', 'publish-model'}


@pytest.mark.parametrize('name', sorted({name for _, name, _ in COMMANDS}))
def test_documented_options_exist(name, options):
    assert name in TOOLS, f'{name}: not a tool, at {[place for place, tool, _ in COMMANDS if tool == name]}'
    for place, _, arguments in (command for command in COMMANDS if command[1] == name):
        for word in arguments:
            if re.match(r'--?[a-z]', word):
                assert word in options(name), f'{place}: {name} has no {word}'


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_named_files_of_the_repository_exist(page):
    named = re.findall(r'(?<![\w/])(?:configs|tools|kss_mm|tests)/[\w/]+\.(?:py|sh|txt|yaml|json)', page.read_text())
    assert [word for word in named if not (ROOT / word).is_file()] == []


def test_named_configs_exist():
    named = {word for page in PAGES for word in re.findall(r'kss-mm \w+ (\w+_toy|\w+_charades|\w+_coco)\b',
                                                           page.read_text())}
    assert named and all((ROOT / 'configs' / f'{name}.py').is_file() for name in named)


def test_every_tool_and_config_is_documented():
    text = (ROOT / 'docs/configs_and_tools.md').read_text()
    parts = [f'tools/{path.name}' for path in TOOLS.values()] + [path.name for path in (ROOT / 'configs').glob('*.py')]
    assert [part for part in parts if part not in text] == []
