"""``--draw`` of the predict command: where a drawing goes, and which kind it is of."""

import os
from collections.abc import Sequence

from kss_mm.apis.progress import progress_bar
from kss_mm.cli.predict_arguments import name_below
from kss_mm.datasets.media.suffixes import SUFFIXES
from kss_mm.drawing.draw import IMAGES, VIDEOS, check_drawing, draw_image, draw_video
from kss_mm.drawing.sheet import draw_sheet
from kss_mm.drawing.track import LABELS
from kss_mm.errors import InputError, MissingPackageError, UserError
from kss_mm.files import PathLike, check_target
from kss_mm.inference.prediction import Prediction
from kss_mm.timeline.timeline import Timeline


def drawer_of(draw: str, single: str | None, files: Sequence[str], labels: int | None,
              out: PathLike | None = None) -> 'Drawer':
    """The drawer of a command line.

    Args:
        out: What else it writes.

    Raises:
        InputError: Where ``--draw`` and ``--out`` are one file, and as :class:`Drawer`.
    """
    if out and os.path.realpath(draw) == os.path.realpath(out) and not os.path.isdir(draw):
        raise InputError(f'--draw {draw}: is --out, too; give two names')
    return Drawer(draw, single, [file for file in files if os.path.isdir(file)], labels)


class Drawer:
    """Draws what a model says of each file, into one file or into a folder, and says where.

    Args:
        out: What the user names: a file for one input, a folder for several.
        single: The only input; None for several.
        folders: Inputs that are folders: drawings are called as the files are below them.
        labels: How many each shows; 8 by default.

    Raises:
        InputError: For one file of several inputs, the input itself, and a folder among the inputs.
    """

    def __init__(self, out: str, single: str | None, folders: Sequence[str] = (), labels: int | None = None):
        self.out, self.single, self.folders = out, single, folders
        self.labels = LABELS if labels is None else labels
        self._given: set[str] = set()
        suffix = os.path.splitext(out)[1].lower()
        self.to_folder = os.path.isdir(out) or out.endswith(os.sep) or single is None
        if not self.to_folder:
            check_drawing(single, out, (*VIDEOS, *IMAGES))
            check_target(out)
            return
        if os.path.isfile(out) or not os.path.isdir(out) and suffix in SUFFIXES['video'] | SUFFIXES['image']:
            raise InputError(f'--draw {out}: is one file, and several are drawn; give the name of a folder')
        place = os.path.realpath(out)
        for folder in folders:
            if os.path.commonpath([place, os.path.realpath(folder)]) == os.path.realpath(folder):
                raise InputError(f'--draw {out}: lies in {folder}, whose files are drawn; give a folder elsewhere')

    def check_kind(self, kind: str) -> None:
        """Check that what the model reads can become such a file.

        Args:
            kind: 'video' or 'image'.

        Raises:
            InputError: For the name of a video, where the model reads images.
        """
        if not self.to_folder and kind == 'image':
            check_drawing(self.single, self.out, IMAGES)

    def __call__(self, found: Prediction | Timeline, kind: str) -> None:
        """Draw one file.

        Raises:
            UserError: As :mod:`kss_mm.drawing`.
        """
        source, out = found.source, self._place(found.source, kind)
        if kind == 'image':
            draw_image(source, found, out, labels=self.labels)
        elif os.path.splitext(out)[1].lower() in IMAGES:
            draw_sheet(source, found, out, labels=self.labels)
        else:
            with progress_bar('drawing') as report:
                length = getattr(found, 'duration', None)
                draw_video(source, found, out, labels=self.labels, report=lambda seconds: report(seconds, length))
        print(f'drawing: {out}')

    def tried(self, found: Prediction | Timeline, kind: str) -> bool:
        """Draw one file of several; False where that cannot be, which is said."""
        try:
            self(found, kind)
        except MissingPackageError:
            raise
        except UserError as error:
            print(f'  error: {error}')
            return False
        return True

    def _place(self, source: str, kind: str) -> str:
        if not self.to_folder:
            return self.out
        name = name_below(source, self.folders)
        wanted = VIDEOS if kind == 'video' else IMAGES
        if os.path.splitext(name)[1].lower() not in wanted:
            name += wanted[0]
        stem, ending = os.path.splitext(name)
        count = 1
        while name in self._given:
            count += 1
            name = f'{stem}_{count}{ending}'
        self._given.add(name)
        return os.path.join(self.out, name)
