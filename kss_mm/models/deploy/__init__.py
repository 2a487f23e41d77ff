"""The deployed form of a trained network: without a label graph, and with everything precomputed that can be."""

from kss_mm.models.deploy.deployable import Deployable
from kss_mm.models.deploy.switch import PRECISIONS, switch_to_deploy

__all__ = ['PRECISIONS', 'Deployable', 'switch_to_deploy']
