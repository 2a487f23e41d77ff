"""Functions that the tools and the front door call; all of it stands on MMEngine, which comes with a host."""

import importlib.util

from kss_mm.errors import MissingPackageError

if importlib.util.find_spec('mmengine') is None:
    raise MissingPackageError("kss_mm.apis needs mmengine, which comes with a host and is not installed: pip install "
                              "'kss-mm[mmaction2,mmcv-lite]', or mmpretrain in place of mmaction2")
