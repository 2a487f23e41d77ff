"""Fonts for the names of labels in any script: those of packages and of the system, by the characters they hold."""

import functools
import importlib.util
import os
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from matplotlib import font_manager, get_data_path
from matplotlib.figure import Figure
from matplotlib.text import Text

from kss_mm.errors import one_line

#: Packages of the extra ``fonts`` that hold nothing but fonts, and what they are for.
PACKAGES = {'manimgx_fonts': 'manimgx-fonts', 'noto_cjk_sans_otc': 'noto-cjk-sans-otc'}
_ENDINGS = ('.ttf', '.otf', '.ttc', '.otc')
_REGULAR, _BOLD = 400, 700
# How a letter says which of the faces of Chinese, Japanese and Korean a text wants; they draw many signs differently.
_REGIONS = (('HIRAGANA', 'JP'), ('KATAKANA', 'JP'), ('HANGUL', 'KR'))
_CHINESE = 'SC'
# Joiners, marks of direction, choices of a variant: they have no picture of their own.
_NO_PICTURE = {0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff, *range(0xfe00, 0xfe10), *range(0xe0000, 0xe01f0)}


class MissingGlyphWarning(UserWarning):
    """Characters that no installed font holds; their codes are drawn in their place."""


class Face(NamedTuple):
    """One font of a file.

    Args:
        index: In a file of several.
    """

    family: str
    path: str
    index: int = 0

    def has(self, character: str) -> bool:
        """Tell whether the font can draw a character."""
        return ord(character) in _characters(self.path, self.index)


def first_face(bold: bool = False) -> Face:
    """DejaVu Sans, which comes with matplotlib: Latin, Greek, Cyrillic, Arabic, Hebrew and many signs."""
    folder = os.path.join(get_data_path(), 'fonts', 'ttf')
    return Face('DejaVu Sans', os.path.join(folder, f'DejaVuSans{"-Bold" * bold}.ttf'))


def faces_for(texts: Iterable[str]) -> list[Face]:
    """The faces that texts are set in: of each character, the first that holds it.

    Warns:
        MissingGlyphWarning: For characters that no font of matplotlib, of the packages above, or of the system holds.
    """
    faces = [first_face()]
    wanted = sorted({character for text in texts for character in text if _has_picture(character)})
    missing = [character for character in wanted if not faces[0].has(character)]
    if missing:
        for face in _others(_region(wanted)):
            here = [character for character in missing if face.has(character)]
            if here:
                faces.append(face)
                missing = [character for character in missing if character not in here]
                if not missing:
                    break
    if missing:
        _warn(missing)
    return faces


def drawable(text: str, faces: Sequence[Face]) -> str:
    """A text with the codes of those characters that no face holds."""
    return ''.join(character if not _has_picture(character) or any(face.has(character) for face in faces) else
                   character.encode('unicode_escape').decode() for character in text)


def fit_fonts(figure: Figure) -> None:
    """Let all texts of a figure be set in fonts that hold their characters; warns as :func:`faces_for`."""
    texts = figure.findobj(Text)
    faces = faces_for(text.get_text() for text in texts)
    families = [_registered(face) for face in faces]
    for text in texts:
        text.set_text(drawable(text.get_text(), faces))
        text.set_fontfamily(families)


def _registered(face: Face) -> str:
    """The name by which matplotlib finds a face; of a file of several, older ones know the first only."""
    manager = font_manager.fontManager
    if all(entry.fname != face.path for entry in manager.ttflist):
        manager.addfont(face.path)
        # The same for bold text, so that matplotlib does not log that it has none.
        manager.ttflist += [replace(entry, weight=_BOLD) for entry in manager.ttflist if entry.fname == face.path]
    names = [entry.name for entry in manager.ttflist if entry.fname == face.path]
    return face.family if face.family in names else names[0]


def _has_picture(character: str) -> bool:
    return ord(character) not in _NO_PICTURE and not character.isspace()


def _region(characters: Iterable[str]) -> str:
    """The ending of the CJK face that draws these characters as their language does."""
    for character in characters:
        name = unicodedata.name(character, '')
        for script, region in _REGIONS:
            if name.startswith(script):
                return region
    return _CHINESE


def _others(region: str) -> list[Face]:
    """Faces beside the first: of the packages, then of the system; of the same font, that of ``region`` first."""
    return sorted(_packaged() + _of_system(), key=lambda face: not face.family.endswith(f'CJK {region}'))


@functools.cache
def _packaged() -> list[Face]:
    faces = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        folder = os.path.dirname(spec.origin) if spec and spec.origin else ''
        for name in sorted(os.listdir(folder)) if folder else ():
            if name.lower().endswith(_ENDINGS) and 'Italic' not in name:
                faces += _faces_of(os.path.join(folder, name))
    return faces


@functools.cache
def _of_system() -> list[Face]:
    """Upright regular faces that the system has and that are no pictures of pixels, fonts without serifs first."""
    faces = {Face(entry.name, entry.fname, getattr(entry, 'index', 0)) for entry in font_manager.fontManager.ttflist
             if entry.style == 'normal' and entry.weight == _REGULAR and not entry.name.startswith('Last Resort')}
    return sorted(faces, key=lambda face: ('Mono' in face.family, 'Sans' not in face.family, face))


def _faces_of(path: str) -> list[Face]:
    from fontTools.ttLib import TTCollection, TTFont

    with TTCollection(path, lazy=True) if path.lower().endswith('c') else TTFont(path, lazy=True) as file:
        faces = [Face(font['name'].getBestFamilyName(), path, index)
                 for index, font in enumerate(file.fonts if isinstance(file, TTCollection) else [file])]
    return [face for face in faces if 'Mono' not in face.family]


@functools.cache
def _characters(path: str, index: int) -> frozenset[int]:
    """Code points that a font has outlines for; none of a file that is no such font."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=index if path.lower().endswith('c') else -1, lazy=True) as font:
            has_outlines = any(table in font for table in ('glyf', 'CFF ', 'CFF2'))
            return frozenset(font.getBestCmap() or ()) if has_outlines else frozenset()
    except (OSError, TTLibError):
        return frozenset()


def _warn(missing: Sequence[str]) -> None:
    absent = [name for package, name in PACKAGES.items() if importlib.util.find_spec(package) is None]
    remedy = f'pip install {" ".join(absent)}' if absent else 'install a font of the system that has them'
    names = ', '.join(f'U+{ord(character):04X}' for character in missing[:3])
    more = f' and {len(missing) - 3} more' if len(missing) > 3 else ''
    warnings.warn(one_line(f'no installed font has the characters {names}{more} of the labels, whose codes are drawn '
                           f'instead; {remedy}'), MissingGlyphWarning, stacklevel=4)
