"""A config anywhere inherits the bases of this project by name."""

import pytest

from kss_mm.apis.config import load_config
from kss_mm.errors import MissingFileError


def test_a_base_of_ours_is_found_from_any_folder(tmp_path):
    (tmp_path / 'mine.py').write_text("_base_ = 'kss_mm::_base_/own_images.py'\n"
                                      "model = dict(backbone=dict(lateral=_base_.recipe.lateral))\n")
    cfg = load_config(tmp_path / 'mine.py')
    assert cfg.model.type == 'kss_mm.KSSNetClassifier' and cfg.model.backbone.lateral == cfg.recipe.lateral
    assert '_scope_' not in cfg.pretty_text
    assert cfg.val_dataloader.dataset.pipeline[1].scale == (224, 224)


def test_a_base_that_is_not_there_is_named(tmp_path):
    (tmp_path / 'mine.py').write_text("_base_ = 'kss_mm::_base_/no_such.py'\n")
    with pytest.raises(MissingFileError, match='no_such.py'):
        load_config(tmp_path / 'mine.py')
