"""kss_mm: label graphs and label-graph superimposing (KSSNet) for MMAction2 and MMPretrain.

Importing the package loads neither torch nor a host. It only registers the stand-in for a module that MMAction2's
published wheel lacks; the registries of :mod:`kss_mm.registry` load everything else when a config asks for it.
"""

from kss_mm._version import __version__
from kss_mm.hosts import stand_in_for_missing_modules

__all__ = ['__version__']

stand_in_for_missing_modules()
