"""A network in deployed form as an ONNX file, checked against the original."""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

import torch
from mmengine.config import Config

from kss_mm.apis.config import checkpoint_of, own_config
from kss_mm.apis.deploy import TOLERANCE, logits_of, relative_difference
from kss_mm.apis.describe_pipeline import describe_pipeline
from kss_mm.apis.input_shape import input_shape
from kss_mm.apis.model import build_model
from kss_mm.checkpoints.checkpoint import load_plain
from kss_mm.checkpoints.meta import class_names_in
from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.files import PathLike, check_target, whole_path
from kss_mm.hosts import is_usable, repair
from kss_mm.hosts.swin_batch import free_batch_of_swin
from kss_mm.models.deploy import switch_to_deploy
from kss_mm.models.deploy.pixels_to_logits import PixelsToLogits
from kss_mm.models.heads.decision import decision_of

# Not the size of the example that is traced: another one shows that the batch is free.
_EXAMPLE, _OTHER = 2, 3
INPUT, OUTPUTS = 'pixels', ('logits', 'probabilities')


class Exported(NamedTuple):
    """The ONNX file that was written.

    Args:
        shape: Of its input, without the batch.
        difference: Largest difference of the logits in onnxruntime, relative to the largest logit.
        undescribed: Why its metadata do not say how files are read, so that ``kss_mm.load`` does not take it; None
            where they do.
    """

    path: str
    shape: tuple[int, ...]
    difference: float
    undescribed: str | None = None


def export_onnx(config: PathLike | Config, checkpoint: PathLike | None, out: PathLike, *,
                options: dict | list[str] | None = None, shape: Sequence[int] | None = None) -> Exported:
    """Write the model of a checkpoint, trained or deployed, as ``out``.

    Its input are pixels 0..255 of any number of samples, as
    :class:`~kss_mm.models.deploy.pixels_to_logits.PixelsToLogits` takes them; its metadata names the classes,
    thresholds, layout and order of the colours, and how frames are sampled, resized and cropped:
    :func:`kss_mm.load <kss_mm.inference.load.load>` runs it without torch.

    Args:
        config: A config, its file, or a published checkpoint with its config inside; the config given stays as it is.
        checkpoint: Its weights; None for those of the published checkpoint.
        out: Name of the new file, which ends in ``.onnx``.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.
        shape: (C, T, H, W) of a clip or (C, H, W) of an image; by default what the test pipeline makes.

    Raises:
        UserError: Where onnx is not installed, for a model in half precision, or logits that differ in onnxruntime.
    """
    out = os.fspath(out)
    if not out.endswith('.onnx'):
        raise InputError(f'{out}: must be the name of a file that ends in .onnx')
    checkpoint = checkpoint_of(config, checkpoint)
    runtime = onnx_runtime()
    check_target(out)
    cfg = own_config(config, options)
    model = build_model(cfg, checkpoint, 'cpu')
    switch_to_deploy(model)
    if any(parameter.dtype != torch.float32 for parameter in model.parameters()):
        raise InputError(f'{checkpoint}: is in half precision; deploy it by tools/deploy.py --dtype float32')
    network = PixelsToLogits(model)
    shape = tuple(shape or input_shape(cfg, getattr(model.data_preprocessor, 'format_shape', None)))
    example = network.random_pixels(shape, batch=_EXAMPLE)
    other = network.random_pixels(shape, batch=_OTHER)
    expected = logits_of(network, other)
    pipeline, undescribed = _described(cfg, network, example)
    metadata = {**_metadata(network, checkpoint, load_plain(checkpoint)), **pipeline}
    with whole_path(out) as part:
        write_onnx(network, example, part, metadata)
        found, _ = runtime.InferenceSession(part).run(None, {INPUT: other.numpy()})
        difference = relative_difference(expected, torch.from_numpy(found))
        if not difference <= TOLERANCE:
            raise InputError(f'{out}: not written, as its logits in onnxruntime differ by {difference:.1g} of the '
                             'largest')
    return Exported(out, tuple(example.shape[1:]), difference, undescribed)


def write_onnx(network: PixelsToLogits, example: torch.Tensor, path: str, metadata: dict[str, str]) -> None:
    """Write a network, with a free batch, for inputs of the example's other sizes."""
    if is_usable('mmpretrain'):
        repair(free_batch_of_swin)
    batch = {INPUT: {0: torch.export.Dim.DYNAMIC}}
    program = torch.onnx.export(network, (example,), dynamo=True, dynamic_shapes=batch, input_names=[INPUT],
                                output_names=OUTPUTS, verbose=False)
    program.model.metadata_props.update(metadata)
    program.save(path, external_data=False)


def _described(cfg: Config, network: PixelsToLogits, example: torch.Tensor) -> tuple[dict[str, str], str | None]:
    """What says how files are read, and why nothing does."""
    try:
        description = dict(describe_pipeline(cfg, network.model), shape=list(example.shape[1:]))
        return {'pipeline': json.dumps(description)}, None
    except InputError as error:
        return {'pipeline_problem': str(error)}, str(error)


def _metadata(network: PixelsToLogits, checkpoint: str, content: dict) -> dict[str, str]:
    classes = class_names_in(content, checkpoint)
    decision = decision_of(network.model)
    values = {FORMER: decision.thresholds, BUFFER: decision.threshold_logits}
    thresholds = {name: part for name, part in values.items() if part is not None}
    return {**({'classes': json.dumps(classes, ensure_ascii=False)} if classes else {}),
            **{name: json.dumps(values.tolist()) for name, values in thresholds.items()},
            'layout': network.layout, 'channels': network.channels, 'range': '0..255'}


def onnx_runtime():
    """Import onnxruntime.

    Raises:
        MissingPackageError: Where it, or what torch writes ONNX by, is not installed.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime
        import onnxscript  # noqa: F401  (torch writes ONNX by it)
    except ImportError as error:
        raise MissingPackageError(f"{error.name} is not installed: pip install 'kss-mm[onnx]'") from error
    return onnxruntime
