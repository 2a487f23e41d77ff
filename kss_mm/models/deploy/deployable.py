"""What the networks of both hosts say and do about their deployed form."""

from collections.abc import Sequence

from torch import nn

from kss_mm.errors import InputError
from kss_mm.models.deploy.switch import switch_to_deploy
from kss_mm.models.fit_parts import fit_parts
from kss_mm.models.laterals.lc_backbone import laterals_of


class Deployable:
    """What stands before a host's network among its bases.

    ``deploy`` in a config is True, or arguments of :func:`switch_to_deploy`: the network is then built in deployed
    form, without a label graph, for weights that ``tools/deploy.py`` wrote.
    """

    deployed = False

    def fit_or_deploy(self, head: nn.Module, deploy: bool | dict) -> None:
        """Check that the parts which have been built fit each other, or give them their deployed form."""
        if not deploy:
            self.neck = getattr(self, 'neck', None)
            fit_parts(self.neck, laterals_of(self.backbone), head)
        else:
            self.neck = None
            self.switch_to_deploy(**({} if deploy is True else deploy))

    def switch_to_deploy(self, *, dtype: str = 'float32', input_shape: Sequence[int] | None = None) -> None:
        switch_to_deploy(self, dtype=dtype, input_shape=input_shape)

    def train(self, mode: bool = True):
        if mode and self.deployed:
            raise InputError(f'this {type(self).__name__} is in deployed form, which cannot be trained: train the '
                             'checkpoint that it was made from, without deploy in the config')
        return super().train(mode)
