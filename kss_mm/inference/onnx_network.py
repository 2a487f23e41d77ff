"""A model in ONNX by onnxruntime, read and fed without torch, MMEngine and the hosts."""

import functools
import hashlib
import json
import os
from collections.abc import Hashable, Mapping, Sequence
from itertools import dropwhile

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from kss_mm.datasets.media.file_kind import check_kind
from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.datasets.media.image_reader import read_image
from kss_mm.errors import InputError, MissingFileError, MissingPackageError, shown
from kss_mm.files import PathLike, sha256_of
from kss_mm.inference.network import Clip, Scores, Thresholds
from kss_mm.inference.plain_steps import changed, chosen_frames
from kss_mm.json_files import parse_json

_SAMPLING = ('uniform', 'sample')
# Steps that make one image of each, whatever the others are.
_ONE_BY_ONE = ('resize', 'resize_edge', 'center_crop', 'padded_crop')
_NEEDED = {'version': int, 'kind': str, 'steps': list, 'average': str, 'batch_size': int, 'shape': list}
_VERSION = 1
_REMEDY = 'write it by tools/export_onnx.py of this version'


class OnnxNetwork:
    """A :class:`~kss_mm.inference.network.Network` of a file that ``tools/export_onnx.py`` wrote.

    Args:
        path: The file.
        device: 'cpu', or 'cuda:0' where onnxruntime has a GPU; by default the first where there is one.

    Raises:
        UserError: For a file that is missing, damaged, or does not say how files are read.
        MissingPackageError: Where onnxruntime is not installed.
    """

    def __init__(self, path: PathLike, device: str | None = None):
        self.path = os.fspath(path)
        self.session = _session(self.path, device)
        metadata = self.session.get_modelmeta().custom_metadata_map
        if 'pipeline' not in metadata:
            reason = metadata.get('pipeline_problem', f'its metadata do not say how files are read; {_REMEDY}')
            raise InputError(f'{self.path}: {reason}')
        self.description = _checked(metadata['pipeline'], self.path)
        self.kind, self.steps = self.description['kind'], self.description['steps']
        self.batch_size = self.description['batch_size']
        self.layout, self.channels = (metadata.get(name) for name in ('layout', 'channels'))
        self.classes, probabilities, logits = (_list(metadata, name, self.path) for name in (
            'classes', 'thresholds', 'threshold_logits'))
        if not self.classes or probabilities is None or len(probabilities) != len(self.classes):
            raise InputError(f'{self.path}: has no class names, or not a threshold for each; {_REMEDY}')
        self.thresholds = Thresholds(*(None if part is None else np.array(part, np.float32)
                                       for part in (probabilities, logits)))

    @functools.cached_property
    def identity(self) -> dict[str, str]:
        text = json.dumps(self.description, sort_keys=True)
        return dict(model=os.path.basename(self.path), sha256=sha256_of(self.path),
                    config=hashlib.sha256(text.encode()).hexdigest())

    def chosen(self, total: int, fps: float) -> np.ndarray:
        return chosen_frames(self._sampling, total).reshape(-1)

    def reduced(self, frame: np.ndarray) -> np.ndarray:
        for step in self.steps:
            if step['step'] in _ONE_BY_ONE:
                (frame,) = changed(step, [frame])
            elif step['step'] not in _SAMPLING:
                break
        return np.ascontiguousarray(frame)  # a crop would hold the whole

    def prepare(self, content: str | np.ndarray | Clip) -> np.ndarray:
        """Views of one sample, as the network takes them: (views, ...)."""
        if isinstance(content, str):
            check_kind(content, self.kind, self.path)
        images, length = self._images(content)
        steps = (step for step in self.steps if step['step'] not in _SAMPLING)
        if isinstance(content, Clip):
            steps = dropwhile(lambda step: step['step'] in _ONE_BY_ONE, steps)
        for step in steps:
            images = changed(step, images)
        pixels = np.stack(images)  # (M, H, W, 3)
        if self.channels == 'BGR':
            pixels = pixels[..., ::-1]
        if self.layout == 'NCTHW':
            pixels = pixels.reshape(-1, length, *pixels.shape[1:]).transpose(0, 4, 1, 2, 3)  # (views, C, T, H, W)
        else:
            pixels = pixels.transpose(0, 3, 1, 2)  # (M, C, H, W)
            pixels = pixels[None] if self.layout == 'NTCHW' else pixels
        if list(pixels.shape[1:]) != self.description['shape']:
            given, wanted = (' x '.join(map(str, shape)) for shape in (pixels.shape[1:], self.description['shape']))
            name = content if isinstance(content, str) else 'the array'
            raise InputError(f'{name}: becomes an input of {given}, and {self.path} takes {wanted}')
        return np.ascontiguousarray(pixels)

    def shape(self, sample: np.ndarray) -> Hashable:
        return sample.shape

    def run(self, samples: Sequence[np.ndarray]) -> list[Scores]:
        pixels = np.concatenate(samples).astype(np.float32)
        logits = self.session.run(['logits'], {self.session.get_inputs()[0].name: pixels})[0]  # (B views, K)
        found = average(logits.reshape(len(samples), -1, logits.shape[-1]), self.description['average'])
        return [self._scores(*row) for row in zip(*found)]

    def _scores(self, scores: np.ndarray, logits: np.ndarray) -> Scores:
        decides, wanted = (scores, self.thresholds.probabilities) if self.thresholds.logits is None else (
            logits, self.thresholds.logits)
        return Scores(scores, logits, np.flatnonzero(decides >= wanted).tolist())

    @property
    def _sampling(self) -> dict:
        (step,) = (step for step in self.steps if step['step'] in _SAMPLING)
        return step

    def _images(self, content: str | np.ndarray | Clip) -> tuple[list[np.ndarray], int]:
        """Images of a sample, and how many of them make a clip."""
        if self.kind == 'image':
            return [content if isinstance(content, np.ndarray) else read_image(content)], 1
        step = self._sampling
        if isinstance(content, Clip):
            return list(content.frames), step['clip_len']
        frames = content if isinstance(content, np.ndarray) else open_video(content)
        indices = chosen_frames(step, len(frames)).reshape(-1)
        images = [frames[index] for index in indices] if frames is content else read_frames(frames, indices)
        return images, step['clip_len']


