import builtins

import pytest
from mmengine.config import Config

from kss_mm.apis.tensorboard import require_tensorboard, use_tensorboard
from kss_mm.errors import MissingPackageError


@pytest.mark.parametrize('visualizer', [
    None, dict(type='ActionVisualizer', vis_backends=[dict(type='LocalVisBackend')]),
    dict(type='UniversalVisualizer', vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')])])
def test_one_backend_more_beside_the_logs(visualizer):
    cfg = Config({} if visualizer is None else dict(visualizer=visualizer))
    for _ in range(2):
        use_tensorboard(cfg)
    assert cfg.visualizer.type == (visualizer or dict(type='Visualizer'))['type']
    assert [backend.type for backend in cfg.visualizer.vis_backends] == ['LocalVisBackend', 'TensorboardVisBackend']


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **options):
        if name == 'torch.utils.tensorboard':
            raise ImportError('No module named tensorboard')
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, '__import__', without)
    cfg = Config({})
    require_tensorboard(cfg)  # not asked for
    use_tensorboard(cfg)
    with pytest.raises(MissingPackageError, match='pip install tensorboard') as error:
        require_tensorboard(cfg)
    assert '\n' not in str(error.value)
