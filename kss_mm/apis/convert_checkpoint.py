"""Others' checkpoints of these networks made ours, and ours made theirs."""

import os
from collections.abc import Callable, Mapping, Sequence

from mmengine.config import Config
from torch import Tensor, nn

from kss_mm.apis.config import name_of, own_config
from kss_mm.apis.conversion import MLGCN, PUBLISHED, RELEASED, Conversion
from kss_mm.apis.convert_mlgcn import differences, is_mlgcn, to_mlgcn, with_adjacency
from kss_mm.apis.model import fresh_model
from kss_mm.checkpoints.checkpoint import check_fits, load_weights
from kss_mm.checkpoints.match_weights import match_weights
from kss_mm.checkpoints.mlgcn_keys import mlgcn_to_ours
from kss_mm.checkpoints.released_keys import BACKBONE, ours_to_released, published_to_ours, released_to_ours
from kss_mm.checkpoints.threshold_logits import BUFFER
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike, check_target
from kss_mm.graph.label_files import read_classes_file
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.pooling import PAIRS
from kss_mm.models.laterals.lateral import InjectionHook
from kss_mm.models.released_network import RELEASED_TAPS, RELEASED_WORDS, released_shapes

# Our names of their weights, and what stands in the keys of their convolutions.
SOURCES = {RELEASED: (released_to_ours, '.conv3d.'), PUBLISHED: (published_to_ours, '.conv3d.'),
           MLGCN: (mlgcn_to_ours, '.conv2.')}


def convert(source: PathLike, config: PathLike | Config | None, out: PathLike, *, to: str = 'ours',
            classes: PathLike | None = None, options: dict | list[str] | None = None) -> Conversion:
    """Convert a checkpoint; nothing is written yet, see :meth:`~kss_mm.apis.conversion.Conversion.save`.

    Args:
        source: The checkpoint; its keys tell whose it is.
        config: Config of the model, or its file; for 'released' None does without, and then less is checked.
        out: Name of the new file, which is checked before any work is done.
        to: 'ours', or 'released' for the form of one of ours that the released KSSNet or ML-GCN has.
        classes: File of class names to keep in the checkpoint, where the config has no label graph.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.

    Raises:
        UserError: For arguments that do not go together, or a source of neither network.
    """
    source, out = os.fspath(source), os.fspath(out)
    if to not in ('ours', 'released'):
        raise InputError(f"--to {shown(to)}: must be 'ours' or 'released'")
    if to == 'ours' and config is None:
        raise InputError(f'CONFIG is missing: {source} becomes a checkpoint of its model')
    if options and config is None:
        raise InputError('--cfg-options needs a CONFIG')
    if classes and to == 'released':
        raise InputError("--classes: the released code's checkpoints hold no class names")
    if os.path.exists(out) and os.path.exists(source) and os.path.samefile(out, source):
        raise InputError(f'--out {out}: must be the name of a new file')
    check_target(out)
    cfg = own_config(config, options) if config is not None else None
    if to == 'released':
        return to_released(source, cfg)
    return to_ours(source, cfg, read_classes_file(classes) if classes is not None else None)


def to_ours(path: str, cfg: Config, classes: Sequence[str] | None = None) -> Conversion:
    """A checkpoint of the config's model from one of the released KSSNet or ML-GCN, or of the published Inception-I3D.

    What a source never has (adjacency, label embeddings, thresholds) comes from the model as it is built. Where weights
    are missing, such as a GCN's in Inception-I3D, or a classifier's of other classes, the result holds what was placed.

    Args:
        path: The source.
        classes: Class names to keep in the checkpoint, where the model has no label graph to take them from.

    Raises:
        InputError: If the source is of none of these networks, or of ML-GCN with another label graph.
    """
    state = load_weights(path)
    source, rename = _recognise(path, state)
    model = fresh_model(cfg)
    own = model.state_dict()
    if source == MLGCN:
        state = with_adjacency(state, own, path)
    placed, unplaced = match_weights(state, {key: value.shape for key, value in own.items()}, rename)
    learnt = {key for key, _ in model.named_parameters()} | {key for key in own if '.running_' in key}
    absent = [key for key in own if key not in placed]
    missing = [key for key in absent if key in learnt]
    checkpoint = dict(state_dict=placed, meta=dict(converted_from=f'{os.path.basename(path)}, {source}'))
    names = _class_names(model, classes)
    if not missing:
        checkpoint['state_dict'] = {key: placed.get(key, value) for key, value in own.items()}
        checkpoint['meta'] |= {} if names is None else dict(dataset_meta=dict(classes=names))
    return Conversion(f'{path}, {source}', name_of(cfg), checkpoint, len(placed), unplaced, missing,
                      () if missing else absent, _beyond_ours(source, model, placed))


