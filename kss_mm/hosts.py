"""The host frameworks: which versions are supported, and their repairs.

Every repair of a host stands in this file, with its reason and the version that ends it.
"""

import importlib
import importlib.abc
import importlib.metadata
import importlib.util
import sys
import types
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kss_mm.errors import InputError, MissingPackageError, shown


class Host(NamedTuple):
    """A framework: import name, distributions that provide it, supported versions, the version from which on it refuses
    mmcv, and the module whose import shows that it works."""

    module: str
    distributions: tuple[str, ...]
    at_least: tuple[int, ...]
    below: tuple[int, ...]
    mmcv_below: tuple[int, ...]
    core: str

    @property
    def supported(self) -> str:
        return f'>={".".join(map(str, self.at_least))},<{".".join(map(str, self.below))}'


# The maintained fork of OpenMMLab's packages; it has no MMAction2.
_FORK = 'onedl-'
HOSTS = {
    # MMAction2 1.2.0 asserts mmcv < 2.2.0 when it is imported, MMPretrain 1.2.0 and its fork 1.3.6 mmcv < 2.4.0.
    'mmaction2': Host('mmaction', ('mmaction2',), (1, 2), (2,), (2, 2), 'mmaction.models'),
    'mmpretrain': Host('mmpretrain', ('mmpretrain', f'{_FORK}mmpretrain'), (1, 2), (2,), (2, 4), 'mmpretrain.models'),
    'mmcv': Host('mmcv', ('mmcv', 'mmcv-lite', f'{_FORK}mmcv'), (2, 0), (2, 4), (2, 4), 'mmcv'),
}


class _Found(NamedTuple):
    """An installed host: the distribution that provides it, its version as text and as its leading numbers."""

    distribution: str
    text: str
    numbers: tuple[int, ...]


def _installed(distributions: Iterable[str]) -> _Found | None:
    """The first of these distributions that is there."""
    for distribution in distributions:
        try:
            text = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
        release = text.split('+')[0].split('.')
        return _Found(distribution, text, tuple(int(part) for part in release if part.isdigit()))
    return None


def _lack(host: Host) -> str | None:
    """What is wrong with the version of a host that is installed; None where nothing is."""
    found = _installed(host.distributions)
    if found is None:
        # A source checkout on the path has no metadata: trust it to be what the user wants.
        return None if importlib.util.find_spec(host.module) else 'which is not installed'
    if host.at_least <= found.numbers < host.below:
        return None
    return f'but {found.distribution} {found.text} is installed'


def _remedy(name: str, lacking: Mapping[str, Host]) -> str:
    """The command that installs what is lacking for a host, in a place where it replaces nobody's own build."""
    extras = [name, 'mmcv-lite'] if name != 'mmcv' else ['mmcv-lite']
    mmcv = _installed(HOSTS['mmcv'].distributions) if 'mmcv' in lacking else None
    if mmcv and mmcv.distribution != 'mmcv-lite':
        return (f"pip install 'kss-mm[{','.join(extras)}]' in an environment of its own; here {mmcv.distribution} must "
                f'go first (pip uninstall {mmcv.distribution}), and the operators compiled in it go with it')
    if fork := _installed(f'{_FORK}{part}' for part in ('mmengine', 'mmcv', 'mmpretrain')):
        if all(f'{_FORK}{part}' in host.distributions for part, host in lacking.items()):
            return 'pip install ' + ' '.join(f"'{_FORK}{part}{host.supported}'" for part, host in lacking.items())
        return (f"pip install 'kss-mm[{','.join(extras)}]' in an environment of its own; here it would mix with "
                f'{fork.distribution}')
    parts = ['mmcv-lite' if part == 'mmcv' else part for part in lacking]
    return f"pip install 'kss-mm[{','.join(parts)}]'"


def _problem(name: str) -> str | None:
    """What stands in the way of using a host, with the command that mends it; None where all is well."""
    host = HOSTS[name]
    parts = {name: host, 'mmcv': HOSTS['mmcv']._replace(below=host.mmcv_below)}
    lacks = {part: lack for part, wanted in parts.items() if (lack := _lack(wanted))}
    if lacks:
        wanted = ', and '.join(f'{part}{parts[part].supported}, {lack}' for part, lack in lacks.items())
        return f'{wanted}: {_remedy(name, {part: parts[part] for part in lacks})}'
    try:
        importlib.import_module(HOSTS[name].core)
    except Exception as error:  # one broken host must not take the other with it
        return (f'{name}, which is installed but does not work here, {type(error).__name__}: '
                f'{" ".join(str(error).split())}')
    return None


