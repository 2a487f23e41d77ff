"""A converted checkpoint, and what became of every entry of the original."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kss_mm.checkpoints.checkpoint import save_plain
from kss_mm.checkpoints.released_keys import BACKBONE
from kss_mm.errors import InputError

RELEASED, PUBLISHED = 'the released KSSNet', 'the published Inception-I3D'
MLGCN = 'the released ML-GCN'
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
            InputError: If not even the backbone is whole.
        """
        lacking = [key for key in self.missing if key.startswith(_BACKBONES) and not key.startswith(_LATERALS)]
        if lacking:
            raise InputError(f'{self.source}: does not fill the backbone of {self.target}, {len(lacking)} of its '
                             f'weights are missing, such as {lacking[0]}; give the config of the same network')
        save_plain(self.checkpoint, path)
        if self.missing:
            use = ('which its code refuses' if self.target in (RELEASED, MLGCN) else
                   f'to start a training from: --cfg-options load_from={path} model.backbone.init_cfg=None')
            return f'{path}: {len(self.missing)} weights short of {self.target}, {use}'
        if self.lost:
            return f'{path}: all weights of {self.target}, which computes something else without what is lost'
        limit = ', as far as weights tell; give CONFIG to have its options checked' if self.unchecked else ''
        return f'{path}: complete for {self.target}{limit}'
