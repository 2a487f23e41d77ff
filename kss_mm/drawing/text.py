"""Text in any script by Pillow: runs of one font each, in the order of reading, cut where they are too wide."""

import functools
import unicodedata
import warnings
from collections.abc import Iterable, Sequence

from PIL import ImageDraw, ImageFont, features

from kss_mm.visualization.fonts import Face, drawable, faces_for, first_face

_BOLD = 700
# Of the size of the font: how much thicker a letter gets, where its font has no bold face.
_THICKER = 1 / 40
_CUT = '…'
_RIGHT_TO_LEFT = ('R', 'AL', 'AN')


class UnshapedTextWarning(UserWarning):
    """Letters of scripts that join or reorder them, drawn one by one as Pillow lacks the library for it."""


class Lettering:
    """Sets the texts of a picture at one size; a character that no font has is drawn as its code.

    Args:
        texts: All that is to be drawn: the fonts are chosen for them.
        size: Height of the letters with room for marks, in pixels.

    Warns:
        MissingGlyphWarning: For characters that no installed font holds.
        UnshapedTextWarning: For Arabic, Devanagari and the like, where Pillow has no raqm.
    """

    def __init__(self, texts: Iterable[str], size: int):
        texts = list(texts)
        self.size = size
        self.faces = faces_for(texts)
        _check_shaping(texts)
        ascent, descent = self._font(first_face(), False).getmetrics()
        #: Of a line, in pixels.
        self.height = ascent + descent
        self._ascent = ascent

    def width(self, text: str, bold: bool = False) -> float:
        """Pixels from the begin of a text to its end."""
        return sum(self._font(face, bold).getlength(run) for run, face in self._runs(text))

    def cut(self, text: str, width: float, bold: bool = False) -> str:
        """A text, or as much of its beginning as fits into ``width`` with an ellipsis after it."""
        if self.width(text, bold) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + _CUT, bold) <= width:
                low = middle
            else:
                high = middle - 1
        while low and (unicodedata.category(text[low])[0] == 'M' or text[low - 1] == '\u200d'):  # not amid a sign
            low -= 1
        return text[:low].rstrip() + _CUT

    def draw(self, draw: ImageDraw.ImageDraw, left: float, top: float, text: str, fill: str,
             bold: bool = False) -> None:
        """Draw a text whose line begins at a point."""
        for run, face in in_reading_order(self._runs(text)):
            font = self._font(face, bold)
            stroke = self.size * _THICKER if bold and not _gets_bold(face) else 0
            draw.text((left, top + self._ascent), run, fill, font, anchor='ls', stroke_width=stroke)
            left += font.getlength(run)

    def _runs(self, text: str) -> list[tuple[str, Face]]:
        """Parts of a text by the face that they are set in."""
        runs: list[tuple[str, Face]] = []
        for character in drawable(text, self.faces):
            face = self._face(character, *(runs[-1] if runs else ('', self.faces[0])))
            if runs and runs[-1][1] == face:
                runs[-1] = runs[-1][0] + character, face
            else:
                runs.append((character, face))
        return runs

    def _face(self, character: str, text: str, before: Face) -> Face:
        """Marks and joiners stay with the text that they follow, and blanks with letters: those of signs are wide."""
        stays = unicodedata.category(character)[0] in ('MZC' if text[-1:].isalnum() else 'MC')
        return next((face for face in (*[before] * stays, *self.faces) if face.has(character)), before)

    def _font(self, face: Face, bold: bool) -> ImageFont.FreeTypeFont:
        return _font(face, self.size, bold)


def in_reading_order(runs: Sequence[tuple[str, Face]]) -> list[tuple[str, Face]]:
    """Runs from left to right: those of scripts that are read from the right stand in turned order, and all do in a
    text that begins with such a script. Within a run Pillow does it."""
    turned = [_is_turned(run) for run, _ in runs]
    base = next((flag for flag in turned if flag is not None), False)
    # Unicode's levels: odd ones are read from the right.
    levels = [int(base) if flag is None or flag == base else int(base) + 1 for flag in turned]
    order = list(range(len(runs)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return [runs[index] for index in order]


def _is_turned(text: str) -> bool | None:
    """Tell whether a text is read from the right, by its first letter; None without one."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction == 'L' or direction in _RIGHT_TO_LEFT:
            return direction != 'L'
    return None


@functools.cache
def _font(face: Face, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    if bold and face == first_face():
        face = first_face(bold=True)
    font = ImageFont.truetype(face.path, size, face.index)
    if bold and _axes(font):
        font.set_variation_by_axes([_BOLD if axis.get('name') in (b'Weight', 'Weight') else axis['default']
                                    for axis in _axes(font)])
    return font


def _gets_bold(face: Face) -> bool:
    return face == first_face() or bool(_axes(ImageFont.truetype(face.path, 10, face.index)))


def _axes(font: ImageFont.FreeTypeFont) -> list[dict]:
    """Of a variable font."""
    try:
        return font.get_variation_axes()
    except OSError:
        return []


def _check_shaping(texts: Iterable[str]) -> None:
    joined = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT or unicodedata.category(character) == 'Mc'
                 for text in texts for character in text)
    if joined and not features.check('raqm'):
        warnings.warn('Pillow has no raqm, so letters of scripts such as Arabic and Devanagari are drawn one by one, '
                      'from the left; install libfribidi (Debian: apt install libfribidi0)', UnshapedTextWarning,
                      stacklevel=3)
