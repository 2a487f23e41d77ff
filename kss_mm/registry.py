"""Registries of kss_mm, children of MMEngine's root under the scope ``kss_mm``.

A config of any host names our types as ``kss_mm.X``; MMEngine then imports this module by itself, and the locations
below the first time that something is built. From then on the repairs of the hosts act in that run. No change of
``default_scope`` is needed, and ``custom_imports`` only where a host's own tool would import MMAction2 before us (see
:mod:`kss_mm.hosts`).
"""

from mmengine import registry as root

from kss_mm.hosts import require
from kss_mm.hosts.runs import repair_hosts


class _OursInUse(root.Registry):
    """A registry whose parts, once one is asked for, make the current run one in which the repairs of hosts act."""

    def get(self, key: str) -> type | None:
        found = super().get(key)
        repair_hosts()
        return found


MODELS = _OursInUse('model', parent=root.MODELS, scope='kss_mm', locations=['kss_mm.models'])
DATASETS = _OursInUse('dataset', parent=root.DATASETS, scope='kss_mm', locations=['kss_mm.datasets.register'])
TRANSFORMS = _OursInUse('transform', parent=root.TRANSFORMS, scope='kss_mm', locations=['kss_mm.datasets.register'])
METRICS = root.Registry('metric', parent=root.METRICS, scope='kss_mm',
                        locations=['kss_mm.evaluation.charades_metric', 'kss_mm.evaluation.multi_label_metric'])
HOOKS = root.Registry('hook', parent=root.HOOKS, scope='kss_mm', locations=['kss_mm.engine'])
OPTIM_WRAPPERS = root.Registry('optim_wrapper', parent=root.OPTIM_WRAPPERS, scope='kss_mm',
                               locations=['kss_mm.engine'])
FUNCTIONS = root.Registry('function', parent=root.FUNCTIONS, scope='kss_mm', locations=['kss_mm.engine'])


def register_absent(registry: root.Registry, host: str, names: tuple[str, ...]) -> None:
    """Register, for components of a host that is not installed, what says so when a config builds one."""
    for name in names:
        def absent(*args, _name=name, **kwargs):
            require(host, f'kss_mm.{_name}')

        registry.register_module(name=name, module=absent)
