"""MMAction2 1.2.0 opens videos from memory by decord, which ends the whole process on a truncated .avi.

Its inferencer puts DecordInit and DecordDecode in place of whatever opens and decodes in a config, so these names mean
``kss_mm.SafeDecordInit`` and ``kss_mm.SafeDecordDecode``. A MMAction2 whose DecordInit opens files by path ends this
repair.
"""

from collections.abc import Callable

from kss_mm.hosts.steps import replace_step


def decode_safely(acts: Callable[[], bool]) -> None:
    """MMAction2's DecordInit and DecordDecode crash on damaged files.

    Args:
        acts: Whether the repair acts, asked each time that a step is built.
    """
    from mmaction.registry import TRANSFORMS

    replace_step(TRANSFORMS, 'DecordInit', 'kss_mm.SafeDecordInit', acts)
    replace_step(TRANSFORMS, 'DecordDecode', 'kss_mm.SafeDecordDecode', acts)
