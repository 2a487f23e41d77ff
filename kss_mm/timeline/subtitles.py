"""Intervals as subtitles, WebVTT and SubRip, for players."""

import html
from collections.abc import Iterable

from kss_mm.errors import one_line
from kss_mm.timeline.intervals import Interval

# Libraries of subtitles (webvtt-py, srt, pysubs2) write texts as they are or refuse those with "-->" and markup in
# them; to escape names is all the work there is here.
# SubRip has no escapes, and players take <b> and {\an8} for markup: signs that look alike stand in for theirs.
_ALIKE = str.maketrans('<>{}', '‹›()')


def as_vtt(intervals: Iterable[Interval]) -> str:
    r"""WebVTT: a cue for each interval; those of several labels overlap, and players show them together.

    >>> print(as_vtt([Interval(0, 61.5, 'a --> <b>', .5, .75)]))
    WEBVTT
    <BLANKLINE>
    00:00:00.000 --> 00:01:01.500
    a --&gt; &lt;b&gt; 0.50
    <BLANKLINE>
    """
    cues = [f'{_times(interval, ".")}\n{html.escape(_text(interval), quote=False)}\n' for interval in intervals]
    return '\n'.join(['WEBVTT\n', *cues])


def as_srt(intervals: Iterable[Interval]) -> str:
    """SubRip; see :func:`as_vtt`.

    >>> print(as_srt([Interval(0, 61.5, 'a --> <b>', .5, .75)]))
    1
    00:00:00,000 --> 00:01:01,500
    a --› ‹b› 0.50
    <BLANKLINE>
    """
    return '\n'.join(f'{number}\n{_times(interval, ",")}\n{_text(interval).translate(_ALIKE)}\n'
                     for number, interval in enumerate(intervals, 1))


def _text(interval: Interval) -> str:
    return f'{one_line(interval.label)} {interval.mean:.2f}'


def _times(interval: Interval, mark: str) -> str:
    start = round(interval.start * 1000)
    return f'{_time(start, mark)} --> {_time(max(round(interval.end * 1000), start + 1), mark)}'


def _time(milliseconds: int, mark: str) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{milliseconds:03d}'
