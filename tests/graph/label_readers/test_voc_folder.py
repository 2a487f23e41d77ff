"""PASCAL VOC's folders as the challenge released them, as labelImg and as exports write them."""

import numpy as np
import pytest

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph.label_files import read_label_file

OBJECT = ('<object><name>{}</name><pose>Left</pose><truncated>1</truncated><difficult>{}</difficult>'
          '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>')


def annotate(folder, stem, objects=(), name=None):
    path = folder / f'{stem}.xml'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<annotation>\n\t<folder>VOC2007</folder>\n\t<filename>{name or stem + ".jpg"}</filename>\n'
                    '\t<source><database>The VOC2007 Database</database></source><owner><name>?</name></owner>\n'
                    '\t<size><width>353</width><height>500</height><depth>3</depth></size><segmented>0</segmented>\n'
                    + ''.join(OBJECT.format(*thing) for thing in objects) + '</annotation>\n')


def released(root):
    annotations = root / 'VOC2007' / 'Annotations'
    annotate(annotations, '000001', [('dog', 0), ('person', 0), ('dog', 1), ('person', 0)])
    annotate(annotations, '000002', [('person', 0), ('sofa', 1)])
    annotate(annotations, '000003', [])
    sets = root / 'VOC2007' / 'ImageSets' / 'Main'
    sets.mkdir(parents=True)
    for split, names in (('train', '000001'), ('val', '000002'), ('trainval', '000001\n000002'), ('test', '000003')):
        (sets / f'{split}.txt').write_text(names + '\n')
    (sets / 'dog_train.txt').write_text('000001  1\n')
    return root / 'VOC2007'


def test_the_release(tmp_path):
    root = released(tmp_path)
    labels = read_label_file(root)
    assert labels.classes == ('dog', 'person', 'sofa') and labels.ids == ('000001.jpg', '000002.jpg', '000003.jpg')
    np.testing.assert_array_equal(labels.matrix.toarray(), [[1, 1, 0], [0, 1, -1], [0, 0, 0]])
    assert any('1 of 4 labels are of difficult objects only' in note for note in labels.notes)
    for split, ids in (('train', (1,)), ('val', (2,)), ('trainval', (1, 2)), ('test', (3,))):
        found = read_label_file(root / 'Annotations', split=split)
        assert found.ids == tuple(f'00000{number}.jpg' for number in ids) and found.classes == labels.classes


def test_exports(tmp_path):
    annotate(tmp_path, 'train/a b', [('dog', 0), ('cat', 'Unspecified')], name='C:\\photos\\a b.png')
    annotate(tmp_path, 'valid/c', [('dog', 0)], name='other.jpg')
    labels = read_label_file(tmp_path)
    assert labels.ids == ('train/a b.png', 'valid/c')
    assert any("1 files name another image than they are called, such as 'valid/c' with 'other.jpg'" in note
               for note in labels.notes)
    assert read_label_file(tmp_path, split='val').ids == ('valid/c',)


@pytest.mark.parametrize(('text', 'message'), [
    ('<annotation><object><name> </name></object></annotation>', 'a.xml: object 0 .*no name'),
    ('<annotation><object><name>x</name><difficult>2</difficult></object></annotation>', "a.xml: .*difficult='2'"),
    ('<annotations/>', 'a.xml: its root is <annotations>'), ('<annotation>', 'a.xml: not a whole'),
    ('<!DOCTYPE x [<!ENTITY y "z">]><annotation/>', 'a.xml: it declares a document type')])
def test_files_that_cannot_be_read(tmp_path, text, message):
    (tmp_path / 'a.xml').write_text(text)
    with pytest.raises(InputError, match=message):
        read_label_file(tmp_path)


def test_a_folder_without_annotations(tmp_path):
    with pytest.raises(MissingFileError, match='without .xml files'):
        read_label_file(tmp_path)
    annotate(tmp_path, 'a', [('dog', 0)])
    with pytest.raises(InputError, match='--separator is for .csv, .tsv, .json'):
        read_label_file(tmp_path, separator=',')


def test_it_trains(tmp_path):
    pytest.importorskip('mmpretrain')
    from kss_mm.datasets import MultiLabelImages

    root = released(tmp_path)
    (root / 'JPEGImages').mkdir()
    dataset = MultiLabelImages('VOC2007', data_root=str(tmp_path), data_prefix='VOC2007/JPEGImages', split='trainval')
    assert [dataset.get_data_info(index)['gt_score'].tolist() for index in range(2)] == [[1, 1, 0], [0, 1, -1]]
