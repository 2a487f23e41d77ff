import pickle

import numpy as np
import pytest
import torch

from kss_mm.datasets import KeepPositives
from kss_mm.errors import InputError
from kss_mm.registry import TRANSFORMS

K = 5
GOLDEN = [True, False, True, False, True, True, False, False]


def many_hot(name: str) -> dict:
    return dict(filename=f'/data/{name}', label=torch.tensor([1., 0., 1., 1., -1.]))


def indices(name: str) -> dict:
    return dict(img_path=f'/data/{name}', gt_label=[0, 2, 3])


@pytest.mark.parametrize('others', ['unknown', 'negative'])
def test_the_forms_of_both_hosts_lose_the_same_labels(others):
    step = TRANSFORMS.build(dict(type='kss_mm.KeepPositives', share=.5, others=others, num_classes=K))
    lost = {'unknown': -1., 'negative': 0.}[others]
    changed = 0
    for number in range(20):
        name = f'{number}.jpg'
        expected = [1. if step.keeps(name, label) else lost for label in (0, 2, 3)]
        video, image = step(many_hot(name)), step(indices(name))
        assert video['label'].tolist() == [expected[0], 0., *expected[1:], -1.]
        assert image['gt_label'] == [label for label, value in zip((0, 2, 3), expected) if value == 1]
        if others == 'unknown':
            assert image['gt_score'].tolist() == [expected[0], 0., *expected[1:], 0.]
        else:
            assert 'gt_score' not in image
        changed += lost in expected
    assert 5 < changed < 20


def test_the_share_is_kept_and_smaller_shares_are_parts_of_larger():
    quarter, half = KeepPositives(.25), KeepPositives(.5)
    draws = np.array([[(quarter.keeps(f'{n}', k), half.keeps(f'{n}', k)) for k in range(K)] for n in range(2000)])
    assert np.abs(draws.mean((0, 1)) - [.25, .5]).max() < .02  # 4 standard errors of 10,000 draws
    assert not (draws[..., 0] & ~draws[..., 1]).any()
    assert np.abs(np.corrcoef(draws[..., 1].T) - np.eye(K)).max() < .1  # labels are drawn one by one


def test_draws_are_fixed_by_seed_name_and_label():
    step = KeepPositives(.5, seed=3)
    again = pickle.loads(pickle.dumps(step))  # as workers get it
    names = [f'{number}.mp4' for number in range(40)]
    assert [step.keeps(name, 1) for name in names] == [again.keeps(name, 1) for name in names]
    assert [step.keeps(name, 1) for name in names] != [KeepPositives(.5, seed=4).keeps(name, 1) for name in names]
    # The value in writing: another hash would change every experiment.
    assert [KeepPositives(.5).keeps('a.jpg', label) for label in range(8)] == GOLDEN


def test_the_folder_and_the_hook_that_names_samples_change_nothing():
    step = KeepPositives(.5, 'negative')
    for name in ('a.jpg', 'b.jpg', 'c.jpg'):
        one, other = indices(name), dict(img_path=f'elsewhere/{name}', sample_id=f'x/{name}', gt_label=[0, 2, 3])
        assert step(one)['gt_label'] == step(other)['gt_label']


@pytest.mark.parametrize('share', [0, 1])
def test_none_and_all(share):
    assert KeepPositives(share, 'negative')(indices('a'))['gt_label'] == [0, 2, 3] * share


def test_the_data_sets_own_labels_stay():
    sample = many_hot('a')
    before = sample['label'].clone()
    label = sample['label']
    KeepPositives(0.)(sample)
    assert torch.equal(label, before)


@pytest.mark.parametrize(('sample', 'message'), [
    (dict(filename='a', label=3), 'multi_class=True'), (dict(img_path='a', gt_label=3), 'no multi-label'),
    (dict(gt_label=[1]), 'neither a file'), (dict(img_path='a', gt_label=[1]), 'needs num_classes')])
def test_other_samples_are_named(sample, message):
    with pytest.raises(InputError, match=message):
        KeepPositives(.5)(sample)


@pytest.mark.parametrize('options', [dict(share=2), dict(share=.5, others='absent'), dict(share=.5, seed=.5),
                                     dict(share=.5, num_classes=0)])
def test_mistakes_are_named(options):
    with pytest.raises(InputError, match=f'{list(options)[-1]} must be'):
        KeepPositives(**options)


def test_a_label_graph_counts_what_is_left(tmp_path):
    pytest.importorskip('mmaction')
    from mmengine.registry import DATASETS, init_default_scope

    from kss_mm.apis.dataset_labels import read_config_labels
    from kss_mm.datasets.label_counts import label_counts

    (tmp_path / 'list.txt').write_text(''.join(f'{number}.mp4 0 2\n' for number in range(30)))
    step = dict(type='kss_mm.KeepPositives', share=.5)
    dataset = dict(type='VideoDataset', ann_file=str(tmp_path / 'list.txt'), multi_class=True, num_classes=3,
                   pipeline=[step])
    (tmp_path / 'config.py').write_text(
        f"default_scope = 'mmaction'\ntrain_dataloader = dict(dataset={dataset!r})\n")
    matrix = read_config_labels(str(tmp_path / 'config.py'), ['dog', 'cat', 'tv']).matrix.toarray()
    kept = [[KeepPositives(.5).keeps(f'{number}.mp4', label) for label in (0, 2)] for number in range(30)]
    np.testing.assert_array_equal(matrix[:, [0, 2]], np.where(kept, 1, -1))
    assert (matrix[:, 1] == 0).all()
    init_default_scope('mmaction')
    counts, total, _ = label_counts(DATASETS.build(dataset), ['dog', 'cat', 'tv'])
    np.testing.assert_array_equal(counts, (matrix == 1).sum(0))  # what training compares with the graph's
    assert total == 30
