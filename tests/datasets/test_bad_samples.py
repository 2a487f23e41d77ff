"""Bad videos among good ones do not end training; they are counted, named once, and past a share they do."""

import multiprocessing

import pytest
from torch.utils.data import DataLoader

pytest.importorskip('mmaction')
from kss_mm.datasets import CharadesDataset  # noqa: E402
from kss_mm.errors import BadVideoError, InputError  # noqa: E402

PIPELINE = [dict(type='kss_mm.SafeDecordInit'), dict(type='mmaction.UniformSample', clip_len=4),
            dict(type='kss_mm.SafeDecordDecode'), dict(type='mmaction.Resize', scale=(32, 32), keep_ratio=False),
            dict(type='mmaction.FormatShape', input_format='NCTHW'), dict(type='mmaction.PackActionInputs')]


@pytest.fixture
def planted(toy_charades, tmp_path):
    """The toy training set with two of its twelve videos bad: one empty, one no video."""
    import shutil

    shutil.copytree(toy_charades, tmp_path / 'toy')
    videos = sorted((tmp_path / 'toy' / 'Charades_v1_480').glob('T*.mp4'))
    videos[0].write_bytes(b'')
    videos[5].write_text('no video')

    def build(**kwargs):
        return CharadesDataset(str(tmp_path / 'toy/Charades/Charades_v1_train.csv'), PIPELINE,
                               data_prefix=dict(video=str(tmp_path / 'toy/Charades_v1_480')), **kwargs)

    return build, {videos[0].stem, videos[5].stem}


@pytest.mark.parametrize(('workers', 'persistent', 'start'), [
    (0, False, None), (2, False, 'fork'), (2, True, 'fork'), (2, False, 'spawn')])
def test_training_goes_on_with_others_and_counts(planted, workers, persistent, start):
    build, bad = planted
    dataset = build(max_bad_share=.5)
    context = multiprocessing.get_context(start) if start else None
    loader = DataLoader(dataset, batch_size=3, num_workers=workers, collate_fn=list, persistent_workers=persistent,
                        multiprocessing_context=context)
    for _ in range(2):
        samples = [sample for batch in loader for sample in batch]
        assert len(samples) == 12 and all(sample['inputs'].shape == (1, 3, 4, 32, 32) for sample in samples)
    names = {dataset.get_data_info(i)['video_id'] for i in dataset.bad_samples.found.nonzero().flatten().tolist()}
    assert names == bad


def test_each_is_named_once(planted, monkeypatch):
    from kss_mm.datasets import bad_samples

    build, bad = planted
    lines = []
    monkeypatch.setattr(bad_samples, 'print_log', lambda text, **_: lines.append(text))
    dataset = build(max_bad_share=.5)
    for _ in range(3):
        for index in range(12):
            dataset[index]
    assert len(lines) == 2 and lines[1].startswith('bad video 2 of 12')
    assert all(any(name in line for line in lines) for name in bad)


def test_past_the_share_training_stops(planted):
    build, _ = planted
    dataset = build(max_bad_share=.1)
    with pytest.raises(InputError, match='2 of 12 training videos cannot be read, more than max_bad_share=0.1'):
        for index in range(12):
            dataset[index]
    with pytest.raises(InputError, match='max_bad_share'):
        build(max_bad_share=2)


def test_evaluation_makes_up_no_score(planted):
    build, bad = planted
    dataset = build(test_mode=True)
    with pytest.raises(BadVideoError) as error:
        for index in range(12):
            dataset[index]
    assert any(name in str(error.value) for name in bad)
