"""Runs of text, their order, their widths and their cuts."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kss_mm.drawing.text import Lettering, in_reading_order
from kss_mm.visualization.fonts import Face, first_face

FACE, OTHER = first_face(), Face('other', 'none')


def order(*texts: str) -> list[str]:
    return [text for text, _ in in_reading_order([(text, FACE) for text in texts])]


def test_runs_stand_as_they_are_read():
    assert order('one ', '二 ', 'three') == ['one ', '二 ', 'three']
    assert order('باب', ' two ', 'שלוש') == ['שלוש', ' two ', 'باب']  # as a whole from the right
    assert order('one ', 'باب ', 'שתיים', ' three') == ['one ', 'שתיים', 'باب ', ' three']
    assert order('1 + 2', '中') == ['1 + 2', '中']


def test_a_text_is_cut_where_it_no_longer_fits():
    lettering = Lettering(['Someone is running'], 20)
    whole = lettering.width('Someone is running')
    assert lettering.cut('Someone is running', whole) == 'Someone is running'
    cut = lettering.cut('Someone is running', whole / 2)
    assert cut.endswith('…') and 'Someone is running'.startswith(cut[:-1]) and lettering.width(cut) <= whole / 2
    assert lettering.cut('Someone', 0) == '…'
    assert lettering.width('dog', bold=True) > lettering.width('dog')


def test_no_sign_is_cut_in_two():
    lettering = Lettering(['e\u0301' * 20], 20)
    for width in range(20, 120, 7):
        assert not lettering.cut('e\u0301' * 20, width).endswith('e…')


@pytest.mark.parametrize('bold', [False, True])
def test_another_script_leaves_ink_and_is_not_a_box(bold):
    pytest.importorskip('noto_cjk_sans_otc')
    pictures = []
    for text in ('中', '文'):
        picture = Image.new('L', (60, 60))
        Lettering([text], 40).draw(ImageDraw.Draw(picture), 5, 5, text, 255, bold)
        pictures.append(np.asarray(picture, np.float32))
    assert all(picture.sum() > 255 * 100 for picture in pictures)
    assert not np.array_equal(*pictures)  # boxes would be
