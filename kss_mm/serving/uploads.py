"""The file that a request brings, as one on disk while it is worked on: decoders want a name."""

import ntpath
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.types import Receive

from kss_mm.serving.limits import MIB

_CHUNK = MIB
_UNNAMED = 'upload'


@asynccontextmanager
async def received(request: Request, mebibytes: int) -> AsyncIterator[tuple[str, str]]:
    """The file's own name and where its bytes are, of a form with one file or of a body that is the file.

    Raises:
        HTTPException: 400 for a request without a file or with several, 413 for one above the size.
    """
    request = Request(request.scope, _counted(request, mebibytes))
    descriptor, path = tempfile.mkstemp(prefix='kss_mm_')
    try:
        with open(descriptor, 'wb') as file:
            name = await _copy(request, file)
            if not file.tell():
                raise HTTPException(400, 'the request holds no file: POST its bytes, or a form with a field "file"')
        yield name, path
    finally:
        with suppress(OSError):
            os.remove(path)


async def _copy(request: Request, file) -> str:
    if not request.headers.get('content-type', '').startswith('multipart/form-data'):
        async for chunk in request.stream():
            file.write(chunk)
        return _UNNAMED
    async with request.form() as form:
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if len(uploads) != 1:
            raise HTTPException(400, f'the form holds {len(uploads)} files; send one a request')
        while chunk := await uploads[0].read(_CHUNK):
            file.write(chunk)
        return ntpath.basename(uploads[0].filename or '') or _UNNAMED  # of both systems' paths


def _counted(request: Request, mebibytes: int) -> Receive:
    """The request's messages, up to the size."""
    too_large = HTTPException(413, f'the request is larger than {mebibytes} MiB, the limit of this server')
    most, count = mebibytes * MIB, 0
    said = request.headers.get('content-length', '')

    async def receive():
        nonlocal count
        if said.isascii() and said.isdigit() and int(said) > most:
            raise too_large
        message = await request.receive()
        count += len(message.get('body', b''))
        if count > most:
            raise too_large
        return message

    return receive
