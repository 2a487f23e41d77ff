"""Text files from anyone: UTF-8 or, with a byte-order mark, UTF-16 and UTF-32, as spreadsheets export them."""

import codecs
import os

from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import PathLike

# UTF-32's little-endian mark begins with that of UTF-16.
_MARKS = ((codecs.BOM_UTF8, 'utf-8-sig'), (codecs.BOM_UTF32_LE, 'utf-32'), (codecs.BOM_UTF32_BE, 'utf-32'),
          (codecs.BOM_UTF16_LE, 'utf-16'), (codecs.BOM_UTF16_BE, 'utf-16'))
# How Excel's workbooks (and other zipped files), and those from before 2007, begin.
_WORKBOOKS = (b'PK\x03\x04', bytes.fromhex('d0cf11e0'))


def read_text(path: PathLike, what: str = 'text file') -> str:
    """The whole text, its line ends as they are, without a byte-order mark.

    Args:
        what: Kind of file that is expected, for messages.

    Raises:
        MissingFileError: If it is not there.
        InputError: Naming file and line, where it is not text.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such {what}')
    with open(path, 'rb') as file:
        content = file.read()
    if content.startswith(_WORKBOOKS):
        raise InputError(f'{path}: not a readable {what}: it is no text but a workbook of Excel or another archive; '
                         'save its sheet as "CSV UTF-8"')
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), 'utf-8')
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b'\n', 0, error.start) + 1
        raise InputError(f'{path}:{line}: not a readable {what}: it is not UTF-8 text, save it as UTF-8 '
                         f'({error.reason})') from error
    if '\0' in text:
        raise InputError(f'{path}: not a readable {what}: it holds NUL characters, as UTF-16 without its mark does; '
                         'save it as UTF-8')
    return text
