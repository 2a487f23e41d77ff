"""``--timeline`` of the predict command: when each label happens in videos, on the screen and in files."""

import os
import warnings
from collections.abc import Sequence

from kss_mm.cli.draw_command import drawer_of
from kss_mm.cli.predict_arguments import name_below, named_sources, split_files
from kss_mm.errors import InputError, UserError, one_line, short_name, shown
from kss_mm.files import PathLike, check_target
from kss_mm.inference.load import load
from kss_mm.inference.sources import is_one
from kss_mm.inference.window_plan import check_window
from kss_mm.numeric import check_number
from kss_mm.timeline.files import TIMELINES, write_timeline
from kss_mm.timeline.intervals import LOW_SHARE
from kss_mm.timeline.timeline import Timeline
from kss_mm.visualization import PICTURES
from kss_mm.visualization.save import save_figure
from kss_mm.visualization.timeline import draw_timeline

# What stands in a folder for each of several videos.
_IN_FOLDERS = ('.json', '.vtt')
# How many intervals are printed, and the exit status where some files were broken and the others are done.
_TOP, _SOME_BROKEN = 20, 1


def run_timelines(model: str, files: Sequence[str], lists: Sequence[str], *, timeline: str,
                  out: PathLike | None = None, top: int | None = None, threshold: float | None = None,
                  low_share: float = LOW_SHARE, min_seconds: float = 0., batch_size: int | None = None,
                  workers: int | None = None, device: str | None = None, draw: str | None = None) -> int:
    """Predict videos over time as the command line asks for it; the arguments are its own.

    Returns:
        The exit status: 1 where a file is broken, and what could be predicted of it is written.

    Raises:
        UserError: In one line, for arguments that do not fit each other, a single file that cannot be read, and as
            :func:`~kss_mm.inference.load.load`.
    """
    window, stride = parse_windows(timeline)
    check_number('--min-seconds', min_seconds, 0)
    check_number('--low-share', low_share, 0, 1)
    checkpoint, files = split_files(model, files)
    if not files and not lists:
        raise InputError(f'{model}: nothing to predict; give videos, a folder, or --list FILE after the model')
    single = len(files) == 1 and not lists and is_one(files[0])
    target = Target(out, single, [file for file in files if os.path.isdir(file)])
    drawer = drawer_of(draw, files[0] if single else None, files, top, out) if draw else None
    predictor = load(model, checkpoint, device, batch_size=batch_size, workers=workers, threshold=threshold)
    if predictor.thresholds.probabilities is None:
        raise InputError(f'{model}: has no thresholds, so say by --threshold from which probability a label begins')
    levels = dict(low=predictor.thresholds.probabilities * low_share, min_seconds=min_seconds)
    count = broken = 0
    for source in named_sources(files, lists, predictor.kind):
        count += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', UserWarning)  # it is printed with the file
                found = predictor.timeline(source.content, window=window, stride=stride)
        except UserError as error:
            if single:
                raise
            print(f'{one_line(source.name)}:\n  error: {error}')
            broken += 1
            continue
        _print(found, levels)
        target.write(found, levels)
        broken += found.error is not None
        if drawer and found.error is None:
            if single:
                drawer(found, predictor.kind)
            else:
                broken += not drawer.tried(found, predictor.kind)
    if not single:
        print(f'{count} files' + f', {broken} of them broken' * bool(broken))
    return _SOME_BROKEN if broken else 0


def parse_windows(text: str) -> tuple[float, float | None]:
    """Window and stride of ``WINDOW[,STRIDE]``, in seconds; None where the stride is left out.

    Raises:
        InputError: For other texts, and numbers out of their ranges.
    """
    try:
        window, *rest = map(float, text.split(','))
        (stride,) = rest or (None,)
    except ValueError:
        raise InputError(f'--timeline {shown(text)}: must be the seconds of a window, and after a comma those from one '
                         'window to the next, such as 4,1') from None
    try:
        check_window(window, stride)
    except InputError as error:
        raise InputError(f'--timeline {text}: {error}') from None
    return window, stride


class Target:
    """Where timelines are written.

    Args:
        out: A file for one video, a folder for several; None for nowhere.
        single: There is one video.
        folders: Folders among what is predicted: files are called as the videos are below them.

    Raises:
        InputError: For a file of another ending, or one file for several videos.
    """

    def __init__(self, out: PathLike | None, single: bool, folders: Sequence[str]):
        self.out, self.folders = None if out is None else os.fspath(out), folders
        self._given: set[str] = set()
        suffix = os.path.splitext(self.out or '')[1].lower()
        self.to_folder = self.out is not None and (os.path.isdir(self.out) or not single)
        if self.out is None:
            return
        if self.to_folder:
            if suffix in (*TIMELINES, *PICTURES) and not os.path.isdir(self.out) or os.path.isfile(self.out):
                raise InputError(f'--out {out}: is one file, and several videos are predicted; give a folder')
            return
        if suffix not in (*TIMELINES, *PICTURES):
            endings = f'{", ".join(TIMELINES)}, in {", ".join(PICTURES)} for a plot'
            raise InputError(f'--out {out}: must end in {endings}, or be a folder that is there')
        check_target(self.out)

    def write(self, found: Timeline, levels: dict) -> None:
        """Write a timeline, and say where."""
        if self.out is None:
            return
        if self.to_folder:
            stem = self._stem(found.source)
            for suffix in _IN_FOLDERS:
                write_timeline(found, stem + suffix, **levels)
            print(f'  timeline: {stem}{{{",".join(_IN_FOLDERS)}}}')
            return
        if os.path.splitext(self.out)[1].lower() in PICTURES:
            figure = draw_timeline(found, intervals=found.intervals(**levels), title=os.path.basename(found.source))
            save_figure(figure, self.out)
        else:
            write_timeline(found, self.out, **levels)
        print(f'  timeline: {self.out}')

    def _stem(self, source: str) -> str:
        """A name of its own in the folder, with the video's ending: two videos may differ in nothing else."""
        name = name_below(source, self.folders)
        stem = next(stem for stem in [name, *(f'{name}_{number}' for number in range(2, len(self._given) + 3))]
                    if stem not in self._given)
        self._given.add(stem)
        return os.path.join(self.out, stem)


def _print(found: Timeline, levels: dict) -> None:
    intervals = found.intervals(**levels)
    print(f'{one_line(found.source)}: {len(found.starts)} windows to {found.ends[-1]:.2f} s, '
          f'{len(intervals)} intervals')
    for start, end, label, mean, peak in intervals[:_TOP]:
        print(f'  {start:8.2f} to {end:8.2f} s  {short_name(label):30s} mean {mean:.3f}, peak {peak:.3f}')
    if len(intervals) > _TOP:
        print(f'  and {len(intervals) - _TOP} more; --out FILE writes all')
    if found.error is not None:
        print(f'  error: {found.error}')
