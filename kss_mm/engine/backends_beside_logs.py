"""Where a run writes curves and pictures to beside its own log files: TensorBoard and the like."""

from mmengine.visualization import LocalVisBackend
from mmengine.visualization.vis_backend import BaseVisBackend
from mmengine.visualization.visualizer import Visualizer


def backends_beside_logs(visualizer: Visualizer) -> list[BaseVisBackend]:
    """The backends of a run's visualizer but for the local files, whose lines others read by their known names."""
    backends = getattr(visualizer, '_vis_backends', None) or {}
    return [backend for backend in backends.values() if not isinstance(backend, LocalVisBackend)]
