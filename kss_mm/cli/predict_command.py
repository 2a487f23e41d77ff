"""What ``tools/predict.py`` does and prints."""

import os
from collections.abc import Sequence

from kss_mm.apis.progress import progress_bar
from kss_mm.cli.draw_command import Drawer, drawer_of
from kss_mm.cli.predict_arguments import named_sources, split_files
from kss_mm.errors import InputError, MissingFileError, one_line, short_name
from kss_mm.files import PathLike, check_target
from kss_mm.inference.load import load
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.predictor import Predictor
from kss_mm.inference.processes import own_device, same_threads
from kss_mm.inference.shards import Shard, merge_shards, shards_of
from kss_mm.inference.sources import is_one, may_be_there
from kss_mm.inference.table_formats import FORMATS
from kss_mm.timeline.intervals import LOW_SHARE
from kss_mm.visualization import PICTURES

# How many labels are printed, and the exit status where some files were broken and the others are done.
_TOP, _SOME_BROKEN = 10, 1


def run_command(model: str | None, files: Sequence[str], lists: Sequence[str], *, out: PathLike | None = None,
                top: int | None = None, threshold: float | None = None, truth: bool = False,
                batch_size: int | None = None, workers: int | None = None, device: str | None = None,
                shard: str | None = None, merge: PathLike | None = None, draw: str | None = None,
                timeline: str | None = None, low_share: float | None = None, min_seconds: float | None = None) -> int:
    """Predict files as the command line asks for it; the arguments are its own.

    Returns:
        The exit status: 1 where some files are broken, in a call for several.

    Raises:
        UserError: In one line, for arguments that do not fit each other, and as
            :func:`~kss_mm.inference.load.load` and :func:`~kss_mm.inference.predict_files.predict_files`.
    """
    if merge is not None:
        return _merge(merge, model)
    if model is None:
        raise InputError('give a model: a published or deployed file, or a config and its checkpoint')
    if timeline is not None:
        if truth or shard or Shard.of_environment():
            raise InputError(f'{"--truth" if truth else "--shard or torchrun"}: does not go with --timeline; true '
                             'intervals are for tools/evaluate_timelines.py, and one process takes all videos')
        from kss_mm.cli.timeline_command import run_timelines

        return run_timelines(model, files, lists, timeline=timeline, out=out, top=top, threshold=threshold,
                             low_share=LOW_SHARE if low_share is None else low_share, min_seconds=min_seconds or 0.,
                             batch_size=batch_size, workers=workers, device=device, draw=draw)
    if low_share is not None or min_seconds is not None:
        raise InputError('--low-share and --min-seconds are for intervals; give --timeline WINDOW, too')
    suffix = os.path.splitext(out)[1].lower() if out else ''
    if out and suffix not in (*PICTURES, *FORMATS):
        raise InputError(f'--out {out}: must end in {", ".join(FORMATS)} for a table, or in {", ".join(PICTURES)} for '
                         'the picture of one file')
    if top is not None and top < 1:
        raise InputError(f'--top must be at least 1, got {top}')
    share = Shard.parse(shard) if shard else Shard.of_environment()
    if share and suffix not in FORMATS:
        raise InputError('--shard and torchrun share the files of a table; give --out FILE.csv, .json or .jsonl')
    same_threads()
    checkpoint, files = split_files(model, files)
    if not files and not lists:
        raise InputError(f'{model}: nothing to predict; give files, a folder, or --list FILE after the model')
    single = len(files) == 1 and not lists and is_one(files[0])
    if (truth or suffix in PICTURES) and not (single and suffix not in FORMATS):
        raise InputError(f'{"--truth" if truth else f"--out {out}"}: is for one file; give one, or a table '
                         f'({", ".join(FORMATS)}) without --truth')
    if files and not lists and not any(map(may_be_there, files)):
        raise MissingFileError(f'{files[0]}: no such file or folder')
    for path in lists:
        if path != '-' and not os.path.isfile(path):
            raise MissingFileError(f'--list {path}: no such file')
    if draw and suffix in FORMATS:
        raise InputError(f'--draw {draw}: is for a call without a table (--out {out}); use two calls')
    drawer = drawer_of(draw, files[0] if single else None, files, top, out) if draw else None
    if suffix in PICTURES:
        check_target(out, files[0])
    predictor = load(model, checkpoint, device or own_device(), batch_size=batch_size, workers=workers,
                     threshold=threshold)
    if drawer:
        drawer.check_kind(predictor.kind)
    if suffix in FORMATS:
        return _to_table(predictor, files, lists, out, top, share)
    if single:
        return _one(predictor, files[0], out, top or _TOP, truth, drawer)
    return _print_all(predictor, files, lists, top or _TOP, drawer)


