"""Files of timelines: JSON, which is read again, and the intervals as a table or as subtitles."""

import csv
import io
import json
import os

import numpy as np

from kss_mm.errors import BadVideoError, InputError, shown
from kss_mm.files import PathLike, write_whole
from kss_mm.json_files import read_json
from kss_mm.timeline.intervals import Interval
from kss_mm.timeline.subtitles import as_srt, as_vtt
from kss_mm.timeline.timeline import Timeline

#: Endings of the files that :func:`write_timeline` writes.
TIMELINES = ('.json', '.csv', '.vtt', '.srt')
# Names of files are bytes, some not UTF-8: a table has them as they are, JSON as the escapes that Python reads back.
_ERRORS = {'.json': 'backslashreplace', '.csv': 'surrogateescape'}


def write_timeline(timeline: Timeline, path: PathLike, **levels) -> None:
    """Write a timeline; the ending of the name says how.

    ``.json`` has everything (:meth:`Timeline.as_dict <kss_mm.timeline.timeline.Timeline.as_dict>`), ``.csv`` a row for
    each interval (file, label, start, end, mean, peak), ``.vtt`` and ``.srt`` a cue for each.

    Args:
        levels: ``low``, ``high`` and ``min_seconds`` of the intervals.

    Raises:
        InputError: For another ending, and as :meth:`Timeline.intervals <kss_mm.timeline.timeline.Timeline.intervals>`.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix == '.json':
        text = json.dumps(timeline.as_dict(**levels), ensure_ascii=False, allow_nan=False) + '\n'
    elif suffix == '.csv':
        text = _as_csv(timeline.source, timeline.intervals(**levels))
    elif suffix in TIMELINES:
        text = (as_vtt if suffix == '.vtt' else as_srt)(timeline.intervals(**levels))
    else:
        raise InputError(f'{path}: a timeline is written to a file that ends in {", ".join(TIMELINES)}')
    write_whole(text.encode(errors=_ERRORS.get(suffix, 'strict')), path)


def read_timeline(path: PathLike) -> Timeline:
    """A timeline from a ``.json`` of :func:`write_timeline`.

    Raises:
        MissingFileError: If it is not there.
        InputError: Naming the file, if it is no such file.
    """
    content = read_json(path, 'timeline')
    try:
        windows = content['windows']
        classes, thresholds = content['classes'], content['thresholds']
        starts, ends = (np.array([float(window[name]) for window in windows]) for name in ('start', 'end'))
        scores = np.array([window['scores'] for window in windows], np.float32).reshape(len(windows), len(classes))
        duration, error = content['duration'], content['error']
        if not all(isinstance(name, str) for name in (content['file'], *classes)):
            raise TypeError('names must be texts')
        return Timeline(content['file'], classes, starts, ends, scores,
                        None if thresholds is None else np.array(thresholds, np.float32).reshape(len(classes)),
                        None if duration is None else float(duration), None if error is None else BadVideoError(error))
    except InputError as problem:
        raise InputError(f'{path}: {problem}') from None
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        raise InputError(f'{path}: is no timeline that kss-mm predict --timeline wrote '
                         f'({type(problem).__name__}: {shown(str(problem))})') from problem


def _as_csv(source: str, intervals: list[Interval]) -> str:
    rows = [('file', 'label', 'start', 'end', 'mean', 'peak'),
            *((source, label, f'{start:.3f}', f'{end:.3f}', f'{mean:.6f}', f'{peak:.6f}')
              for start, end, label, mean, peak in intervals)]
    # A carriage return by itself would end a row.
    quoting = csv.QUOTE_ALL if any('\r' in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    text = io.StringIO()
    csv.writer(text, lineterminator='\n', quoting=quoting).writerows(rows)
    return text.getvalue()
