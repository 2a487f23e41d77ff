"""Every reader of labels under mutations: what reads is a matrix of 0, 1 and -1, what does not is one line."""

import io
import json

import numpy as np
import pytest
from fuzzing import attack
from scipy import sparse as sp

from kss_mm.graph.label_files import read_classes_file, read_label_file
from kss_mm.graph.label_readers.coco_labels import read_coco

NAMES = ['dog', 'hot dog', 'tv']
MATRIX = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1]])
COCO = dict(images=[dict(id=7, file_name='a.jpg'), dict(id=3, file_name='b.jpg')],
            annotations=[dict(id=1, image_id=7, category_id=20), dict(id=3, image_id=7, category_id=1, iscrowd=1)],
            categories=[dict(id=1, name='zebra'), dict(id=20, name='bus')])


def binary(save) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def text(content) -> bytes:
    return json.dumps(content).encode()


FILES = {
    'labels.npy': binary(lambda file: np.save(file, MATRIX)),
    'dense.npz': binary(lambda file: np.savez(file, labels=MATRIX)),
    'packed.npz': binary(lambda file: np.savez_compressed(file, labels=MATRIX)),
    'sparse.npz': binary(lambda file: sp.save_npz(file, sp.csr_matrix(MATRIX), compressed=False)),
    'csc.npz': binary(lambda file: sp.save_npz(file, sp.csc_matrix(MATRIX))),
    'columns.csv': b'id,dog,hot dog,tv\na,1,0,1\nb,1,1,0\nc,0,0,0\n',
    'columns.tsv': b'id\tdog\thot dog\ttv\na\t1\t0\t1\nb\t1\t1\t0\nc\t0\t0\t0\n',
    'cells.csv': b'file,labels\na,dog;tv\nb,"hot dog;tv"\nc,\n',
    'lists.csv': b'file,labels\na,"[\'dog\', \'tv\']"\nb,[\'dog\']\nc,[]\n',
    'rows.csv': b'file,label\na,dog\na,tv\nb,dog\n',
    'lists.json': text([['dog', 'tv'], ['dog', 'hot dog'], []]),
    'objects.json': text([{'file': 'a', 'labels': ['dog', 'tv']}, {'file': 'b', 'label': 'dog'}]),
    'by_name.json': text({'classes': NAMES, 'a': ['dog', 'tv'], 'b': ['hot dog']}),
    'mmpretrain.json': text({'metainfo': {'classes': NAMES}, 'data_list': [{'img_path': 'a', 'gt_label': [0, 2]},
                                                                           {'img_path': 'b', 'gt_label': []}]}),
    'studio.json': text([{'id': 1, 'data': {'image': 'a'},
                          'annotations': [{'result': [{'value': {'choices': ['tv']}}]}]},
                         {'id': 2, 'data': {'image': 'b'}, 'annotations': []}]),
    'coco.json': text(COCO),
    'list.txt': b'x.mp4 0 2\ny.mp4 0 1\nz.mp4\n',
    'hot.txt': b'x.jpg\t1,0,1\ny.jpg\t1,1,0\n',
    'frames.txt': b'dir/x 300 0 2\ndir/y 25 1\n'}


@pytest.mark.fuzz
@pytest.mark.parametrize('with_names', [True, False])
@pytest.mark.parametrize('name', FILES)
def test_label_files(tmp_path, name, with_names):
    if not with_names and name.endswith(('.npy', '.npz', '.txt')):
        pytest.skip('such a file has no names of its own')

    def read(path):
        labels = read_label_file(path, NAMES if with_names and name != 'coco.json' else None)
        assert labels.matrix.shape[1] == len(labels.classes) and set(labels.matrix.data) <= {1, -1}
        assert labels.ids is None or len(labels.ids) == labels.matrix.shape[0]
    attack(read, tmp_path / name, FILES[name])


@pytest.mark.fuzz
@pytest.mark.parametrize(('name', 'content'), [('names.txt', b'dog\nhot dog\ntv\n'), ('names.json', text(NAMES))])
def test_class_lists(tmp_path, name, content):
    attack(read_classes_file, tmp_path / name, content)


@pytest.mark.fuzz
@pytest.mark.parametrize('options', [{}, dict(classes=['bus', 'cow']), dict(class_order='alphabetical', crowd='drop')])
def test_coco(tmp_path, options):
    attack(lambda path: read_coco(path, **options), tmp_path / 'instances.json', text(COCO))
