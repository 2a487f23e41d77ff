import pytest
import torch

pytest.importorskip('mmaction')
from kss_mm.datasets import CharadesDataset  # noqa: E402
from kss_mm.errors import InputError, MissingFileError  # noqa: E402

HEADER = 'id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n'
PIPELINE = [dict(type='mmaction.DecordInit')]


@pytest.fixture
def release(tmp_path):
    (tmp_path / 'videos').mkdir()
    (tmp_path / 'Charades_v1_classes.txt').write_text('c000 Holding a cup\nc001 Opening a box\n')
    (tmp_path / 'train.csv').write_text(HEADER + 'A,s,k,7,7,Yes,t,o,d,c001 0 1;c001 2 3,5\nB,s,k,7,7,Yes,t,o,d,,5\n'
                                        + 'C,s,k,7,7,Yes,t,o,d,c000 0 1,5\n')
    for name in 'ABC':
        (tmp_path / 'videos' / f'{name}.mp4').touch()
    return tmp_path


def build(release, **kwargs) -> CharadesDataset:
    return CharadesDataset(str(release / 'train.csv'), PIPELINE, data_prefix=dict(video=str(release / 'videos')),
                           **kwargs)


def test_samples_and_classes(release):
    dataset = build(release)
    assert dataset.metainfo['classes'] == ('Holding a cup', 'Opening a box')
    assert [dataset.get_data_info(i)['label'].tolist() for i in range(3)] == [[0, 1], [0, 0], [1, 0]]
    info = dataset.get_data_info(0)
    assert info['video_id'] == 'A' and info['seconds'] == 5 and info['label'].dtype == torch.float32


def test_unlabelled_videos_drop_on_request_but_never_in_evaluation(release):
    assert len(build(release, unlabelled='drop')) == 2
    assert len(build(release, unlabelled='drop', test_mode=True)) == 3
    with pytest.raises(InputError, match='unlabelled'):
        build(release, unlabelled='guess')


def test_missing_videos_warn_in_training_and_stop_evaluation(release, capfd):
    (release / 'videos' / 'B.mp4').unlink()
    assert len(build(release)) == 2
    with pytest.raises(MissingFileError, match=r'1 of 3 videos.*B\.mp4'):
        build(release, test_mode=True)
    allowed = build(release, test_mode=True, allow_missing=True)
    assert len(allowed) == 2 and allowed.metainfo['missing'] == {'B': []}
    for name in 'AC':
        (release / 'videos' / f'{name}.mp4').unlink()
    with pytest.raises(MissingFileError, match='3 of 3 videos'):
        build(release)


def test_missing_folder_and_wrong_number_of_classes(release):
    with pytest.raises(MissingFileError, match='no such folder of videos'):
        CharadesDataset(str(release / 'train.csv'), PIPELINE, data_prefix=dict(video=str(release / 'nowhere')))
    with pytest.raises(InputError, match='num_classes=157'):
        build(release, num_classes=157)


def test_annotations_alone_need_no_videos(release):
    dataset = CharadesDataset(str(release / 'train.csv'), [], data_prefix=dict(video=str(release / 'nowhere')))
    assert len(dataset) == 3


def test_clips_are_actions_with_the_labels_active_in_half_of_them(toy_charades):
    from kss_mm.datasets.charades_files import Action, Video, clips_of

    video = Video('A', 10., (Action(1, 0., 4.), Action(0, 2., 3.), Action(2, 1., 9.), Action(1, 5., 5.)))
    assert clips_of(video) == [((0., 4.), [1, 2]), ((2., 3.), [0, 1, 2]), ((1., 9.), [2])]


def test_frames_of_a_clip_come_from_within_it(toy_charades):
    pipeline = [dict(type='kss_mm.SafeDecordInit'), dict(type='mmaction.UniformSample', clip_len=4)]
    dataset = CharadesDataset(str(toy_charades / 'Charades/Charades_v1_train.csv'), pipeline, clips=True,
                              data_prefix=dict(video=str(toy_charades / 'Charades_v1_480')))
    assert len(dataset) > 24
    for index in range(0, len(dataset), 5):
        sample = dataset[index]
        start, end = sample['clip_seconds']
        assert start * 12 - 1 <= sample['frame_inds'].min() <= sample['frame_inds'].max() <= end * 12 + 1
    with pytest.raises(InputError, match='clips=True is for training'):
        CharadesDataset(str(toy_charades / 'Charades/Charades_v1_train.csv'), pipeline, clips=True, test_mode=True)


@pytest.mark.parametrize('frames', [1, 5, 63])
@pytest.mark.parametrize('test_mode', [False, True])
def test_videos_shorter_than_the_clip_repeat_frames(release, frames, test_mode):
    import cv2
    import numpy as np

    for name in 'ABC':
        writer = cv2.VideoWriter(str(release / 'videos' / f'{name}.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 12, (64, 64))
        for value in range(frames):
            writer.write(np.full((64, 64, 3), 4 * value, np.uint8))
        writer.release()
    pipeline = [dict(type='kss_mm.SafeDecordInit'),
                dict(type='mmaction.UniformSample', clip_len=64, test_mode=test_mode),
                dict(type='kss_mm.SafeDecordDecode'), dict(type='mmaction.FormatShape', input_format='NCTHW')]
    sample = CharadesDataset(str(release / 'train.csv'), pipeline, data_prefix=dict(video=str(release / 'videos')),
                             test_mode=test_mode)[0]
    assert sample['imgs'].shape == (1, 3, 64, 64, 64)
    assert (np.diff(sample['frame_inds']) >= -1).all() and sample['frame_inds'].max() < frames
