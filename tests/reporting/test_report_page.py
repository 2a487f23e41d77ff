"""The page in a browser: it opens from disk alone, sorts, searches, draws, and takes text for text."""

import numpy as np
import pytest
from browser import is_wider_than_window, visited
from media import image_bytes
from report_data import made_up, saved

import kss_mm
from kss_mm.evaluation.functional import average_precision
from kss_mm.graph import LabelGraph

HOSTILE = ['</script><img src=x onerror="document.title=1">', '<!-- <script>', '{{ 7*7 }}${1}', "\"'&amp;",
           'two\nlines\u2028',
           'a name so long that no table, no picture and no narrow window has the room that it would take ' * 3]


@pytest.fixture(scope='module')
def pages(tmp_path_factory):
    """A report with everything in it, and one of labels that no one should call so."""
    folder = tmp_path_factory.mktemp('report')
    content, other = made_up(samples=130, noise=.8), made_up(samples=130, noise=1.5, seed=1)
    (folder / 'media').mkdir()
    for row in range(130):
        (folder / f'media/clip {row}.jpg').write_bytes(image_bytes('JPEG'))
    counts = content.targets.T.astype(int) @ content.targets
    graph = LabelGraph(tuple(content.classes), counts, np.diag(counts), 130, knowledge=np.ones((6, 6)) - np.eye(6))
    graph.save(folder / 'graph.npz')
    kss_mm.report(saved(content, folder / 'new.npz'), folder / 'page.html', other=saved(other, folder / 'old.npz'),
                  media=folder / 'media', graph=folder / 'graph.npz', draws=50)
    hostile = content._replace(classes=HOSTILE, ids=[f'<b onclick=alert({row})>{row}' for row in range(130)])
    # A graph refuses names that move the cursor.
    names = tuple(name.replace('\n', ' ').replace('\u2028', '') for name in HOSTILE)
    LabelGraph(names, counts, np.diag(counts), 130).save(folder / 'hostile.npz')
    kss_mm.report(saved(hostile, folder / '<i>x<i>.npz'), folder / 'hostile.html', other=folder / '<i>x<i>.npz',
                  graph=folder / 'hostile.npz', draws=20)
    return folder


@pytest.fixture
def visit(chromium, pages):
    with visited(chromium, (pages / 'page.html').as_uri()) as visit:
        assert visit.page.evaluate('document.documentElement.dataset.ready') == 'true'
        yield visit
    assert visit.errors == visit.external == []


def column(page, part: str, number: int) -> list[str]:
    return page.locator(f'#{part} .table tbody').first.evaluate(
        f'(body) => [...body.rows].map((row) => row.cells[{number}].textContent)')


def test_the_worst_class_comes_first_and_a_heading_sorts(visit):
    page = visit.page
    content = made_up(samples=130, noise=.8)
    precisions = average_precision(content.logits, content.targets)
    assert column(page, 'classes', 0) == [f'class {label}' for label in np.argsort(precisions)]
    page.click('#classes th >> text=Positives')
    positives = [int(text) for text in column(page, 'classes', 3)]
    assert positives == sorted(content.targets.sum(axis=0), reverse=True)
    assert page.get_attribute('#classes th:has-text("Positives")', 'aria-sort') == 'descending'
    page.focus('#classes th:has-text("Class") button')
    page.keyboard.press('Enter')
    assert column(page, 'classes', 0) == sorted(content.classes)


def test_a_search_leaves_the_rows_that_hold_all_its_words(visit):
    visit.page.fill('#samples input[type=search]', '12 clip')
    found = column(visit.page, 'samples', 0)
    assert sorted(found) == sorted(f'clip {row}' for row in range(130) if '12' in str(row))
    assert visit.page.inner_text('#samples .table output') == f'{len(found)} of 130 rows'
    visit.page.fill('#samples input[type=search]', '')
    visit.page.click('#samples .table + h3 ~ *, #samples .table > button')
    assert len(column(visit.page, 'samples', 0)) == 130