def to_released(path: str, cfg: Config | None = None) -> Conversion:
    """A checkpoint of the released KSSNet or, of a ResNet, ML-GCN, with what its code resumes from, of one of ours.

    The released code reads adjacency and label embeddings from its own files, so they find no place.

    Args:
        path: One of our checkpoints with Inception-I3D or a ResNet.
        cfg: Its config, to check that it is whole and what of it the released network lacks; None does without.

    Raises:
        InputError: If it is of another network.
    """
    state = load_weights(path)
    if is_mlgcn(state):
        return to_mlgcn(path, state, cfg)
    if not any(map(ours_to_released, state)):
        raise InputError(f'{path}: is no checkpoint of ours with Inception-I3D or a ResNet; it has {_some(state)}')
    model = None if cfg is None else fresh_model(cfg)
    if model is not None:
        check_fits(dict(state_dict=state), model, path)
    # Nothing of a backbone alone depends on the number of classes.
    num_classes = (_size(state, f'cls_head.classifier.{BUFFER}', 0) or
                   _size(state, f'{BACKBONE}laterals.0.g.weight', 1) or 1)
    shapes = released_shapes(num_classes, _size(state, 'neck.layers.0.weights.0', 0) or RELEASED_WORDS)
    placed, unplaced = match_weights(state, shapes, ours_to_released)
    in_order = {key: placed[key] for key in shapes if key in placed}
    checkpoint = dict(epoch=0, arch=None, best_score=0., state_dict=in_order)
    return Conversion(f'{path}, ours', RELEASED, checkpoint, len(placed), unplaced,
                      [key for key in shapes if key not in placed], lost=_beyond_released(state, model),
                      unchecked=model is None)


def _beyond_ours(source: str, model: nn.Module, placed: Mapping) -> list[str]:
    """Name what the source computes from these weights and this model of ours does not."""
    if source == MLGCN:
        return differences(model)
    pool = getattr(getattr(head_of(model), 'classifier', None), 'pool', PAIRS)
    if source != PUBLISHED or pool == PAIRS or 'cls_head.classifier.fc.weight' not in placed:
        return []
    # The norm of the logits' difference over theirs: .045 and .050 for two networks of random weights.
    return [f'the mean over windows of two frames before the classifier, where the config has pool={pool}: logits of '
            f'64 frames are about 5% off; --cfg-options model.cls_head.pool={PAIRS}, here and wherever the result is '
            'used, computes the same']


def _beyond_released(state: Mapping, model: nn.Module | None) -> list[str]:
    """Name what is computed from these weights, in this model if it is known, and not in the released network."""
    classifier = getattr(head_of(model), 'classifier', None)
    tanh = getattr(classifier, 'tanh', True)
    scale = None if 'cls_head.classifier.log_scale' in state else getattr(classifier, 'logit_scale', 1.)
    pool = getattr(classifier, 'pool', 'avg')
    taps = RELEASED_TAPS if model is None else _taps(model)
    paired = getattr(getattr(model, 'neck', None), 'pairs', False)
    differences = [
        ('cls_head.classifier.bias' in state, 'the bias of prior=, the released classifier has none'),
        (scale != 1, f'logit_scale={"learned" if scale is None else f"{scale:g}"}, the released one is 1'),
        (not tanh, 'tanh=False, the released one is True'),
        (pool != 'avg', f'pool={pool}, the released one is avg'),
        (paired, 'norm=pair, the released GCN has none'),
        (taps != RELEASED_TAPS, f'taps={",".join(taps)}, the released ones are {",".join(RELEASED_TAPS)}')]
    return [line for differs, line in differences if differs]


def _taps(model: nn.Module) -> tuple[str, ...]:
    """Names of the backbone's stages that lateral connections rewrite, in their order."""
    hooks = {hook.index: name for name, module in model.backbone.named_modules()
             for hook in module._forward_hooks.values() if isinstance(hook, InjectionHook)}
    return tuple(hooks[index] for index in sorted(hooks))


def _recognise(path: str, state: Mapping) -> tuple[str, Callable[[str], str | None]]:
    """The network that has the most of these convolutions, and its names."""
    known = {source: sum(mark in key and rename(key) is not None for key in state)
             for source, (rename, mark) in SOURCES.items()}
    source = max(known, key=known.get)
    if not known[source]:
        ours = any(map(ours_to_released, state)) or is_mlgcn(state)
        hint = '; it is ours already, and --to released is the way back' if ours else ''
        raise InputError(f'{path}: has none of the keys of {RELEASED} (features.0.conv3d.weight, gc1.weight1, ...), of '
                         f'{PUBLISHED} (Conv3d_1a_7x7.conv3d.weight, ...) or of {MLGCN} (features.4.0.conv2.weight, '
                         f'gc1.weight, ...); it has {_some(state)}{hint}')
    return source, SOURCES[source][0]


def _class_names(model: nn.Module, given: Sequence[str] | None) -> list[str] | None:
    graph = getattr(getattr(model, 'neck', None), 'classes', None)
    if given is None:
        return None if graph is None else list(graph)
    number = getattr(head_of(model), 'num_classes', None)
    if len(given) != number:
        raise InputError(f'--classes: {len(given)} names, but the head has num_classes={number}')
    if graph is not None and list(graph) != list(given):
        raise InputError('--classes: not the names of the label graph, or in another order; leave them out')
    return list(given)


def _size(state: Mapping[str, Tensor], key: str, axis: int) -> int | None:
    """Length of an entry's axis; None if there is no such entry."""
    value = state.get(key)
    return value.shape[axis] if isinstance(value, Tensor) and value.ndim > axis else None


def _some(state: Mapping) -> str:
    return ', '.join(list(state)[:3]) or 'none at all'