def _one(predictor: Predictor, file: str, out: PathLike | None, top: int, truth: bool, drawer: Drawer | None) -> int:
    found = predictor(file)
    targets = None
    if truth:
        if not hasattr(predictor.network, 'cfg'):
            raise InputError(f'--truth: {predictor.network.path} has no config that names a test dataset')
        from kss_mm.inference.true_labels import true_labels

        targets = true_labels(predictor.network.cfg, file, predictor.classes, predictor.network.path)
    _print(found, top, targets)
    if out:
        from kss_mm.inference.picture import draw

        draw(found, predictor.kind, out, top=top, targets=targets)
        print(f'picture: {out}')
    if drawer:
        drawer(found, predictor.kind)
    return 0


def _print_all(predictor: Predictor, files: Sequence[str], lists: Sequence[str], top: int,
               drawer: Drawer | None) -> int:
    count = broken = 0
    for found in predictor.predict_sources(named_sources(files, lists, predictor.kind)):
        _print(found, top)
        count += 1
        broken += found.error is not None or drawer is not None and not drawer.tried(found, predictor.kind)
    return _ended(f'{count} files', broken)


def _to_table(predictor: Predictor, files: Sequence[str], lists: Sequence[str], out: PathLike, top: int | None,
              share: Shard | None) -> int:
    from kss_mm.inference.predict_files import predict_files

    with progress_bar('predicting') as report:
        done = predict_files(predictor, named_sources(files, lists, predictor.kind), out, top=top, shard=share,
                             report=lambda count: report(count, None))
    before = f', {done.before} of them from before' if done.before else ''
    status = _ended(f'{done.path}: {done.files} files{before}', done.broken)
    if done.waiting:
        print(f'{out}: is joined when shares {", ".join(map(str, done.waiting[:8]))} of {share.count} are done')
    # torchrun would stop the processes that still work.
    return 0 if 'RANK' in os.environ else status


def _merge(out: PathLike, model: str | None) -> int:
    if model is not None:
        raise InputError(f'--merge {out}: joins what is there, and takes no model and no files, such as {model}')
    found = merge_shards(out, len(shards_of(out)))
    if isinstance(found, list):
        raise InputError(f'{out}: is not joined, shares {", ".join(map(str, found[:8]))} are not done; predict them '
                         'with --shard K/N')
    path, files, broken = found
    return _ended(f'{path}: {files} files', broken)


def _print(found: Prediction, top: int, targets: Sequence[int] | None = None) -> None:
    if found.error is not None:
        print(f'{one_line(found.source)}:\n  error: {found.error}')
        return
    print(f'{one_line(found.source)}:')
    for index in found.ranked()[:top]:
        notes = ['predicted'] * (index in found.indices) + ['true'] * (index in (targets or ()))
        print(f'  {found.decision(index)}  {short_name(found.classes[index]):30s} {", ".join(notes)}'.rstrip())


def _ended(text: str, broken: int) -> int:
    print(f'{text}, {broken} of them broken' if broken else text)
    return _SOME_BROKEN if broken else 0
