import pytest
from mmengine.registry import DATASETS, HOOKS, METRICS, MODELS, Registry

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
    names = [name for name, value in vars(registry).items() if isinstance(value, Registry)]
    assert {'MODELS', 'DATASETS', 'TRANSFORMS', 'METRICS', 'HOOKS', 'OPTIM_WRAPPERS'} <= set(names)
    for name in names:
        ours, other = getattr(registry, name), getattr(theirs, name, None)
        if other is not None:
            ours.import_from_location()
            other.import_from_location()
            assert ours.module_dict and not set(ours.module_dict) & set(other.module_dict)
