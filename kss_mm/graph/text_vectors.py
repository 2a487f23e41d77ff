"""Reader of word vectors as text: GloVe, fastText and word2vec ``.vec`` and ``.txt``, ConceptNet Numberbatch."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike

Entries = Iterator[tuple[str, np.ndarray]]

GZIP_MAGIC = b'\x1f\x8b'
GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)
BYTE_ORDER_MARK = b'\xef\xbb\xbf'
#: A word and 4,096 numbers of 20 digits take a tenth of this; what goes on for longer is not a line of word vectors.
LONGEST_LINE = 1 << 20
#: More digits than any count of words or dimensions has.
HEADER_DIGITS = 12
#: A letter, a number, the space between them and the end.
SHORTEST_LINE = 4
#: Bytes that tell what else a file may be.
HEAD = 1 << 12
#: Files that are given for text by mistake, by their first bytes, and what to do.
OTHER_FILES = {
    b'PK\x03\x04': 'a zip archive; unzip it and give the text file in it',
    GZIP_MAGIC: 'a gzip file within a gzip file; unpack it once',
    b'BZh': 'a bzip2 file; unpack it first',
    b'\xfd7zXZ': 'an xz file; unpack it first',
    b'\x93NUMPY': 'a NumPy array; let its name end in .npy',
    b'\x89HDF': 'an HDF5 file; give the text form of the vectors',
    b'\xba\x16\x4f\x2f': 'a fastText model (.bin); give the .vec file that comes with it',
    b'\x80': 'a Python pickle, such as a model of gensim; save it as text: model.wv.save_word2vec_format("words.txt")',
}
WORD2VEC_BINARY = ('a binary word2vec file (.bin); make it text with gensim: KeyedVectors.load_word2vec_format('
                   '"words.bin", binary=True).save_word2vec_format("words.txt")')


class TextVectors:
    """Word vectors as text, plain or gzip: a word and its D numbers a line, separated by spaces.

    A first line of two integers is the header of word2vec, fastText and Numberbatch: words, dimensions. Words may
    contain spaces (GloVe 840B), so a line is read from the right. Of ``/c/xx/word`` entries (Numberbatch) only those of
    ``language`` count, as ``word``. Only the lines of wanted words are parsed, the first and the last one besides.

    Args:
        path: The file.
        language: The language of ``/c/xx/`` entries.
        progress: Called with (bytes of the file read, its size).

    Raises:
        InputError: Naming file and line: something else than word vectors, or lines that do not fit together.
    """

    def __init__(self, path: PathLike, *, language: str = 'en', progress: Callable[[int, int], None] | None = None):
        if not os.path.isfile(path):
            raise MissingFileError(f'{path}: no such file of word vectors')
        self.path, self.progress = path, progress
        self.name = os.path.basename(path)
        self.prefix = f'/c/{language}/'
        #: Wanted words that stand more than once -> where the one that counts stands, and the next.
        self.repeated: dict[str, str] = {}
        self._refuse_other_files(self._head())
        with self._open() as file:
            lines = self._lines(file)
            first, second = next(lines, b'').removeprefix(BYTE_ORDER_MARK), next(lines, b'')
        header = first.split()
        self.has_header = _is_header(header)
        # Without a header the first line tells: its numbers, but for a word that is one.
        self.dim = int(header[1]) if self.has_header else _count_numbers(first)
        self.count = int(header[0]) if self.has_header else None
        if self.dim < 1:
            raise InputError(f'{path}:1: expected a word and its numbers, or the header "words dimensions", got '
                             f'{shown(first)}')
        if self.has_header and second.strip():
            self._entry(2, second)
        #: word2vec's vocabulary, and so Numberbatch's, has # for the digits of longer numbers; both come with a header
        #: or with /c/ names. fastText comes with a header too, so a number is looked up as it stands first.
        self.marks_numbers = self.has_header or first.startswith(b'/c/')

    def _open(self):
        with open(self.path, 'rb') as raw:
            is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        return gzip.open(self.path, 'rb') if is_gzip else open(self.path, 'rb')

    def _damaged(self, number: int, error: Exception) -> InputError:
        return InputError(f'{self.path}:{number}: truncated or damaged gzip file ({error}); download it again')

    def _head(self) -> bytes:
        with self._open() as file:
            try:
                return file.read(HEAD)
            except GZIP_ERRORS as error:
                raise self._damaged(1, error) from error

    def _lines(self, file) -> Iterator[bytes]:
        number = 0
        try:
            for line in iter(partial(file.readline, LONGEST_LINE), b''):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise InputError(f'{self.path}:{number}: a line of more than {LONGEST_LINE:,} bytes, which no word '
                                     'and its numbers take; is it a text file of word vectors?')
                yield line
        except GZIP_ERRORS as error:
            raise self._damaged(number + 1, error) from error

    def _refuse_other_files(self, head: bytes) -> None:
        kind = next((kind for magic, kind in OTHER_FILES.items() if head.startswith(magic)), None)
        first, _, rest = head.partition(b'\n')
        if kind is None and _is_header(first.split()) and not rest.partition(b' ')[2].partition(b' ')[0].isascii():
            kind = WORD2VEC_BINARY
        if kind is None and b'\0' in head:
            kind = WORD2VEC_BINARY if _is_header(first.split()) else 'no text in UTF-8; save it as such'
        if kind:
            raise InputError(f'{self.path} is {kind}')

    def select(self, keep: Callable[[str], bool]) -> Entries:
        """One pass, yielding (word, vector) of the words for which ``keep`` is true."""
        size, done, seen = os.path.getsize(self.path), 0, {}
        entries, last_number, last = 0, 0, b''
        with self._open() as file:
            for number, line in enumerate(self._lines(file), 1):
                done += len(line)
                if self.progress and number % 10_000 == 0:
                    self.progress(min(done, size), size)
                if number == 1:
                    line = line.removeprefix(BYTE_ORDER_MARK)
                    if self.has_header:
                        continue
                if len(line) < SHORTEST_LINE and not line.strip():
                    continue
                entries += 1
                last_number, last = number, line
                name = line.partition(b' ')[0].decode('utf-8', 'replace')
                if name.startswith('/c/'):
                    if not name.startswith(self.prefix):
                        continue
                    word = name[len(self.prefix):].partition('/')[0]
                else:
                    word = name
                if not keep(word) or (vector := self._entry(number, line)) is None:
                    continue
                if name in seen:
                    self.repeated.setdefault(word, f'line {seen[name]:,} counts, line {number:,} does not')
                seen.setdefault(name, number)
                yield word, vector
        self._check_end(entries, last_number, last)

    def _entry(self, number: int, line: bytes) -> np.ndarray | None:
        """The vector of a line, or None for a word with spaces, such as ". . ." of GloVe 840B: no word of a label."""
        word, *fields = line.rstrip().rsplit(b' ', self.dim)
        more = word.split(b' ')[1:]
        if more and len(fields) == self.dim and not all(map(_is_number, more)):
            return None
        with np.errstate(over='ignore', invalid='ignore'):
            try:
                vector = np.array([float(field) for field in fields], dtype=np.float32)
            except ValueError:
                vector = np.full(1, np.nan)
        if more or len(fields) != self.dim or not np.isfinite(vector).all():
            where = 'the header says' if self.has_header else 'the first line has'
            name = shown(word.decode('utf-8', 'replace'))
            raise InputError(f'{self.path}:{number}: the entry of {name} does not hold {self.dim} finite numbers, as '
                             f'{where}; is the file complete?')
        return vector

    def _check_end(self, entries: int, last_number: int, last: bytes) -> None:
        if last and last.rstrip().count(b' ') < self.dim:  # cut short, whatever its word
            self._entry(last_number, last)
        if self.count not in (None, entries):
            raise InputError(f'{self.path}:1: the header says {self.count:,} words, the file has {entries:,}; it is '
                             'cut short, or correct the header')


def _is_header(fields: list[bytes]) -> bool:
    return len(fields) == 2 and all(field.isdigit() and len(field) <= HEADER_DIGITS for field in fields)


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _count_numbers(line: bytes) -> int:
    """Numbers at the end of a line, its first word left out."""
    fields = line.rstrip().split(b' ')[1:]
    return next((index for index, field in enumerate(reversed(fields)) if not _is_number(field)), len(fields))
