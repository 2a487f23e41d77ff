"""The files of a folder, found by the names that tables and annotation tools give them."""

import os
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from kss_mm.datasets.media.suffixes import RARE_IMAGES, SUFFIXES
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph.label_readers.file_names import UPLOADS, clean_names

#: Ends of files that a name without one may mean, by kind of sample.
NAMED_SUFFIXES = {'video': SUFFIXES['video'], 'image': SUFFIXES['image'] | RARE_IMAGES}
_DRIVE = re.compile(r'[A-Za-z]:(?=/)')


class MediaFolder:
    """Files below a folder by name; what the folder holds is listed once, when a name is not a path in it as it stands.

    A name is found as a path below the folder, else without folders before it (``C:\\data\\a.mp4`` is ``a.mp4``) or in
    folders below (``a.mp4`` is ``train/a.mp4``), with or without its suffix, and whatever the case of its letters or
    the Unicode form of its accents. Folders are never exchanged: ``x/1.mp4`` is not ``y/1.mp4``.

    Args:
        folder: The folder; '' takes names as paths from where the program runs.
        kind: 'video' or 'image', which files a name without suffix may mean.
    """

    def __init__(self, folder: PathLike, kind: str):
        self.folder = os.fspath(folder)
        self.suffixes = NAMED_SUFFIXES[kind]
        self._listed: tuple[dict[str, list[str]], dict[str, list[str]]] | None = None
        self._shortened: dict[str, list[str]] | None = None

    def find(self, name: str) -> str | None:
        """The path of a file, None where there is none.

        Raises:
            InputError: If the name could be one of two files.
        """
        name = name.removeprefix('./')
        if '\0' in name or not name:
            return None
        path = os.path.join(self.folder, name)
        if os.path.isfile(path):
            return path
        if not self.folder:
            path = name.replace('\\', '/')
            return path if os.path.isfile(path) else None
        whole, tails = self._list()
        parts = _parts(name)
        keys = ['/'.join(parts[start:]) for start in range(len(parts))]
        found = next((found for key in keys if (found := whole.get(key))), None) or tails.get(keys[0] if keys else '')
        if not found and UPLOADS in name:
            found = self._by_short_name().get(clean_names([name])[0].casefold())
        return os.path.join(self.folder, self._one_of(name, found)) if found else None

    def _by_short_name(self) -> dict[str, list[str]]:
        """Files by what Label Studio makes of their names when they are uploaded: blanks to "_", signs left out."""
        if self._shortened is None:
            self._shortened = {}
            for path in dict.fromkeys(path for paths in self._list()[0].values() for path in paths):
                name = unicodedata.normalize('NFC', os.path.basename(path)).strip().replace(' ', '_')
                self._shortened.setdefault(re.sub(r'[^-\w.]', '', name).casefold(), []).append(path)
        return self._shortened

    def _one_of(self, name: str, found: list[str]) -> str:
        written = unicodedata.normalize('NFC', name.replace('\\', '/'))
        exact = [path for path in found if written.endswith(unicodedata.normalize('NFC', path))] or found
        if len(exact) > 1:
            raise InputError(f'{shown(name)} may be {shown(exact[0])} or {shown(exact[1])} in {self.folder}; write the '
                             'name with its suffix and the folders before it')
        return exact[0]

    def _list(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Paths below the folder by their keys, and by the ends of those; with the suffix and, of media, without."""
        if self._listed is None:
            whole: dict[str, list[str]] = {}
            tails: dict[str, list[str]] = {}
            for path in files_below(self.folder):
                stem, suffix = os.path.splitext(path)
                for name in (path, stem) if suffix.lower() in self.suffixes else (path,):
                    parts = _parts(name)
                    whole.setdefault('/'.join(parts), []).append(path)
                    for start in range(1, len(parts)):
                        tails.setdefault('/'.join(parts[start:]), []).append(path)
            self._listed = whole, tails
        return self._listed


def _parts(name: str) -> list[str]:
    """Folders and file of a path of any system, or of a URL, in a form in which those of one file are equal."""
    if '://' in name:
        name = unquote(urlsplit(name).path)
    name = _DRIVE.sub('', unicodedata.normalize('NFC', name.replace('\\', '/')), count=1)
    return [part for part in name.casefold().split('/') if part not in ('', '.')]


def files_below(folder: str) -> Iterator[str]:
    """Paths of files below a folder, in order, through links to folders too, though never twice into one."""
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith('.'))
        for file in sorted(files):
            yield os.path.relpath(os.path.join(place, file), folder).replace(os.sep, '/')
