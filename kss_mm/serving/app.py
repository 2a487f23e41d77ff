"""One trained model behind three routes: predict, health, metadata."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request

from kss_mm import __version__
from kss_mm.errors import UserError
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.predictor import Predictor
from kss_mm.serving.limits import Limits
from kss_mm.serving.uploads import received

_FILE = {'schema': {'type': 'string', 'format': 'binary'}}
_FORM = {'schema': {'type': 'object', 'required': ['file'], 'properties': {'file': _FILE['schema']}}}
_BODY = {'requestBody': {'required': True,
                         'content': {'multipart/form-data': _FORM, 'application/octet-stream': _FILE}}}


def create_app(predictor: Predictor, limits: Limits | None = None) -> FastAPI:
    """An application, as any ASGI server runs it, that predicts the files posted to it.

    Requests are worked on at once and take turns at the model. One that runs out of time gives up its place when its
    thread ends, which cannot be stopped: threads do not pile up behind files that take forever.

    ======  ============  ==============================================================================
    POST    /predict      a video or image, as the body or as ``file`` of a form; ``?top=5`` for so many
                          labels; JSON as of :meth:`Prediction.as_dict`. 400, 413 and 422 say what is
                          wrong with the file, 503 that the server is busy, 504 that it took too long
    GET     /health       ``{"status": "ok"}``
    GET     /metadata     model, its hash, kind of input, classes, thresholds, limits
    ======  ============  ==============================================================================

    Args:
        predictor: A model of :func:`kss_mm.load <kss_mm.inference.load.load>`; with ``workers=0``, as each
            request is decoded in its own thread.
        limits: Size, time and number of requests.
    """
    limits = limits or Limits()
    places = threading.BoundedSemaphore(limits.requests)
    pool = ThreadPoolExecutor(limits.requests, thread_name_prefix='kss_mm_serve')
    app = FastAPI(title='kss_mm', version=__version__, description='Labels of videos and images.')
    about = _metadata(predictor, limits)

    @app.post('/predict', openapi_extra=_BODY)
    async def predict(request: Request, top: Annotated[int | None, Query(ge=1)] = None) -> dict:
        if not places.acquire(blocking=False):
            raise HTTPException(503, f'{limits.requests} requests are being worked on; try again', {'Retry-After': '1'})
        future = None

        async def answer() -> dict:
            nonlocal future
            async with received(request, limits.mebibytes) as (name, path):
                future = pool.submit(_predict, predictor, path)
                future.add_done_callback(lambda _: places.release())
                return _answer(await asyncio.wrap_future(future), name, path, top)

        try:
            return await asyncio.wait_for(answer(), limits.seconds)
        except asyncio.TimeoutError:
            raise HTTPException(504, f'took longer than {limits.seconds:g} s, the limit of this server') from None
        finally:
            if future is None:
                places.release()

    @app.get('/health')
    async def health() -> dict:
        return {'status': 'ok'}

    @app.get('/metadata')
    async def metadata() -> dict:
        return about

    return app


def _predict(predictor: Predictor, path: str) -> Prediction:
    return next(predictor.stream([path]))


def _answer(found: Prediction, name: str, path: str, top: int | None) -> dict:
    if isinstance(found.error, UserError):
        raise HTTPException(422, str(found.error).replace(path, name))
    return {**found.as_dict(top), 'file': name}


def _metadata(predictor: Predictor, limits: Limits) -> dict:
    identity, thresholds = predictor.network.identity, predictor.thresholds.probabilities
    return {
        'model': identity['model'],
        'sha256': identity['sha256'],
        'kind': predictor.kind,
        'classes': list(predictor.classes),
        'thresholds': None if thresholds is None else [float(value) for value in thresholds],
        'limits': {'mebibytes': limits.mebibytes, 'seconds': limits.seconds, 'requests': limits.requests},
        'version': __version__}
