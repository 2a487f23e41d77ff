import pytest
from mmengine.registry import DATASETS, HOOKS, METRICS, MODELS

from kss_mm import registry


@pytest.mark.parametrize(('root', 'name'), [
    (MODELS, 'kss_mm.InceptionI3d'), (MODELS, 'kss_mm.KSSNet'), (MODELS, 'kss_mm.LabelGCN'),
    (DATASETS, 'kss_mm.CharadesDataset'), (METRICS, 'kss_mm.CharadesMetric'), (HOOKS, 'kss_mm.PlainCheckpointHook')])
def test_types_are_found_by_their_scope(root, name):
    assert root.get(name) is not None


@pytest.mark.parametrize('host', ['mmaction', 'mmpretrain'])
def test_no_bare_name_equals_a_hosts(host):
    import importlib

    pytest.importorskip(host)
    theirs = importlib.import_module(f'{host}.registry')
    for name in ('MODELS', 'DATASETS', 'METRICS', 'HOOKS', 'OPTIM_WRAPPERS'):
        ours, other = getattr(registry, name), getattr(theirs, name)
        ours.import_from_location()
        other.import_from_location()
        assert not set(ours.module_dict) & set(other.module_dict)
