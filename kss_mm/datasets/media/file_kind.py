"""Videos and images told apart by their content, before one is read as the other."""

from kss_mm.datasets.media import containers
from kss_mm.errors import InputError, MissingFileError


def check_kind(path: str, wanted: str, model: str) -> None:
    """Check that a file is what a model reads; a file whose content says nothing passes.

    Args:
        wanted: 'video' or 'image'.
        model: Its name in messages.

    Raises:
        MissingFileError: If it is not there.
        InputError: If it is of the other kind.
    """
    try:
        found = containers.kind_of(containers.read_head(path))
    except FileNotFoundError as error:
        raise MissingFileError(f'{path}: no such {wanted}') from error
    except OSError as error:
        raise InputError(f'{path}: cannot be read as {"an image" if wanted == "image" else "a video"}: '
                         f'{error.strerror}') from error
    if found in (containers.VIDEOS if wanted == 'image' else containers.IMAGES):
        is_a, reads = ('a video', 'images') if wanted == 'image' else ('an image', 'videos')
        raise InputError(f'{path}: is {is_a} ({found}), but {model} reads {reads}; give it {reads}, or a '
                         f'config that reads {is_a.split()[1]}s')
