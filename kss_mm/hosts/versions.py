"""The host frameworks: which versions are supported, and what to install where one is lacking."""

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kss_mm.errors import MissingPackageError


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
    """The fault of the installed version of a host; None without one."""
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
    """The reason why a host cannot be used, with the command that mends it; None where it can."""
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
    """Tell whether the host ``name`` ('mmaction2', 'mmpretrain', 'mmcv') is there, with an mmcv that it takes."""
    return _problem(name) is None


def require(name: str, wanted_by: str) -> None:
    """Check that the host ``name`` can serve ``wanted_by``.

    Raises:
        MissingPackageError: One line with the install command, if the host (or the mmcv that it needs) is absent or
            of an unsupported version.
    """
    problem = _problem(name)
    if problem:
        raise MissingPackageError(f'{wanted_by} needs {problem}')
