"""Figures as files."""

from typing import TYPE_CHECKING

from kss_mm.files import PathLike, whole_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Dots per inch of a picture, if nobody says otherwise.
DPI = 120


def save_figure(figure: 'Figure', path: PathLike, dpi: int = DPI) -> None:
    """Write a figure in the form that the name's ending says; the file appears only when it is whole."""
    with whole_path(path) as part:
        figure.savefig(part, dpi=dpi)
