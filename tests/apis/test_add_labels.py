import numpy as np
import pytest
import torch

pytest.importorskip('mmpretrain')

from published_file import CLASSES, published  # noqa: E402, F401  (a fixture)

import kss_mm  # noqa: E402
from kss_mm.apis.add_labels import add_labels  # noqa: E402
from kss_mm.apis.deploy import deploy  # noqa: E402
from kss_mm.checkpoints.stored_graph import label_graph_of  # noqa: E402
from kss_mm.errors import InputError  # noqa: E402

NEW = ['shiny thing', 'label 99']


@pytest.fixture(scope='module')
def sources(published, tmp_path_factory):  # noqa: F811
    """Word vectors and relations of the old labels and of new ones."""
    folder = tmp_path_factory.mktemp('sources')
    graph = label_graph_of(str(published / 'good.pth'))
    rng = np.random.default_rng(1)
    names = [*CLASSES, *NEW]
    np.savez(folder / 'words.npz', words=[name.replace(' ', '_') for name in names],
             vectors=np.concatenate([graph.embeddings, rng.normal(size=(len(NEW), 7)).astype(np.float32)]))
    (folder / 'net.csv').write_text('/a/x\t/r/IsA\t/c/en/shiny_thing\t/c/en/thing\t{"weight": 2.0}\n'
                                    '/a/y\t/r/IsA\t/c/en/shiny_thing\t/c/en/label\t{"weight": 1.0}\n')
    return dict(words=folder / 'words.npz', conceptnet=folder / 'net.csv', concepts={'label 99': ['thing']})


@pytest.fixture(scope='module')
def wider(published, sources, tmp_path_factory):  # noqa: F811
    path = tmp_path_factory.mktemp('wider') / 'wider.pth'
    return path, add_labels(published / 'good.pth', NEW, path, **sources)


def pictures(count=3):
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(count)]


def logits(path):
    return np.stack([prediction.logits for prediction in kss_mm.load(path)(pictures())])


def test_the_others_keep_their_logits_and_names(published, wider):  # noqa: F811
    path, added = wider
    predictor = kss_mm.load(path)
    assert predictor.classes == [*CLASSES, *NEW] and added.labels == (*CLASSES, *NEW) and added.changed == 0
    old, new = logits(published / 'good.pth'), logits(path)
    np.testing.assert_allclose(new[:, :len(CLASSES)], old, rtol=0, atol=1e-5 * np.abs(old).max())
    assert np.isfinite(new).all() and np.ptp(new[:, len(CLASSES):], axis=0).min() > 0  # which depend on the picture


def test_the_file_says_which_labels_no_sample_had(wider):
    path, _ = wider
    content = torch.load(path, weights_only=True)
    assert content['meta']['dataset_meta']['unseen'] == NEW
    assert label_graph_of(str(path)).provenance['added'] == NEW
    assert label_graph_of(str(path)).num_samples[-2:].tolist() == [0, 0]


def test_labels_are_added_to_labels_that_were_added(published, sources, wider, tmp_path):  # noqa: F811
    options = {**sources, 'concepts': None}
    add_labels(published / 'good.pth', NEW[:1], tmp_path / 'one.pth', **options)
    add_labels(tmp_path / 'one.pth', NEW[1:], tmp_path / 'two.pth', **sources)
    np.testing.assert_allclose(logits(tmp_path / 'two.pth')[:, :-1], logits(tmp_path / 'one.pth'), atol=1e-4)


def test_a_wider_model_is_deployed_and_evaluated(wider, published, tmp_path, monkeypatch):  # noqa: F811
    path, _ = wider
    deploy(path, None, tmp_path / 'deployed.pth')
    np.testing.assert_allclose(logits(tmp_path / 'deployed.pth'), logits(path), rtol=1e-3, atol=1e-2)
    monkeypatch.chdir(published)
    figures = kss_mm.evaluate(path, work_dir=tmp_path / 'run')
    assert {'multi-label/seen_mAP', 'multi-label/GZS_F1@3'} <= set(figures)


def test_neighbours_change_the_others_where_they_are_not_frozen(published, sources, tmp_path):  # noqa: F811
    net = tmp_path / 'net.csv'
    net.write_text(''.join(f'/a/x\t/r/IsA\t/c/en/{start}\t/c/en/{end}\t{{"weight": 2.0}}\n'
                           for start, end in (('shiny_thing', 'label'), ('thing', 'label'))))
    concepts = {'shiny thing': ['thing'], 'label 99': ['thing']}
    added = add_labels(published / 'good.pth', NEW, tmp_path / 'wide.pth', frozen=False,
                       **{**sources, 'conceptnet': net, 'concepts': concepts})
    assert added.changed >= 0 and 'label' in added.report()


def test_the_threshold_of_new_labels_is_given_or_the_median(published, sources, tmp_path):  # noqa: F811
    add_labels(published / 'good.pth', NEW, tmp_path / 'wide.pth', threshold=.25, **sources)
    thresholds = kss_mm.load(tmp_path / 'wide.pth').thresholds.probabilities
    np.testing.assert_allclose(thresholds, [.5] * len(CLASSES) + [.25] * len(NEW), atol=1e-6)


@pytest.mark.parametrize('labels, changes, message', [
    ([CLASSES[0]], {}, "has the label 'label 0' already"),
    (NEW, dict(words=None), 'give words'),
    (NEW, dict(threshold=2.), 'threshold'),
])
def test_what_is_wrong_is_told_in_a_line(published, sources, tmp_path, labels, changes, message):  # noqa: F811
    with pytest.raises(InputError, match=message) as told:
        add_labels(published / 'good.pth', labels, tmp_path / 'new.pth', **{**sources, **changes})
    assert '\n' not in str(told.value) and not (tmp_path / 'new.pth').exists()


def test_models_without_a_gcn_or_graph_are_refused(published, wider, sources, tmp_path):  # noqa: F811
    with pytest.raises(InputError, match='is the model itself'):
        add_labels(published / 'good.pth', NEW, published / 'good.pth', **sources)
    with pytest.raises(InputError, match='must be the name of a file that ends in .pth'):
        add_labels(published / 'good.pth', NEW, tmp_path / 'new.npz', **sources)
    deploy(wider[0], None, tmp_path / 'deployed.pth')
    with pytest.raises(InputError, match='is in deployed form'):
        add_labels(tmp_path / 'deployed.pth', ['other'], tmp_path / 'new.pth', **sources)
