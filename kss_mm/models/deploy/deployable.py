"""The deployed form of a network, the same for both hosts."""

from collections.abc import Sequence

from kss_mm.errors import InputError
from kss_mm.models.deploy.switch import switch_to_deploy
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.label_pathway import check_pathway, set_widths
from kss_mm.models.laterals.lateral import laterals_of


class Deployable:
    """Base class that stands before a host's network.

    ``deploy`` in a config is True, or arguments of :func:`switch_to_deploy`: the network is then built in deployed
    form, without a label graph, for weights that ``tools/deploy.py`` wrote.
    """

    deployed = False

    def fit_or_deploy(self, deploy: bool | dict) -> None:
        """Fit the parts which have been built to each other, or give them their deployed form."""
        if not deploy:
            self.neck = getattr(self, 'neck', None)
            pathway = self.neck, laterals_of(self.backbone), head_of(self)
            set_widths(*pathway)
            check_pathway(*pathway)
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
