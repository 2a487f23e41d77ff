import numpy as np
import pytest

pytest.importorskip('mmpretrain')
import mmcv  # noqa: E402

from kss_mm.datasets import MultiLabelImages  # noqa: E402
from kss_mm.errors import InputError, MissingFileError  # noqa: E402

PIPELINE = [dict(type='kss_mm.SafeLoadImage'), dict(type='mmpretrain.PackInputs')]


@pytest.fixture
def images(tmp_path):
    for name in ('a.jpg', 'b.jpg', 'c.png'):
        mmcv.imwrite(np.full((8, 12, 3), 90, np.uint8), str(tmp_path / 'images' / name))
    return tmp_path


def build(root, text, pipeline=PIPELINE, **options) -> MultiLabelImages:
    (root / 'a.csv').write_text(text)
    return MultiLabelImages('a.csv', pipeline, data_root=str(root), **{'data_prefix': 'images', **options})


def test_samples_and_classes(images):
    text = 'image,labels,set\na,"dog, tv",train\nb.jpg,dog,train\nc,tv,test\n'
    dataset = build(images, text, split='train')
    assert dataset.metainfo['classes'] == ('dog', 'tv') and len(dataset) == 2
    sample = dataset[0]
    assert sample['inputs'].shape == (3, 8, 12) and sample['data_samples'].gt_label.tolist() == [0, 1]
    assert 'gt_score' not in sample['data_samples'] and dataset.get_cat_ids(1) == [0]
    held = build(images, text, split='test', data_prefix=dict(img_path='images'), test_mode=True)
    assert held.get_data_info(0)['img_path'] == str(images / 'images' / 'c.png')


def test_unknown_labels_are_scores_of_all_samples(images):
    dataset = build(images, 'image,dog,tv\na.jpg,1,-1\nb.jpg,0,1\n')
    assert [dataset[index]['data_samples'].gt_score.tolist() for index in range(2)] == [[1, -1], [0, 1]]
    assert [dataset.get_data_info(index)['gt_label'] for index in range(2)] == [[0], [1]]


def test_missing_images_and_parts_of_videos(images):
    text = 'image,labels\na.jpg,dog;tv\nz.jpg,dog\n'
    assert len(build(images, text)) == 1 and len(build(images, text, pipeline=(), data_prefix='nowhere')) == 2
    with pytest.raises(MissingFileError, match=r'1 of 2 images .*z\.jpg'):
        build(images, text, test_mode=True)
    with pytest.raises(InputError, match='MultiLabelVideos'):
        build(images, 'image,start,end,labels\na,0,1,dog;tv\na,1,2,dog\n')
