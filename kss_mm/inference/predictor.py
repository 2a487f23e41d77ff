"""A model that is built once, and its predictions of files, frames and streams."""

import os
import threading
from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from kss_mm.apis.progress import progress_bar
from kss_mm.errors import InputError, MissingPackageError, UserError, shown
from kss_mm.explain.explanation import Explanation
from kss_mm.graph.class_names import did_you_mean
from kss_mm.inference.network import Network, Scores, Thresholds
from kss_mm.inference.prediction import Prediction
from kss_mm.inference.predicts_windows import PredictsWindows
from kss_mm.inference.sources import Source, is_one, list_sources
from kss_mm.numeric import check_integer, check_number

# Threads that decode, where there are more cores.
_MOST_WORKERS = 8


class Predictor(PredictsWindows):
    """Named predictions of a trained model, usable from several threads at once.

    :func:`kss_mm.load <kss_mm.inference.load.load>` makes it.

    Files are decoded in threads while the model runs. Whatever else is predicted, a file has the same scores, which are
    those of ``tools/test.py``.

    Args:
        network: The model with the steps that make its input.
        batch_size: Samples that the model takes at once; by default that of the network.
        workers: Threads that decode; by default one for each core, up to 8. 0 decodes between the model's steps.
        threshold: A probability from which every label is predicted, in place of the model's own thresholds.

    Raises:
        InputError: For numbers out of their ranges.
    """

    def __init__(self, network: Network, *, batch_size: int | None = None, workers: int | None = None,
                 threshold: float | None = None):
        self.network = network
        self.batch_size = network.batch_size if batch_size is None else batch_size
        self.workers = min(_cores(), _MOST_WORKERS) if workers is None else workers
        check_integer('batch_size', self.batch_size, 1)
        check_integer('workers', self.workers, 0)
        self.threshold = threshold
        self.thresholds = network.thresholds
        if threshold is not None:
            check_number('threshold', threshold, 0, 1)
            self.thresholds = Thresholds(np.full(len(network.classes), threshold, dtype=np.float32))
        self._lock = threading.Lock()

    @property
    def classes(self) -> list[str]:
        """Names of the labels, in the order of the scores."""
        return self.network.classes

    @property
    def kind(self) -> str:
        """'video' or 'image', what the model reads."""
        return self.network.kind

    def __call__(self, source: object, *, frames: int | None = None) -> Prediction | list[Prediction]:
        """Predict one source, or a list of them.

        Args:
            source: A path; uint8 RGB frames as an array or tensor, (T, H, W, 3) of a video or (H, W, 3) of an image; a
                PIL image; an open ``cv2.VideoCapture``, or the number of a camera, for its next clip; a folder or a
                pattern such as ``'clips/*.mp4'``, for all files in it, or a list of any of these.
            frames: How many frames of a stream make a clip; by default all to its end.

        Returns:
            One prediction for one source, a list for several. In a list, a file that cannot be read has ``error`` in
            place of labels.

        Raises:
            UserError: For a single file that cannot be read, and for what is no source at all.
        """
        if not is_one(source):
            return self._listed(list(list_sources(source, self.kind, frames)))
        (prediction,) = self.predict_sources([self._first(source, frames)])
        if prediction.error is not None:
            raise prediction.error
        return prediction

    def explain(self, source: object, label: str | None = None, *, top: int = 8, parts: Collection[str] | None = None,
                frames: int | None = None) -> Explanation:
        """Say why a label has its score: which labels of the graph carried it, and where the model saw it.

        Args:
            source: One, as of a call.
            label: Its name; by default the surest.
            top: How many neighbours and edges of the graph are taken away exactly.
            parts: Some of 'graph', 'laterals', 'activation' and 'attention'; by default all that the model has.
            frames: As of a call.

        Raises:
            UserError: For a source that cannot be read or is several, a label that the model does not have, a model
                in ONNX or deployed form, and parts that it does not have.
        """
        if not hasattr(self.network, 'explain'):
            raise InputError(f'{self.network.path}: has no label graph, features and gradients that could be looked '
                             'into, as ONNX holds none; explain the checkpoint that it was exported from')
        check_integer('top', top, 1)
        index = None if label is None else self._index(label)
        if not is_one(source):
            raise InputError(f'{shown(source)}: is more than one source, and one is explained; name a file')
        first = self._first(source, frames)
        sample = self._prepared(first)
        if isinstance(sample, UserError):
            raise sample
        with self._lock:
            (scores,) = self.network.run([sample])
            prediction = self._named(first, scores)
            index = prediction.ranked()[0] if index is None else index
            evidence = self.network.explain(sample, index, top=top, parts=parts)
        thresholds = prediction.thresholds
        return Explanation(
            first.name, self.classes[index], float(prediction.scores[index]),
            None if thresholds is None else float(thresholds[index]), index in prediction.indices, **evidence._asdict())

    def _index(self, label: str) -> int:
        if label not in self.classes:
            raise InputError(f'label {shown(label)}: is none of the {len(self.classes)} of {self.network.path}'
                             f'{did_you_mean(label, self.classes)}')
        return self.classes.index(label)

    def stream(self, sources: object, *, frames: int | None = None) -> Iterator[Prediction]:
        """Predictions one after the other, in order, in constant memory, however many sources there are.

        Args:
            sources: As of a call, also an iterator of paths; of a stream or camera, one clip after the other until it
                ends.
            frames: How many frames of a stream make a clip; by default all to its end.

        Raises:
            UserError: For what is no source.
        """
        return self.predict_sources(list_sources(sources, self.kind, frames))

    def __repr__(self) -> str:
        return f'<Predictor of {len(self.classes)} labels of {self.kind}s: {self.network.path}>'

    def _first(self, source: object, frames: int | None) -> Source:
        first = next(list_sources(source, self.kind, frames), None)
        if first is None:
            raise InputError(f'{shown(source)}: the stream gives no frame any more')
        return first

    def _listed(self, sources: list[Source]) -> list[Prediction]:
        predictions = []
        with progress_bar('predicting') as report:
            for prediction in self.predict_sources(sources):
                predictions.append(prediction)
                report(len(predictions), len(sources))
        return predictions

    def predict_sources(self, sources: Iterable[Source]) -> Iterator[Prediction]:
        """Predictions of listed sources, in their order.

        As many as a batch has are taken at a time, and those of one shape among them run together: a prediction depends
        on no others, not even in its last digit.
        """
        samples = self._samples(sources)
        while batch := list(islice(samples, self.batch_size)):
            yield from self._run(batch)

    def predict_one_by_one(self, sources: Iterable[Source]) -> Iterator[Prediction]:
        """Predictions of sources in their order, each as soon as its source is there."""
        for source in sources:
            yield from self._run([(source, self._prepared(source))])

    def _samples(self, sources: Iterable[Source]) -> Iterator[tuple[Source, object]]:
        """What the model takes for each source, or the error in its place, prepared ahead by threads."""
        if not self.workers:
            yield from ((source, self._prepared(source)) for source in sources)
            return
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix='kss_mm_decode')
        waiting: deque[tuple[Source, Future]] = deque()
        try:
            for source in sources:
                waiting.append((source, pool.submit(self._prepared, source)))
                if len(waiting) > self.batch_size + self.workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _prepared(self, source: Source) -> object:
        try:
            return self.network.prepare(source.content)
        except (MemoryError, MissingPackageError):
            raise
        except UserError as error:
            return error
        except Exception as error:  # whatever the steps of anyone's pipeline raise for one file
            return InputError(f'{source.name}: does not pass the test pipeline: {type(error).__name__}: {error}')

    def _run(self, batch: list[tuple[Source, object]]) -> Iterator[Prediction]:
        by_shape: dict[Hashable, list[int]] = {}
        for index, (_, sample) in enumerate(batch):
            if not isinstance(sample, UserError):
                by_shape.setdefault(self.network.shape(sample), []).append(index)
        found: dict[int, Scores] = {}
        for indices in by_shape.values():
            with self._lock:
                found.update(zip(indices, self.network.run([batch[index][1] for index in indices])))
        for index, (source, sample) in enumerate(batch):
            yield self._named(source, found[index]) if index in found else Prediction(source.name, error=sample)

    def _named(self, source: Source, found: Scores) -> Prediction:
        if len(found.scores) != len(self.classes):
            raise InputError(f'{self.network.path}: has {len(self.classes)} class names for {len(found.scores)} '
                             'outputs')
        if not np.isfinite(found.scores).all():
            wrong = ~np.isfinite(found.scores)
            raise InputError(f'{self.network.path}: gives a score of {found.scores[wrong][0]} for {int(wrong.sum())} '
                             f'of {len(wrong)} labels, so its weights are not finite: give an earlier checkpoint of '
                             'the run, and train with kss_mm.FiniteLossHook')
        indices = found.indices
        if self.threshold is not None:
            indices = np.flatnonzero(found.scores >= self.thresholds.probabilities).tolist()
        return Prediction(source.name, self.classes, found.scores, indices, self.thresholds.probabilities, found.logits,
                          self.thresholds.logits)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
