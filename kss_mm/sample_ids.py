"""Ids of samples: in score files, submissions and messages."""

import os
from collections.abc import Iterable, Mapping, Sequence

# What the hosts' data sets call a file, a folder of frames, a sound.
_PATH_KEYS = ('img_path', 'filename', 'frame_dir', 'audio_path', 'feature_path')
#: Where :class:`~kss_mm.engine.SampleIdHook` writes an id.
ID_KEY = 'sample_id'


def id_of(sample, prefixes: Iterable[str] = ()) -> str | None:
    """The id of a sample for messages: its name, see :func:`name_of`, or its number; None for one without both."""
    name = name_of(sample, prefixes)
    return str(sample.get('sample_idx')) if name is None and sample.get('sample_idx') is not None else name


def name_of(sample, prefixes: Iterable[str] = ()) -> str | None:
    """The name of a sample: its video's, or its file's below one of the folders ``prefixes``.

    Args:
        sample: What a data set or a host's data sample holds, anything with ``get(key)``.

    Returns:
        None for a sample that has neither.
    """
    for key in (ID_KEY, 'video_id'):
        if sample.get(key) is not None:
            return str(sample.get(key))
    path = path_of(sample)
    return below(path, prefixes) if path else None


def path_of(sample) -> str | None:
    """The file, or folder of frames, of a sample as :func:`id_of` takes it; None for a sample that has none."""
    values = (sample.get(key) for key in _PATH_KEYS)
    return next((os.fspath(value) for value in values if isinstance(value, str | os.PathLike) and os.fspath(value)),
                None)


def below(path: str, prefixes: Iterable[str]) -> str:
    """A path without the longest folder of ``prefixes`` that it lies in; else as it is where it is relative, or the
    base name."""
    for prefix in sorted(prefixes, key=len, reverse=True):
        folder = prefix.rstrip('/') + '/'
        if prefix and path.startswith(folder) and path != folder:
            return path[len(folder):].lstrip('/')
    return os.path.basename(path.rstrip('/')) if os.path.isabs(path) or '://' in path else path


def common_folder(paths: Iterable[str]) -> str:
    """The deepest folder in which all files lie; empty where there is none.

    >>> common_folder(['/data/one/a.mp4', '/data/two/a.mp4'])
    '/data'
    """
    folders = [path.rstrip('/').split('/')[:-1] for path in paths]
    shortest, longest = min(folders, default=[]), max(folders, default=[])
    same = next((at for at, pair in enumerate(zip(shortest, longest)) if pair[0] != pair[1]),
                min(len(shortest), len(longest)))
    return '/'.join(shortest[:same]) or '/' * (same > 0)


def prefixes_of(dataset) -> list[str]:
    """The folders that a data set of either host puts before its files."""
    prefix = getattr(dataset, 'data_prefix', None)
    values = list(prefix.values()) if isinstance(prefix, Mapping) else [prefix]
    return [os.fspath(value) for value in [*values, getattr(dataset, 'data_root', None)]
            if isinstance(value, str | os.PathLike)]


def repeated(ids: Sequence[str]) -> str | None:
    """One of the ids that several samples have, and of how many samples the id is another's; None where all differ."""
    seen: set[str] = set()
    others = [name for name in ids if name in seen or seen.add(name)]
    return f'{len(others)} of {len(ids)} samples have the id of another, such as {others[0]}' if others else None
