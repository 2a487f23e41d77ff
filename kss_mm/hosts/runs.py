"""The runs and inferencers that use parts of this project: only there its repairs of their hosts act.

A run is what MMEngine calls the current default scope: every runner has one of its own. Inferencers of one scope share
theirs.
"""

from collections.abc import Callable

from mmengine.registry import DefaultScope

from kss_mm.hosts.checkpoint_loading import refuse_code_in_checkpoints
from kss_mm.hosts.decoding import decode_safely
from kss_mm.hosts.image_loading import load_images_safely
from kss_mm.hosts.label_indices import check_label_indices
from kss_mm.hosts.repairs import repair
from kss_mm.hosts.versions import is_usable

_REPAIRS = {'mmaction2': (decode_safely, check_label_indices), 'mmpretrain': (load_images_safely,)}
_ours: set[str | None] = set()


def repair_hosts() -> None:
    """Let the repairs act in the current run, from now on; the first call puts them in place."""
    _ours.add(_current_run())
    repair(_repair_all, is_ours)


def is_ours() -> bool:
    """Tell whether the current run uses a part of this project."""
    return _current_run() in _ours


def _repair_all(acts: Callable[[], bool]) -> None:
    """Parts of the hosts that runs with this project use."""
    repair(refuse_code_in_checkpoints, acts)
    for host, repairs in _REPAIRS.items():
        if is_usable(host):
            for install in repairs:
                repair(install, acts)


def _current_run() -> str | None:
    """The name of the current default scope; None where there is none."""
    # MMEngine puts another one on top while it builds a type whose scope is given by the key _scope_.
    names = [name for name in DefaultScope._instance_dict if not name.startswith('overwrite-')]
    return names[-1] if names else None