def is_usable(name: str) -> bool:
    """Whether the host ``name`` ('mmaction2', 'mmpretrain', 'mmcv') is there, with an mmcv that it takes."""
    return _problem(name) is None


def require(name: str, wanted_by: str) -> None:
    """Check that the host ``name`` can serve ``wanted_by``.

    Raises:
        MissingPackageError: one line with the install command, if the host (or the mmcv that it needs) is absent or
            of an unsupported version.
    """
    problem = _problem(name)
    if problem:
        raise MissingPackageError(f'{wanted_by} needs {problem}')


# MMAction2 1.2.0's wheel was built without `mmaction/models/localizers/drn`, yet `localizers/__init__.py` imports
# DRN from it, so that `import mmaction.models` fails. Any later release that ships the folder ends this repair.
_MISSING_MODULE = 'mmaction.models.localizers.drn'


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Provides ``mmaction.models.localizers.drn.drn.DRN`` where no other finder has it.

    It stands last in ``sys.meta_path``: where the host is intact, the import system never asks it.
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


def free_batch_of_swin() -> None:
    """MMPretrain 1.2.0's Swin computes its batch as a Python number, so that an exported one keeps that of its example.

    To be called once MMPretrain has been imported; a release that exports with a free batch ends this repair.
    """
    from mmpretrain.models.utils.attention import ShiftWindowMSA

    def window_reverse(windows, H, W, window_size):
        parts = windows.view(-1, H // window_size, W // window_size, window_size, window_size, windows.shape[-1])
        return parts.transpose(2, 3).reshape(-1, H, W, windows.shape[-1])  # (B, H, W, C)

    ShiftWindowMSA.window_reverse = staticmethod(window_reverse)


def refuse_code_in_checkpoints() -> None:
    """onedl-mmengine 0.10.12 unpickles a checkpoint that torch refuses as unsafe, which runs any code in it.

    Now torch's refusal stands, as with MMEngine; torch's own switch TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD lifts it.

    To be called before a checkpoint is read through MMEngine; a release without that fallback ends this repair.
    """
    from mmengine.runner import checkpoint

    safe_load = getattr(checkpoint, '_safe_torch_load', None)
    if safe_load is None or getattr(safe_load, 'refuses_code', False):
        return

    def load(file, map_location=None, weights_only=None):
        import torch

        with torch.serialization.safe_globals(checkpoint.get_torch_safe_globals()):
            return torch.load(file, map_location=map_location, weights_only=weights_only)

    load.refuses_code = True
    checkpoint._safe_torch_load = load


def check_label_indices() -> None:
    """MMAction2 1.2.0 sets zeros and ones by the indices of a list file without a look at them: -1, which it also
    writes for a line without any label, sets the last class, and an index too high ends in a stack. Now the data set
    names the sample when it is built.

    To be called where MMAction2 is there; a release that checks its labels ends this repair.
    """
    from mmaction.datasets import BaseActionDataset

    if 'filter_data' in vars(BaseActionDataset):
        return

    def filter_data(self) -> list[dict]:  # all that is between reading the annotations and putting them away
        from kss_mm.evaluation.sample_ids import id_of

        samples = super(BaseActionDataset, self).filter_data()
        for number, sample in enumerate(samples if self.multi_class else ()):
            wrong = [label for label in sample.get('label', ()) if not 0 <= label < self.num_classes]
            if wrong:
                raise InputError(f'{self.ann_file}: sample {id_of(sample) or number} has the label {shown(wrong[0])}, '
                                 f'and with num_classes={self.num_classes} labels are 0..{self.num_classes - 1}'
                                 f'{"; -1 stands for a line without any" if wrong[0] == -1 else ""}: mend that line, '
                                 'or num_classes of the dataset')
        return samples

    BaseActionDataset.filter_data = filter_data


def stand_in_for_missing_modules() -> None:
    """Install the finder, once."""
    if not any(isinstance(finder, _StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(_StandInFinder())
