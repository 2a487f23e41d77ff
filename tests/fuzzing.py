"""Mutations of a valid file, always the same, and what a reader must make of them: a result, or one line.

Every reader of files from others has a test marked ``fuzz`` that calls :func:`attack`; ``-m fuzz`` runs them.
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from kss_mm.errors import LONGEST_MESSAGE, UserError

#: Mutations a reader; KSS_MM_MUTATIONS says otherwise.
COUNT = int(os.environ.get('KSS_MM_MUTATIONS', 2000))
SEED = 12345
#: No file of a few kB may keep a reader busy for longer.
SECONDS = 10
# What has broken readers before: nesting, numbers without end, other encodings, quotes, terminal sequences, huge names.
_TOKENS = [
    b'[' * 100_000, b'{"a":' * 20_000, b'9' * 5000, b'-1', b'1e999', b'NaN', b'Infinity', b'null', b'true', b'""', b'"',
    b"'", b'\\', b'\x00', b'\xff\xfe', b'\xef\xbb\xbf', b'\x1b[2J\x1b]0;x\x07', b'\r', b'\n', b'\r\n', b'\t', b',',
    b';', b'|', b' ', b'{', b'}', b'[', b']', b'a' * 20_000, '\u202eé\U0001f600'.encode(), b'../../etc', b'%s%n',
    b'=cmd()', b'2147483648', b'99999999999999999999', b'0', b'1', b'2', b'-0.0']


def mutations(content: bytes, count: int = COUNT, seed: int = SEED) -> Iterator[bytes]:
    """``count`` changed copies of ``content``: bytes flipped, cut, doubled, swapped, and tokens put in."""
    for number in range(count):
        rng = random.Random(seed * 1_000_003 + number)
        changed = bytearray(content)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            start = rng.randrange(len(changed) + 1)
            stop = min(len(changed), start + rng.choice((1, 1, 2, 4, 16, 64)))
            kind = rng.randrange(7)
            if kind == 0 and start < len(changed):
                changed[start] ^= 1 << rng.randrange(8)
            elif kind == 1:
                del changed[start:stop]
            elif kind == 2:
                changed[start:start] = changed[start:stop]
            elif kind == 3:
                changed[start:stop] = rng.choice(_TOKENS)
            elif kind == 4:
                changed[start:start] = rng.choice(_TOKENS)
            elif kind == 5:
                del changed[start:]
            else:
                changed[start:stop] = rng.randbytes(stop - start)
        yield bytes(changed)


def attack(read: Callable[[Path], object], path: Path, content: bytes, count: int = COUNT) -> None:
    """Let ``read`` have ``count`` mutations of ``content`` at ``path``; the content itself must read.

    Raises:
        AssertionError: Naming the mutation, for an error that is not a UserError, a message that is more than a line,
            too long or without the file's name, or a reader that takes more than ``SECONDS``.
    """
    path.write_bytes(content)
    read(path)
    refused = 0
    for number, changed in enumerate(mutations(content, count)):
        path.write_bytes(changed)
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(SECONDS)
        try:
            read(path)
        except UserError as error:
            refused += 1
            text = str(error)
            assert path.name in text, f'mutation {number}: the file is not named: {text[:300]!r}'
            assert '\n' not in text and text.isprintable() and len(text) < LONGEST_MESSAGE + 100, (
                f'mutation {number}: {text[:300]!r}')
        except Exception as error:
            raise AssertionError(f'mutation {number}: {type(error).__name__}: {str(error)[:300]}') from error
        finally:
            signal.alarm(0)
    assert refused > count // 50, f'only {refused} of {count} mutations were refused; does the reader look?'


def _too_long(*_) -> None:
    raise TimeoutError(f'more than {SECONDS} s')