def average(logits: np.ndarray, how: str) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and logits (B, K) of samples from those of their views (B, V, K).

    Args:
        how: As ``average_clips`` of :class:`~kss_mm.models.KSSHead`.
    """
    if logits.shape[1] == 1:
        found = logits[:, 0]
    elif how == 'max':
        found = logits.max(axis=1)
    elif how == 'score':
        found = logits.mean(axis=1, dtype=np.float64)
    else:
        views = logits.astype(np.float64)
        found = logsumexp(log_expit(views), axis=1) - logsumexp(log_expit(-views), axis=1)
    return expit(found).astype(np.float32), found


def _session(path: str, device: str | None):
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such model; tools/export_onnx.py writes one')
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingPackageError("onnxruntime is not installed: pip install 'kss-mm[onnx]'") from error
    there = onnxruntime.get_available_providers()
    wanted = 'cuda' if device is None and 'CUDAExecutionProvider' in there else (device or 'cpu')
    name, _, number = wanted.partition(':')
    providers = {'cpu': 'CPUExecutionProvider', 'cuda': 'CUDAExecutionProvider'}
    if providers.get(name) not in there:
        raise InputError(f'device {device!r} is not there; use cpu, or cuda:0 where onnxruntime-gpu is installed')
    options = {'device_id': int(number or 0)} if name == 'cuda' else {}
    try:
        return onnxruntime.InferenceSession(path, providers=[(providers[name], options)])
    except Exception as error:  # onnxruntime has a class of errors for each of its states
        raise InputError(f'{path}: is no model that onnxruntime reads, or a damaged one '
                         f'({" ".join(str(error).split())[:150]})') from error


def _checked(text: str, path: str) -> dict:
    found = parse_json(text, f'{path}, its pipeline')
    if not isinstance(found, dict) or any(not isinstance(found.get(key), kind) for key, kind in _NEEDED.items()):
        raise InputError(f'{path}: its pipeline is no description of one; {_REMEDY}')
    if found['version'] != _VERSION:
        raise InputError(f'{path}: describes its pipeline in version {shown(found["version"])}, and this kss-mm reads '
                         f'{_VERSION}; update it')
    sampling = [step for step in found['steps'] if isinstance(step, Mapping) and step.get('step') in _SAMPLING]
    if found['kind'] not in ('video', 'image') or len(sampling) != (found['kind'] == 'video') or any(
            not isinstance(step, Mapping) or not isinstance(step.get('step'), str) for step in found['steps']):
        raise InputError(f'{path}: its pipeline is no description of one; {_REMEDY}')
    return found


def _list(metadata: Mapping[str, str], name: str, path: str) -> list | None:
    if name not in metadata:
        return None
    found = parse_json(metadata[name], f'{path}, its {name}')
    if not isinstance(found, list) or not all(isinstance(value, str if name == 'classes' else int | float)
                                              for value in found):
        raise InputError(f'{path}: its {name} are {shown(found)}; {_REMEDY}')
    return found
