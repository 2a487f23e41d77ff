"""Files of features: what the frozen stages of a backbone make of every sample, computed once.

``NAME.npy`` holds the features, (samples, views, ...), and is read in place; ``NAME.json`` beside it says what they
are of.
"""

import json
import os
from collections.abc import Iterable, Sequence

import numpy as np

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike, whole_path, write_whole
from kss_mm.json_files import read_json

#: Kinds of numbers that features may be kept in.
DTYPES = ('float16', 'float32')
_REMEDY = 'make the features again by tools/cache_features.py'


class FeatureFile:
    """Features of samples by their paths, read from the disk when they are asked for.

    Args:
        path: The ``.npy`` file.

    Raises:
        MissingFileError, InputError: If it or its ``.json`` is not there, is damaged, or is not such a file.
    """

    def __init__(self, path: PathLike):
        self.path = os.fspath(path)
        about = read_json(_about(self.path), 'description of features')
        if not isinstance(about, dict) or not {'until', 'weights', 'paths'} <= about.keys():
            raise InputError(f'{_about(self.path)}: is not the description of a file of features; {_REMEDY}')
        if not os.path.isfile(self.path):
            raise MissingFileError(f'{self.path}: no such file of features; {_REMEDY}')
        #: Name of the backbone's submodule whose output they are, and a hash of the weights that made them.
        self.until, self.weights = str(about['until']), str(about['weights'])
        try:
            self._features = np.load(self.path, mmap_mode='r', allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise InputError(f'{self.path}: is not a whole file of features ({error}); {_REMEDY}') from error
        self._rows = {path: row for row, path in enumerate(about['paths'])}
        if self._features.ndim < 3 or len(self._features) != len(self._rows):
            raise InputError(f'{self.path}: holds features of shape {self._features.shape}, {_about(self.path)} says '
                             f'{len(self._rows)} samples; {_REMEDY}')

    @property
    def views(self) -> int:
        """How many views there are of each sample: as it is, and mirrored."""
        return self._features.shape[1]

    def __len__(self) -> int:
        return len(self._rows)

    def __call__(self, path: str, view: int = 0) -> np.ndarray:
        """The features of a sample, of the backbone's shape without its batch axis, as float32."""
        row = self._rows.get(path)
        if row is None:
            raise InputError(f'{self.path}: has no features of {shown(path)}, only of {len(self)} other samples such '
                             f'as {shown(next(iter(self._rows), None))}; {_REMEDY}')
        return self._features[row, view].astype(np.float32)

    def __getstate__(self) -> dict:
        return {'path': self.path}  # a worker opens the file itself

    def __setstate__(self, state: dict) -> None:
        self.__init__(state['path'])


def write_features(path: PathLike, batches: Iterable[tuple[Sequence[str], np.ndarray]], count: int, *, until: str,
                   weights: str, dtype: str = DTYPES[0]) -> None:
    """Write features batch by batch; both files are there when they are whole.

    Args:
        batches: Paths of samples and their features, (samples, views, ...), all of one shape.
        count: How many samples come.

    Raises:
        InputError: For samples of another shape than the first, two of one path, or numbers too large for ``dtype``.
    """
    path, paths, features = os.fspath(path), [], None
    with whole_path(path) as part:
        for names, values in batches:
            if features is None:
                features = np.lib.format.open_memmap(part, 'w+', dtype, (count, *values.shape[1:]))
            if values.shape[1:] != features.shape[1:]:
                raise InputError(f'{names[0]}: its features have shape {values.shape[2:]}, those before it '
                                 f'{features.shape[2:]}: give the evaluation pipeline one size for all samples')
            with np.errstate(over='ignore'):
                features[len(paths):len(paths) + len(values)] = values
            if not np.isfinite(features[len(paths):len(paths) + len(values)]).all():
                raise InputError(f'{names[0]}, or one of the {len(names)} from it on: has features that are not finite '
                                 f'numbers of {dtype}' + ('; take float32' if dtype != 'float32' else ''))
            paths += names
        if len(paths) != count or len(set(paths)) < count:
            twice = next((name for name in paths if paths.count(name) > 1), None)
            raise InputError(f'{path}: {len(paths)} samples came of {count}' if twice is None else
                             f'{path}: two samples have the path {twice}, so features cannot be found by it')
        features.flush()
        del features
        write_whole(json.dumps(dict(until=until, weights=weights, paths=paths)).encode(), _about(path))


def _about(path: str) -> str:
    return os.path.splitext(path)[0] + '.json'
