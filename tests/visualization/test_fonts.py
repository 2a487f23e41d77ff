"""Which fonts names are set in, and what is said where none has a character."""

import warnings

import pytest
from matplotlib.figure import Figure

from kss_mm.visualization import fonts
from kss_mm.visualization.fonts import Face, MissingGlyphWarning, drawable, faces_for, first_face, fit_fonts

NO_FONT = '\U00013000'  # an Egyptian hieroglyph


@pytest.mark.parametrize(('text', 'family'), [
    ('打开冰箱', 'Noto Sans CJK SC'), ('ひらがな日本', 'Noto Sans CJK JP'), ('냉장고', 'Noto Sans CJK KR'),
    ('फ्रिज खोलना', 'Noto Sans Devanagari'), ('👩\u200d👧 🐕', 'Noto Emoji'), ('เปิด', 'Noto Sans Thai')])
def test_packages_hold_what_dejavu_lacks(text, family, monkeypatch):
    pytest.importorskip('manimgx_fonts')
    pytest.importorskip('noto_cjk_sans_otc')
    monkeypatch.setattr(fonts, '_of_system', list)
    faces = faces_for(['a dog', text])
    assert [face.family for face in faces] == ['DejaVu Sans', family]
    assert drawable(text, faces) == text


def test_latin_greek_cyrillic_arabic_and_hebrew_need_no_package(monkeypatch):
    monkeypatch.setattr(fonts, '_others', lambda region: pytest.fail('no other font is needed'))
    assert faces_for(['Äb Ω Ж', 'شخص', 'אדם']) == [first_face()]


def test_a_character_that_no_font_has_is_said_once_and_drawn_as_its_code(monkeypatch):
    monkeypatch.setattr(fonts, 'PACKAGES', {'no_such_package': 'noto-of-tests'})
    monkeypatch.setattr(fonts, '_others', lambda region: [])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('default')
        for _ in range(2):
            faces = faces_for([f'a{NO_FONT}', 'b中'])
    assert len(said) == 1 and said[0].category is MissingGlyphWarning
    assert 'U+4E2D, U+13000' in str(said[0].message) and 'pip install noto-of-tests' in str(said[0].message)
    assert drawable(f'a{NO_FONT}\u200d b', faces) == 'a\\U00013000\u200d b'


def test_all_texts_of_a_figure_get_fonts(monkeypatch):
    pytest.importorskip('noto_cjk_sans_otc')
    figure = Figure()
    axes = figure.subplots()
    axes.set_title('打开 bold', fontweight='bold')
    axes.set_yticks([0], ['冰箱'])
    fit_fonts(figure)
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # matplotlib's of a glyph that is missing
        figure.canvas.draw()
    assert axes.title.get_fontfamily()[0] == 'DejaVu Sans' and 'CJK' in axes.title.get_fontfamily()[1]
    assert axes.get_yticklabels()[0].get_fontfamily() == axes.title.get_fontfamily()


def test_a_file_that_is_no_font_has_no_characters(tmp_path):
    (tmp_path / 'a.ttf').write_bytes(b'none')
    assert not Face('a', str(tmp_path / 'a.ttf')).has('a') and not Face('b', str(tmp_path / 'b.ttf')).has('a')
