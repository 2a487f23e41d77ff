"""The average precision of every class as curves."""

import re
from collections import Counter
from collections.abc import Sequence

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.engine.backends_beside_logs import backends_beside_logs
from kss_mm.engine.training_step import training_step
from kss_mm.errors import short_name
from kss_mm.registry import HOOKS

# What TensorBoard's own writer keeps of a name.
_OTHERS = re.compile(r'[^-/\w.]+')


@HOOKS.register_module()
class ClassPrecisionsHook(Hook):
    """Write the AP of every class after each validation, such as ``charades_AP/Holding_a_book``, for TensorBoard.

    All classes stand under the name of the metric, so that they fold up together; classes without positives have no
    curve. Log files stay as they are: ``test_evaluator.per_class=True`` logs a table.
    """

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        backends = backends_beside_logs(runner.visualizer)
        if not backends or not is_main_process():
            return
        for metric in runner.val_evaluator.metrics:
            precisions = getattr(metric, 'class_precisions', None)
            if not precisions:
                continue
            titles = curve_names([name for name, _ in precisions])
            values = {f'{metric.prefix}_AP/{title}': value for title, (_, value) in zip(titles, precisions)
                      if value == value}
            for backend in backends:
                backend.add_scalars(values, step=training_step(runner))


def curve_names(classes: Sequence[str]) -> list[str]:
    """Names of classes as curves have them: another one for each, whatever the classes are called.

    >>> curve_names(['Holding a book/magazine', 'a b', 'a_b'])
    ['Holding_a_book/magazine', 'a_b', 'a_b_2']
    """
    names, used = [], set()
    seen: Counter[str] = Counter()
    for name in classes:
        base = name = _OTHERS.sub('_', short_name(str(name))).strip('/_') or 'class'
        while name in used:
            seen[base] += 1
            name = f'{base}_{seen[base] + 1}'
        used.add(name)
        names.append(name)
    return names
