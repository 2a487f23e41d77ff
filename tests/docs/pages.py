"""The pages that users read, and the blocks of code in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted((ROOT / 'docs').glob('*.md'))]
# Generated or included: the same text stands in a page of the list.
PAGES = [page for page in PAGES if page.name not in ('contributing.md', 'changes.md')]
NOT_RUN = '# not run: '


class Block(NamedTuple):
    language: str
    line: int
    code: str


def blocks(page: Path, language: str) -> Iterator[Block]:
    """The fenced blocks of one language, each with the line at which its code begins."""
    text = page.read_text()
    for found in re.finditer(r'^```(\w*)\n(.*?)^```$', text, re.MULTILINE | re.DOTALL):
        if found[1] == language:
            yield Block(found[1], text[:found.start(2)].count('\n') + 1, found[2])


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]
