"""The configs that are written: short, and each builds the model that it names."""

import pytest

from kss_mm.apis.config import load_config
from kss_mm.apis.model import fresh_model
from kss_mm.errors import InputError, MissingPackageError
from kss_mm.starter.backbones import BACKBONE, IMAGE_BACKBONES, MODEL, VIDEO_BACKBONES, choose_backbone
from kss_mm.starter.config_text import Contents, config_text

# What takes the weights of a backbone alone.
_RAW = {'i3d', 'slowonly', 'tsm', *IMAGE_BACKBONES}
CASES = [(kind, name, weights) for kind, names in (('video', VIDEO_BACKBONES), ('image', IMAGE_BACKBONES))
         for name in names for weights in (None, MODEL, BACKBONE) if weights != BACKBONE or name in _RAW]
QUICK = {('video', 'tsm', MODEL), ('image', 'resnet18', None)}


def written(folder, kind, name, weights=None, parts=('train', 'val', 'test'), media='../media',
            epochs=12):
    contents = Contents(kind, choose_backbone(kind, name, weights), str(folder), media,
                        {part: f'{part}.csv' for part in parts}, 'classes.txt', epochs, 1., 'KSSNet on data of my own.',
                        weights and '/w/weights.pth', weights)
    text = config_text(contents)
    (folder / 'config.py').write_text(text)
    return text


@pytest.mark.parametrize(('kind', 'name', 'weights'), CASES)
def test_a_config_is_short_and_loads(tmp_path, kind, name, weights):
    lines = written(tmp_path, kind, name, weights).splitlines()
    assert len(lines) <= 25 and max(map(len, lines)) <= 120
    cfg = load_config(tmp_path / 'config.py')
    assert cfg.train_dataloader.dataset.ann_file == f'{tmp_path}/train.csv'
    assert cfg.test_dataloader.dataset.ann_file.endswith('test.csv')
    assert cfg.work_dir == f'{tmp_path}/run'
    assert (cfg.load_from == '/w/weights.pth') == (weights == MODEL)
    assert ("'/w/weights.pth'" in str(cfg.model)) == (weights == BACKBONE)
    pipeline = cfg.train_dataloader.dataset.pipeline
    if kind == 'video':
        crop = next(step for step in pipeline if 'size' in step)
        assert crop.size == (112 if weights is None else 224)
        assert cfg.model.type == ('kss_mm.KSSNet2D' if name == 'tsm' else 'kss_mm.KSSNet')


@pytest.mark.parametrize('kind', ['video', 'image'])
def test_one_epoch_is_all_warm_up(tmp_path, kind):
    for epochs, schedules in ((1, ['LinearLR']), (2, ['LinearLR', 'CosineAnnealingLR'])):
        written(tmp_path, kind, None, epochs=epochs)
        cfg = load_config(tmp_path / 'config.py')
        assert cfg.train_cfg.max_epochs == epochs and [part.type for part in cfg.param_scheduler] == schedules


@pytest.mark.parametrize(('kind', 'name', 'weights'), [
    case if case in QUICK else pytest.param(*case, marks=pytest.mark.slow) for case in CASES if case[2] != BACKBONE])
def test_its_model_builds_without_a_number(tmp_path, make_graph, kind, name, weights):
    written(tmp_path, kind, name, weights)
    make_graph(4, 8, knowledge=False).save(tmp_path / 'label_graph.npz')
    model = fresh_model(load_config(tmp_path / 'config.py'))
    assert model.neck.num_classes == 4 and len(model.backbone.laterals) in (2, 3)
    assert model.neck.channels[:-1] == tuple(lateral.channels for lateral in model.backbone.laterals)


@pytest.mark.slow
@pytest.mark.parametrize('name', ['mobilenetv3_small_100', 'convnext_atto'])
def test_a_network_of_timm_is_tapped_at_its_stages(tmp_path, make_graph, name):
    pytest.importorskip('timm')
    written(tmp_path, 'image', name)
    make_graph(4, 8, knowledge=False).save(tmp_path / 'label_graph.npz')
    assert len(fresh_model(load_config(tmp_path / 'config.py')).backbone.laterals) == 3


def test_a_folder_with_an_apostrophe_and_blanks(tmp_path):
    folder = tmp_path / "it's mine"
    folder.mkdir()
    written(folder, 'image', 'resnet18', media="it's/photos of me")
    cfg = load_config(folder / 'config.py')
    assert cfg.train_dataloader.dataset.ann_file == f"{folder}/train.csv"


def test_other_names_are_refused():
    with pytest.raises(InputError, match='videos take i3d, slowonly'):
        choose_backbone('video', 'resnet50', None)
    with pytest.raises(InputError, match='images take lite0'):
        choose_backbone('image', 'i3d', None)
    with pytest.raises((InputError, MissingPackageError), match='or the name of a model of timm, such as|pip install'):
        choose_backbone('image', 'efficientnet_b', None)
    with pytest.raises(InputError, match="X3D takes those of a model of its host's zoo"):
        choose_backbone('video', 'x3d', BACKBONE)
