"""Modules that a published wheel of a host lacks.

MMAction2 1.2.0's wheel was built without `mmaction/models/localizers/drn`, yet `localizers/__init__.py` imports DRN
from it, so that `import mmaction.models` fails. Any later release that ships the folder ends this repair.
"""

import importlib.abc
import importlib.util
import sys
import types

from kss_mm.errors import MissingPackageError
from kss_mm.hosts.repairs import repair

_MISSING_MODULE = 'mmaction.models.localizers.drn'


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Provides ``mmaction.models.localizers.drn.drn.DRN`` where no other finder has it.

    It stands last in ``sys.meta_path``: where the host is intact, the import system never asks it. So it can be put in
    when this project is imported, and must be: nothing else runs before ``import mmaction.models``.
    """

    def find_spec(self, fullname, path=None, target=None):
        if fullname in (_MISSING_MODULE, f'{_MISSING_MODULE}.drn'):
            return importlib.util.spec_from_loader(fullname, self, is_package=fullname == _MISSING_MODULE)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        class DRN:
            """Stand-in for MMAction2's DRN localizer, which its published wheel does not contain."""

            def __init__(self, *args, **kwargs):
                raise MissingPackageError('DRN is not part of the published MMAction2 wheel: install MMAction2 from '
                                          'its source repository to use it')

        module.DRN = DRN


def _add_finder() -> None:
    """MMAction2's wheel lacks mmaction.models.localizers.drn."""
    sys.meta_path.append(_StandInFinder())


def stand_in_for_missing_modules() -> None:
    """Let modules that a host's wheel lacks be imported."""
    repair(_add_finder)
