"""model-index.yml: what it says of every config is so, and the hosts' reader understands it."""

from itertools import chain

import pytest
import yaml
from conftest import ROOT
from mmengine.config import Config

from kss_mm.analysis.complexity import measure, total
from kss_mm.analysis.complexity.untrained import stand_in_graph, untrained_model
from kss_mm.apis.input_shape import input_shape
from kss_mm.apis.portable_config import graph_file, use_graph

METAFILES = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
CONTENT = {path: yaml.safe_load((ROOT / path).read_text()) for path in METAFILES}
MODELS = list(chain.from_iterable(content['Models'] for content in CONTENT.values()))
FIELDS = {'Name', 'Config', 'In Collection', 'Metadata', 'Modality'}
METADATA = {'Architecture', 'Training Data', 'Resolution', 'Label Embedding Width', 'Parameters', 'FLOPs'}


def built(entry: dict, folder):
    """The config of an entry and its model, with a stand-in of the stated width for its label graph."""
    cfg = Config.fromfile(ROOT / entry['Config'])
    pytest.importorskip(cfg.default_scope)
    if graph_file(cfg) is not None:
        labels = (cfg.model.get('cls_head') or cfg.model.head).num_classes
        stand_in_graph(labels, entry['Metadata']['Label Embedding Width']).save(folder / 'graph.npz')
        use_graph(cfg, str(folder / 'graph.npz'))
    return cfg, untrained_model(cfg)[0]


def test_every_config_is_listed_once():
    """Those of configs/ablations are variants of others, listed where the ablations are."""
    listed = [entry['Config'] for entry in MODELS]
    assert sorted(listed) == sorted(f'configs/{path.name}' for path in (ROOT / 'configs').glob('*.py'))
    assert sorted(METAFILES) == sorted(f'configs/{path.name}' for path in (ROOT / 'configs').glob('*.yml'))


@pytest.mark.parametrize('path', METAFILES)
def test_fields(path):
    assert set(CONTENT[path]) == {'Collections', 'Models'}
    collections = [collection['Name'] for collection in CONTENT[path]['Collections']]
    for collection in CONTENT[path]['Collections']:
        assert set(collection) == {'Name', 'Metadata', 'Paper'} and set(collection['Paper']) == {'URL', 'Title'}
    for entry in CONTENT[path]['Models']:
        assert set(entry) <= FIELDS and FIELDS - {'Modality'} <= set(entry)
        assert set(entry['Metadata']) <= METADATA and METADATA - {'Label Embedding Width'} <= set(entry['Metadata'])
        assert entry['Config'] == f'configs/{entry["Name"]}.py' and entry['In Collection'] in collections
    assert set(collections) == {entry['In Collection'] for entry in CONTENT[path]['Models']}


@pytest.mark.parametrize('entry', MODELS, ids=lambda entry: entry['Name'])
@pytest.mark.slow
def test_parameters_and_input(entry, tmp_path):
    cfg, model = built(entry, tmp_path)
    assert sum(p.numel() for p in model.parameters()) == entry['Metadata']['Parameters']
    layout = getattr(model.data_preprocessor, 'format_shape', None)
    assert 'x'.join(map(str, input_shape(cfg, layout)[1:])) == entry['Metadata']['Resolution']
    assert ('Modality' in entry) == (layout is not None)


@pytest.mark.slow
@pytest.mark.parametrize('entry', MODELS, ids=lambda entry: entry['Name'])
def test_multiply_adds(entry, tmp_path):
    shape = (3, *map(int, entry['Metadata']['Resolution'].split('x')))
    assert total(measure(built(entry, tmp_path)[1], shape).values()).macs == entry['Metadata']['FLOPs']


def test_the_reader_of_the_hosts():
    modelindex = pytest.importorskip('modelindex.load_model_index')
    index = modelindex.load(str(ROOT / 'model-index.yml'))
    index.build_models_with_collections()
    assert index.check(silent=True) == [] and len(index.models) == len(MODELS)


def test_mmpretrain_finds_the_models_by_name():
    pytest.importorskip('mmpretrain')
    from mmpretrain.apis.model import ModelHub

    ModelHub.register_model_index(ROOT / 'model-index.yml', config_prefix=ROOT)
    for entry in MODELS:
        assert ModelHub.get(entry['Name']).config.model == Config.fromfile(ROOT / entry['Config']).model
