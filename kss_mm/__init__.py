"""kss_mm: label graphs and label-graph superimposing (KSSNet) for MMAction2 and MMPretrain.

Importing the package loads neither torch nor a host; the functions below load what they need when they are first used,
and the registries of :mod:`kss_mm.registry` load everything else when a config asks for it.

    graph = kss_mm.build_label_graph(labels='train.csv', words='glove.6B.300d.txt', out='label_graph.npz')
    runner = kss_mm.train('my_config.py')
    metrics = kss_mm.evaluate('my_config.py', 'work_dirs/my_config/epoch_12.pth')
    names = kss_mm.load('my_config.py', 'work_dirs/my_config/epoch_12.pth')('video.mp4').predicted
"""

from kss_mm._version import __version__
from kss_mm.hosts import stand_in_for_missing_modules
from kss_mm.lazy import lazy_names

_FRONT_DOOR = {
    'LabelGraph': 'graph',
    'add_labels': 'apis.add_labels',
    'build_label_graph': 'apis.build_graph',
    'build_model': 'apis.model',
    'deploy': 'apis.deploy',
    'evaluate': 'apis.evaluate',
    'export_onnx': 'apis.export',
    'load': 'inference.load',
    'load_config': 'apis.config',
    'publish': 'apis.publish',
    'report': 'reporting.write',
    'train': 'apis.train',
}
__all__ = ['__version__', *_FRONT_DOOR]
__getattr__ = lazy_names(__name__, _FRONT_DOOR)

stand_in_for_missing_modules()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
