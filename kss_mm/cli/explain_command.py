"""What ``tools/explain.py`` does and prints."""

import json
import os
from collections.abc import Sequence

from kss_mm.cli.predict_arguments import split_files
from kss_mm.errors import InputError
from kss_mm.files import PathLike, check_target, write_whole
from kss_mm.inference.load import load
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
    explanation = load(model, checkpoint, device).explain(files[0], label, top=top, parts=parts)
    print('\n'.join(explanation.lines()))
    for path in out:
        if os.path.splitext(path)[1].lower() == JSON:
            write_whole(json.dumps(explanation.as_dict(), ensure_ascii=False, indent=1).encode(), path)
        else:
            explanation.draw(path)
        print(f'Written: {path}')
