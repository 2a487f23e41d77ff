"""Pictures of the same samples at every validation, of images and of clips."""

import dots_run
import pytest
from dots_run import config
from PIL import Image

from kss_mm.errors import InputError
from kss_mm.registry import HOOKS


@pytest.mark.parametrize('frames', [None, 5])
def test_images_and_clips(tmp_path, frames):
    dots_run.run(tmp_path, config(frames=frames, train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=2)),
                 show_predictions=2)
    folders = sorted(path.name for path in (tmp_path / 'predictions').iterdir())
    assert folders == ['epoch_1', 'epoch_2']
    names = ['000000_dot0.png', '000007_dot7.png']
    for folder in folders:
        assert sorted(path.name for path in (tmp_path / 'predictions' / folder).iterdir()) == names
    assert Image.open(tmp_path / 'predictions/epoch_2' / names[0]).size[0] == 1100


def test_a_line_in_a_config_and_iterations(tmp_path):
    cfg = config(train_cfg=dict(type='IterBasedTrainLoop', max_iters=3, val_interval=3),
                 custom_hooks=[dict(type='kss_mm.ShowValidationHook', samples=100)])
    dots_run.run(tmp_path, cfg)
    assert {path.name: len(list(path.iterdir())) for path in (tmp_path / 'predictions').iterdir()} == {'iter_3': 8}


def test_what_cannot_be_drawn_is_told_before_the_work(tmp_path):
    with pytest.raises(InputError, match='no validation'):
        dots_run.run(tmp_path, show_predictions=1, validate=False)
    with pytest.raises(InputError, match='samples'):
        HOOKS.build(dict(type='kss_mm.ShowValidationHook', samples=0))
