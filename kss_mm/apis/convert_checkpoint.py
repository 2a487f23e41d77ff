"""Others' checkpoints of these networks made ours, and ours made theirs."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mmengine.config import Config
from torch import Tensor, nn

from kss_mm.apis.model import fresh_model
from kss_mm.checkpoints.checkpoint import check_fits, load_weights, save_plain
from kss_mm.checkpoints.match_weights import match_weights
from kss_mm.checkpoints.released_keys import BACKBONE, ours_to_released, published_to_ours, released_to_ours
from kss_mm.checkpoints.threshold_logits import BUFFER
from kss_mm.errors import InputError
from kss_mm.models.heads.pooling import PAIRS
from kss_mm.models.laterals.lc_backbone import InjectionHook
from kss_mm.models.necks.pair_norm import pair_norm
from kss_mm.models.released_network import RELEASED_TAPS, RELEASED_WORDS, released_shapes

RELEASED, PUBLISHED = 'the released KSSNet', 'the published Inception-I3D'
SOURCES = {RELEASED: released_to_ours, PUBLISHED: published_to_ours}
# Entries of a backbone: its own, and of them those that only a KSSNet has.
_BACKBONES, _LATERALS = (BACKBONE, 'features.'), (f'{BACKBONE}laterals.', 'merge_conv')
_INPUT_NOTE = ('note: these weights were trained on inputs (rgb - 127.5) / 127.5, and the configs here normalise '
               'otherwise; to use them as they are, --cfg-options model.data_preprocessor.mean=127.5,127.5,127.5 '
               'model.data_preprocessor.std=127.5,127.5,127.5')


@dataclass(frozen=True)
class Conversion:
    """A converted checkpoint and what became of every entry.

    Args:
        source: The file and whose checkpoint it is.
        target: What the result is for: a config, or the released code.
        checkpoint: The result; weights only where some are missing.
        placed: Number of the source's entries that found their place.
        unplaced: Its entries that did not, and why.
        missing: Weights of the target that the source does not give.
        built: Other entries that it does not give; those of the target's model are taken.
        lost: What the source's model computes and the target cannot.
        unchecked: Whether more may be lost, as there was no model to look at.
    """

    source: str
    target: str
    checkpoint: dict
    placed: int
    unplaced: Mapping[str, str]
    missing: Sequence[str]
    built: Sequence[str] = ()
    lost: Sequence[str] = ()
    unchecked: bool = False

    def report(self) -> str:
        """All of it in words, each entry on a line of its own."""
        lines = [f'{self.source}: {self.placed} entries have a place, {len(self.unplaced)} have none']
        lines += [f'  no place: {key} {reason}' for key, reason in self.unplaced.items()]
        lines += [f'  missing: {key}' for key in self.missing]
        lines += [f'  from the config: {key}' for key in self.built]
        lines += [f'  lost: {what}' for what in self.lost]
        return '\n'.join(lines + [_INPUT_NOTE] if PUBLISHED in self.source else lines)

    def save(self, path: str) -> str:
        """Write the checkpoint, and say what it is.

        Raises:
            InputError: if not even the backbone is whole.
        """
        lacking = [key for key in self.missing if key.startswith(_BACKBONES) and not key.startswith(_LATERALS)]
        if lacking:
            raise InputError(f'{self.source}: does not fill the backbone of {self.target}, {len(lacking)} of its '
                             f'weights are missing, such as {lacking[0]}; give the config of the same network')
        save_plain(self.checkpoint, path)
        if self.missing:
            use = ('which its code refuses' if self.target == RELEASED else
                   f'to start a training from: --cfg-options load_from={path} model.backbone.init_cfg=None')
            return f'{path}: {len(self.missing)} weights short of {self.target}, {use}'
        if self.lost:
            return f'{path}: all weights of {self.target}, which computes something else without what is lost'
        limit = ', as far as weights tell; give CONFIG to have its options checked' if self.unchecked else ''
        return f'{path}: complete for {self.target}{limit}'


def to_ours(path: str, cfg: Config, classes: Sequence[str] | None = None) -> Conversion:
    """A checkpoint of the config's model from one of the released KSSNet or of the published Inception-I3D.

    What a source never has (adjacency, label embeddings, thresholds) comes from the model as it is built. Where weights
    are missing, such as a GCN's in Inception-I3D, or a classifier's of other classes, the result holds what was placed.

    Args:
        path: The source.
        classes: Class names to keep in the checkpoint, where the model has no label graph to take them from.

    Raises:
        InputError: if the source is of neither network.
    """
    state = load_weights(path)
    source, rename = _recognise(path, state)
    model = fresh_model(cfg)
    own = model.state_dict()
    placed, unplaced = match_weights(state, {key: value.shape for key, value in own.items()}, rename)
    learnt = {key for key, _ in model.named_parameters()} | {key for key in own if '.running_' in key}
    absent = [key for key in own if key not in placed]
    missing = [key for key in absent if key in learnt]
    checkpoint = dict(state_dict=placed, meta=dict(converted_from=f'{os.path.basename(path)}, {source}'))
    names = _class_names(model, classes)
    if not missing:
        checkpoint['state_dict'] = {key: placed.get(key, value) for key, value in own.items()}
        checkpoint['meta'] |= {} if names is None else dict(dataset_meta=dict(classes=names))
    return Conversion(f'{path}, {source}', cfg.filename, checkpoint, len(placed), unplaced, missing,
                      () if missing else absent, _beyond_ours(source, model, placed))


def to_released(path: str, cfg: Config | None = None) -> Conversion:
    """A checkpoint of the released KSSNet, with what its code resumes from, of one of ours.

    The released code reads adjacency and label embeddings from its own files, so they find no place.

    Args:
        path: One of our checkpoints with Inception-I3D.
        cfg: Its config, to check that it is whole and what of it the released network lacks; None does without.

    Raises:
        InputError: if it is of another network.
    """
    state = load_weights(path)
    if not any(map(ours_to_released, state)):
        raise InputError(f'{path}: is no checkpoint of ours with Inception-I3D; it has {_some(state)}')
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
    """What the source computes from these weights and this model of ours does not."""
    pool = getattr(getattr(getattr(model, 'cls_head', None), 'classifier', None), 'pool', PAIRS)
    if source != PUBLISHED or pool == PAIRS or 'cls_head.classifier.fc.weight' not in placed:
        return []
    # The norm of the logits' difference over theirs: .045 and .050 for two networks of random weights.
    return [f'the mean over windows of two frames before the classifier, where the config has pool={pool}: logits of '
            f'64 frames are about 5% off; --cfg-options model.cls_head.pool={PAIRS}, here and wherever the result is '
            'used, computes the same']


def _beyond_released(state: Mapping, model: nn.Module | None) -> list[str]:
    """What is computed from these weights, in this model if it is known, and not in the released network."""
    classifier = getattr(getattr(model, 'cls_head', None), 'classifier', None)
    scale = None if 'cls_head.classifier.log_scale' in state else getattr(classifier, 'logit_scale', 1.)
    pool = getattr(classifier, 'pool', 'avg')
    taps = RELEASED_TAPS if model is None else _taps(model)
    paired = getattr(getattr(model, 'neck', None), 'norm', None) is pair_norm
    differences = [
        ('cls_head.classifier.bias' in state, 'the bias of prior=, the released classifier has none'),
        (scale != 1, f'logit_scale={"learned" if scale is None else f"{scale:g}"}, the released one is 1'),
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
    known = {source: sum('.conv3d.' in key and rename(key) is not None for key in state)
             for source, rename in SOURCES.items()}
    source = max(known, key=known.get)
    if not known[source]:
        hint = '; it is ours already, and --to released is the way back' if any(map(ours_to_released, state)) else ''
        raise InputError(f'{path}: has none of the keys of {RELEASED} (features.0.conv3d.weight, gc1.weight1, ...) or '
                         f'of {PUBLISHED} (Conv3d_1a_7x7.conv3d.weight, ...); it has {_some(state)}{hint}')
    return source, SOURCES[source]


def _class_names(model: nn.Module, given: Sequence[str] | None) -> list[str] | None:
    graph = getattr(getattr(model, 'neck', None), 'classes', None)
    if given is None:
        return None if graph is None else list(graph)
    number = getattr(getattr(model, 'cls_head', None), 'num_classes', None)
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
