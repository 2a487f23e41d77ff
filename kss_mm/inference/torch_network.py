"""A trained model in torch, of either host, with the test pipeline of its config."""

import copy
import functools
import hashlib
import json
import os
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import FUNCTIONS
from mmengine.runner.amp import autocast
from torch import nn

from kss_mm.apis.config import checkpoint_of, evaluation_pipeline, name_of, own_config
from kss_mm.apis.input_kind import check_input, input_kind
from kss_mm.apis.model import build_model
from kss_mm.apis.pipeline_steps import input_steps
from kss_mm.apis.translate_errors import translate_build_errors
from kss_mm.checkpoints.checkpoint import load_plain
from kss_mm.checkpoints.meta import class_names_in
from kss_mm.errors import InputError
from kss_mm.explain.explain_label import explain_label
from kss_mm.explain.explanation import Evidence
from kss_mm.explain.view import View
from kss_mm.files import PathLike, sha256_of
from kss_mm.inference import clip_steps
from kss_mm.inference.array_steps import steps_for_arrays
from kss_mm.inference.head_outputs import HeadOutputs
from kss_mm.inference.network import Clip, Scores
from kss_mm.models.graph_labels import graph_labels


class TorchNetwork:
    """A :class:`~kss_mm.inference.network.Network` that does what the test loop of MMEngine's runner does.

    Args:
        config: A config, its file, or a published checkpoint with its config inside; the config given stays as it is.
        checkpoint: Its weights; None for those of the published checkpoint.
        device: By default a GPU where there is one.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.

    Raises:
        UserError: In one line, for what does not load, does not fit, or has no class names.
    """

    def __init__(self, config: PathLike | Config, checkpoint: PathLike | None = None, device: str | None = None, *,
                 options: dict | list[str] | None = None):
        self.path = checkpoint_of(config, checkpoint)
        self.cfg = cfg = own_config(config, options)
        self.kind = input_kind(cfg)
        self.model = build_model(cfg, self.path, device)
        self.outputs = HeadOutputs(self.model)
        self.thresholds = self.outputs.thresholds
        self.classes = class_names(self.path, self.outputs.count, self.model)
        loader = cfg.get('test_dataloader') or cfg.get('val_dataloader') or {}
        self.batch_size = loader.get('batch_size') or 1
        self._collate = _collate_of(loader)
        self._half = bool((cfg.get('test_cfg') or {}).get('fp16'))
        pipeline = evaluation_pipeline(cfg)
        with translate_build_errors(cfg):
            self._files = _Copies(Compose(input_steps(pipeline)))
            self._arrays = _Copies(Compose(steps_for_arrays(pipeline)))
        self._chosen: dict[tuple[int, float], dict] = {}
        if not pipeline:
            raise InputError(f'{name_of(config)}: has no test pipeline; give it a test_dataloader')

    @functools.cached_property
    def identity(self) -> dict[str, str]:
        parts = (self.cfg.model, self.cfg.get('data_preprocessor'), list(evaluation_pipeline(self.cfg)))
        text = json.dumps(parts, sort_keys=True, default=repr)
        return dict(model=os.path.basename(self.path), sha256=sha256_of(self.path),
                    config=hashlib.sha256(text.encode()).hexdigest())

    def chosen(self, total: int, fps: float) -> np.ndarray:
        if (total, fps) not in self._chosen:
            with self._arrays.one() as pipeline:
                self._chosen[total, fps] = clip_steps.chosen(pipeline.transforms, total, fps)
        return self._chosen[total, fps]['frame_inds']

    def reduced(self, frame: np.ndarray) -> dict:
        with self._arrays.one() as pipeline:
            return clip_steps.reduced(pipeline.transforms, frame)

    def prepare(self, content: str | np.ndarray | Clip) -> dict:
        if isinstance(content, Clip):
            self.chosen(content.total, content.fps)
            sample = copy.deepcopy(self._chosen[content.total, content.fps])
            with self._arrays.one() as pipeline:
                return clip_steps.finished(pipeline.transforms, sample, content)
        sample = dict(clip_steps.VIDEO) if self.kind == 'video' else {}
        if isinstance(content, np.ndarray):
            sample.update(frames=content, **(dict(total_frames=len(content)) if self.kind == 'video' else {}))
        else:
            check_input(self.cfg, content)
            sample['filename' if self.kind == 'video' else 'img_path'] = content
        with (self._arrays if isinstance(content, np.ndarray) else self._files).one() as pipeline:
            return pipeline(sample)

    def shape(self, sample: dict) -> Hashable:
        inputs = sample['inputs']
        parts = inputs if isinstance(inputs, dict) else {'': inputs}
        return tuple((name, tuple(getattr(part, 'shape', ()))) for name, part in parts.items())

    @torch.no_grad()
    def run(self, samples: Sequence[dict]) -> list[Scores]:
        try:
            with autocast(enabled=self._half):
                found = self.model.test_step(self._collate(samples))
        except torch.OutOfMemoryError as error:
            raise InputError(f'{self.path}: {len(samples)} samples at once do not fit into memory; take a smaller '
                             f'batch size ({str(error).splitlines()[0][:100]})') from error
        return [self.outputs.scores(sample) for sample in found]

    def view(self, sample: dict, label: int) -> View:
        """The view of a file that scores the label of this index highest.

        Raises:
            InputError: For a model in deployed form.
        """
        if getattr(self.model, 'deployed', False):
            raise InputError(f'{self.path}: is in deployed form, without label graph and lateral connections; explain '
                             'the checkpoint that it was made from')
        return View(self.model, self._collate([sample]), label, lambda: autocast(enabled=self._half))

    def explain(self, sample: dict, label: int, *, top: int, parts: Collection[str] | None) -> Evidence:
        """Why the label of this index has its score, see :func:`~kss_mm.explain.explain_label.explain_label`."""
        return explain_label(self.view(sample, label), self.classes, top=top, parts=parts)


def class_names(checkpoint: str, outputs: int | None = None, model: nn.Module | None = None) -> list[str]:
    """Class names that a checkpoint was trained with, kept in it by the runner, else those of its label graph.

    Args:
        outputs: Of its model, where they are known.
        model: Its model, of which a part may have a label graph.

    Raises:
        InputError: If it has no names, or not one for every output.
    """
    classes = class_names_in(load_plain(checkpoint), checkpoint, outputs)
    labels = None if classes or model is None else graph_labels(model)
    classes = classes or list(labels.classes if labels else ())
    if not classes:
        raise InputError(f'{checkpoint}: holds no class names; give its training dataset some, '
                         'metainfo=dict(classes=[...])')
    return classes


class _Copies:
    """Copies of a pipeline, one for each thread that uses it at a time, as steps keep state while they work."""

    def __init__(self, pipeline: Compose):
        self.original = pipeline
        self.free: list[Compose] = []

    @contextmanager
    def one(self) -> Iterator[Compose]:
        try:
            pipeline = self.free.pop()
        except IndexError:
            pipeline = copy.deepcopy(self.original)
        yield pipeline
        self.free.append(pipeline)


def _collate_of(loader: dict) -> Callable:
    """As MMEngine's runner takes it from the config of a data loader."""
    arguments = dict(loader.get('collate_fn') or dict(type='pseudo_collate'))
    kind = arguments.pop('type')
    return functools.partial(FUNCTIONS.get(kind) if isinstance(kind, str) else kind, **arguments)
