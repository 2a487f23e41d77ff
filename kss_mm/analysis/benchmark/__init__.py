"""Gains and costs of this project, as ratios measured in one run; ``tools/benchmark.py`` prints them.

A benchmark is a function of a :class:`Setting` that yields :class:`Line` after line, registered under the name that
``--only`` takes. It stands in a file of its own, which :data:`FILES` names::

    @benchmark('deploy')
    def deploy(setting: Setting) -> Iterator[Line]:
        \"\"\"The deploy form against the trained form.\"\"\"  # the heading of its lines
        size = setting.pick(full=224, quick=32)
        ...
        times = setting.interleave({'deployed': lambda: deployed(x), 'trained': lambda: trained(x)})
        yield Line('KSSNet-I3D, float32', times.figure('deployed', 'trained'), times.ratio('trained', 'deployed'),
                   at_least(1.5))

``interleave`` runs every function once per round, in turn, so that whatever else the machine does meets all of them;
ratios are taken within rounds. A line may also hold one exact number, such as a ratio of bytes: ``Ratio.exact(1.04)``.
"""

from kss_mm.analysis.benchmark.line import Line, Ratio, Target, at_least, at_most
from kss_mm.analysis.benchmark.run import BENCHMARKS, FILES, benchmark, run_benchmarks
from kss_mm.analysis.benchmark.setting import Setting, Times

__all__ = ['BENCHMARKS', 'FILES', 'Line', 'Ratio', 'Setting', 'Target', 'Times', 'at_least', 'at_most', 'benchmark',
           'run_benchmarks']
