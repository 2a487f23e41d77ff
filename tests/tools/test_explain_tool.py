"""``kss-mm explain`` from the command line."""

import json

import cv2
import numpy as np
import pytest
from tiny_models import IMAGES, save_model

pytest.importorskip('captum', reason='the extra explain is not installed')


def test_a_picture_and_values_of_one_file(printed, make_graph, tmp_path):
    config, checkpoint = save_model(IMAGES['kssnet'], tmp_path, make_graph)
    file = tmp_path / 'a.png'
    cv2.imwrite(str(file), np.random.default_rng(0).integers(0, 255, (48, 60, 3), np.uint8))
    text = printed('explain.py', config, checkpoint, file, '--label', 'class 1', '--top', 2, '-o', tmp_path / 'why.png',
                   '--out', tmp_path / 'why.json')
    assert text.startswith('class 1: probability ') and text.count('  without class ') == 2
    assert cv2.imread(str(tmp_path / 'why.png')) is not None
    values = json.loads((tmp_path / 'why.json').read_text())
    assert values['label'] == 'class 1' and len(values['maps']) == 4
    assert 'is a config, so its checkpoint must stand after it' in printed('explain.py', config, file)
    assert 'one file is explained, and 2 are named' in printed('explain.py', config, checkpoint, file, file)
    assert 'is a file that is read' in printed('explain.py', config, checkpoint, file, '-o', file)
    assert 'must end in .png' in printed('explain.py', config, checkpoint, file, '-o', 'why.txt')
    assert "label 'clas 1'" in printed('explain.py', config, checkpoint, file, '--label', 'clas 1')
    assert 'no such image' in printed('explain.py', config, checkpoint, tmp_path / 'b.png')
