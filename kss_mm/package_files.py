"""Configs and tools that come with the package: in the checkout they stand beside it, in a wheel inside it."""

import os
from pathlib import Path

from kss_mm.files import PathLike

_PACKAGE = Path(__file__).parent
# Where OpenMMLab's packages have them, and their command `mim` looks.
_INSTALLED = _PACKAGE / '.mim'


def package_folder(name: str) -> Path:
    """The folder ``configs`` or ``tools`` of this project."""
    folder = _INSTALLED / name
    return folder if folder.is_dir() else _PACKAGE.parent / name


def package_config(path: PathLike) -> str:
    """A file of the user's, or where there is none, the config of this project with that name.

    >>> os.path.basename(package_config('kssnet_i3d_toy'))
    'kssnet_i3d_toy.py'

    Args:
        path: A path, or a name below ``configs/``, with or without that folder and ``.py``.

    Returns:
        The path of the file; ``path`` itself where there is neither.
    """
    path = os.fspath(path)
    if os.path.isfile(path) or os.path.isabs(path):
        return path
    name = os.path.normpath(path).removeprefix(f'configs{os.sep}')
    if os.pardir in name.split(os.sep):
        return path
    found = (package_folder('configs') / candidate for candidate in (name, f'{name}.py'))
    return next((str(file) for file in found if file.is_file()), path)
