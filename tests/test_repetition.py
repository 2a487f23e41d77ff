"""No block of lines stands in two places of the package, the tools and the configs."""

from collections.abc import Iterable, Sequence

from conftest import ROOT

LONGEST = 8  # lines; one block of as many that stands twice is a fault

Line = tuple[int, str]


def lines_of(text: str) -> list[Line]:
    """(number, text) of the lines that count: not those without text, nor imports that are one line."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    return [(number, line) for number, line in lines if line and not line.startswith(('import ', 'from '))]


def repetitions(files: Iterable[tuple[str, Sequence[Line]]]) -> list[str]:
    """``a.py:10 = b.py:20, 12 lines`` for every longest block that stands a second time."""
    files = dict(files)
    first: dict[tuple[str, ...], tuple[str, int]] = {}
    found, last = [], None
    for name, lines in files.items():
        for start in range(len(lines) - LONGEST + 1):
            block = tuple(text for _, text in lines[start:start + LONGEST])
            other, place = first.setdefault(block, (name, start))
            if (other, place) == (name, start):
                continue
            if last == (name, start - 1, other, place - 1):  # one more line of the block before
                found[-1][-1] += 1
            else:
                found.append([f'{other}:{files[other][place][0]} = {name}:{lines[start][0]}', LONGEST])
            last = (name, start, other, place)
    return [f'{where}, {length} lines' for where, length in found]


def test_a_block_that_stands_twice_is_found():
    block = [f'step {index}' for index in range(LONGEST + 1)]
    text = '\n\n'.join(block)
    files = [('a', lines_of('import x\n' + text)), ('b', lines_of('other\n' + text + '\nother'))]
    assert repetitions(files) == [f'a:2 = b:2, {LONGEST + 1} lines']
    assert not repetitions([('a', files[0][1]), ('b', files[1][1][3:])])


def test_no_block_stands_twice():
    patterns = ('kss_mm/**/*.py', 'tools/*.py', 'configs/**/*.py')
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    assert len(paths) > 100
    found = repetitions((path.relative_to(ROOT).as_posix(), lines_of(path.read_text())) for path in paths)
    assert not found, '\n'.join(found)
