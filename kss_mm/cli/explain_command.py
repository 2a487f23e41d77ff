"""What ``tools/explain.py`` and ``tools/check_explanations.py`` do and print."""

import json
import os
from collections.abc import Sequence
from itertools import islice

from kss_mm.cli.predict_arguments import named_sources, split_files
from kss_mm.errors import InputError
from kss_mm.files import PathLike, check_target, write_whole
from kss_mm.inference.load import load
from kss_mm.numeric import check_integer
from kss_mm.visualization import PICTURES

JSON = '.json'


def run_command(model: str, files: Sequence[str], *, label: str | None = None, out: Sequence[PathLike] = (),
                top: int = 8, parts: Sequence[str] | None = None, device: str | None = None) -> None:
    """Explain a label of one file as the command line asks for it; the arguments are its own.

    Raises:
        UserError: In one line, for arguments that do not fit each other, and as
            :func:`~kss_mm.inference.load.load` and :meth:`~kss_mm.inference.predictor.Predictor.explain`.
    """
    for path in out:
        if os.path.splitext(path)[1].lower() not in (*PICTURES, JSON):
            raise InputError(f'--out {path}: must end in {", ".join(PICTURES)} for a picture, or in {JSON}')
        check_target(path)
    checkpoint, files = split_files(model, files)
    if len(files) != 1:
        raise InputError(f'{model}: one file is explained, and {len(files)} are named')
    for path in out:
        check_target(path, *files)
    explanation = load(model, checkpoint, device).explain(files[0], label, top=top, parts=parts)
    print('\n'.join(explanation.lines()))
    for path in out:
        if os.path.splitext(path)[1].lower() == JSON:
            write_whole(json.dumps(explanation.as_dict(), ensure_ascii=False, indent=1).encode(), path)
        else:
            explanation.draw(path)
        print(f'Written: {path}')


def run_check(model: str, files: Sequence[str], *, limit: int | None = None, seed: int = 0,
              device: str | None = None) -> None:
    """Check explanations of many files, and print the table; the arguments are those of the command line.

    Raises:
        UserError: As :func:`run_command`.
    """
    from kss_mm.analysis.explanations.check import check_explanations, table

    if limit is not None:
        check_integer('--limit', limit, 2)
    checkpoint, files = split_files(model, files)
    predictor = load(model, checkpoint, device)
    sources = islice(named_sources(files, (), predictor.kind), limit)
    print(table(check_explanations(predictor, (source.content for source in sources), seed=seed)))
