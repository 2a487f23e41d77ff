"""The form of a trained network in which it is deployed: no label graph, nothing computed that could be beforehand."""

from kss_mm.models.deploy.deployable import Deployable
from kss_mm.models.deploy.switch import PRECISIONS, switch_to_deploy

__all__ = ['PRECISIONS', 'Deployable', 'switch_to_deploy']