def test_a_class_is_drawn_when_its_name_is_pressed(visit):
    page = visit.page
    page.click('#classes button.link >> nth=0')
    name = column(page, 'classes', 0)[0]
    assert f'{name}, AP 0.' in page.inner_text('#curves figcaption >> nth=0')
    assert page.input_value('#curves select') == name[-1]
    page.select_option('#curves select', '')
    assert 'micro AP' in page.inner_text('#curves figcaption >> nth=0')


def test_the_weight_slider_and_the_matrix_switch_change_the_edges(visit):
    page = visit.page
    edges = lambda: int(page.inner_text('#edge-count').split(': ')[1].split(' of ')[0])  # noqa: E731
    page.fill('#graph input[type=range]', '0')
    assert edges() == 15
    page.fill('#graph input[type=range]', '499')
    assert edges() < 15
    page.check('#graph input[value=A_K]')
    page.fill('#graph input[type=range]', '500')
    assert edges() == 15  # of one weight
    page.fill('#graph input[type=search]', 'class 3')
    assert page.inner_text('#neighbours h3') == 'class 3' and page.locator('#neighbours tbody tr').count() == 5
    picture = page.locator('#graph canvas')
    before = picture.screenshot()
    picture.hover(position={'x': 10, 'y': picture.bounding_box()['height'] / 2})
    assert page.is_visible('#tip') and picture.screenshot() != before


def test_pairs_and_samples_switch_and_the_map_answers_to_keys(visit):
    page = visit.page
    page.check('#pairs input[value=confused]')
    assert 'true and not predicted' in page.inner_text('#pair-list')
    page.focus('#pair-map canvas')
    page.keyboard.press('ArrowRight')
    assert 'of the samples with class' in page.inner_text('#pair-map output')
    worst = page.inner_text('#sample-cards h4 >> nth=0')
    page.check('#samples input[value=best]')
    assert page.inner_text('#sample-cards h4 >> nth=0') != worst
    assert page.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 50)')
    assert page.locator('#sample-cards img').count() == 12


@pytest.mark.parametrize('name', ['page', 'hostile'])
@pytest.mark.parametrize(('width', 'dark'), [(1280, False), (1280, True), (360, False)])
def test_no_window_is_too_narrow_and_the_page_follows_the_system_s_colours(chromium, pages, name, width, dark):
    with visited(chromium, (pages / f'{name}.html').as_uri(), width=width, dark=dark) as visit:
        assert not is_wider_than_window(visit.page)
        back = visit.page.evaluate('getComputedStyle(document.body).backgroundColor')
        assert (sum(map(int, back[4:-1].split(', '))) < 150) == dark
        assert all(visit.page.locator('canvas').evaluate_all('(all) => all.map((canvas) => canvas.width > 100)'))
    assert visit.errors == visit.external == []


def test_text_of_the_data_stays_text(chromium, pages):
    with visited(chromium, (pages / 'hostile.html').as_uri()) as visit:
        page = visit.page
        assert page.title() == '<i>x<i>.npz: report'
        assert page.locator('img, b[onclick], i, main script').count() == 0
        assert sorted(column(page, 'classes', 0)) == sorted(HOSTILE)
        page.click('#classes button.link >> nth=0')
        page.fill('#graph input[type=search]', HOSTILE[0])
        assert page.inner_text('#neighbours h3') == HOSTILE[0]
    assert visit.errors == visit.external == []


def test_a_script_that_got_into_the_page_would_not_run(chromium, pages):
    text = (pages / 'page.html').read_text(encoding='utf-8')
    (pages / 'changed.html').write_text(text.replace('<main>', '<main><script>document.title="run"</script>'), 'utf-8')
    with visited(chromium, (pages / 'changed.html').as_uri()) as visit:
        assert visit.page.title() == 'new.npz: report'
    assert any('Content Security Policy' in error for error in visit.errors)
