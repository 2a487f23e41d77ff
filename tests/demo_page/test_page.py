"""The page in a browser: upload, labels, times, heat maps, and errors that a person can read."""

import pytest
from browser import is_wider_than_window, visited
from conftest import ROOT, tiny

pytest.importorskip('gradio', reason="needs gradio: pip install 'kss-mm[demo-page]'")
pytest.importorskip('mmaction')
pytestmark = pytest.mark.slow

from kss_mm.demo_page.page import open_page  # noqa: E402

CONFIG = ROOT / 'configs/kssnet_i3d_toy.py'
# Gradio warns of its own streams.
KNOWN = 'Method not implemented.'


@pytest.fixture(scope='module')
def address(toy_charades, tmp_path_factory):
    """A page of a KSSNet of random weights; started before the browser, whose event loop bars others."""
    import torch

    import kss_mm
    from kss_mm.apis.cfg_options import parse_options
    from kss_mm.apis.model import fresh_model

    options = parse_options(tiny(toy_charades), '--cfg-options')
    model = fresh_model(kss_mm.load_config(CONFIG, options=options))
    path = tmp_path_factory.mktemp('model') / 'a.pth'
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)
    predictor = kss_mm.load(CONFIG, path, 'cpu', workers=0, options=options)
    with open_page(predictor, mebibytes=1) as found:
        yield found


def upload(visit, path) -> None:
    visit.page.set_default_timeout(120_000)
    visit.page.set_input_files('#file input[type=file]', path)


@pytest.mark.parametrize(('dark', 'width'), [(False, 1280), (True, 400)])
def test_a_video_gets_labels_times_and_reasons(address, chromium, toy_charades, dark, width):
    video = min((toy_charades / 'Charades_v1_480').glob('*.mp4'))
    with visited(chromium, address, dark=dark, width=width) as visit:
        upload(visit, video)
        visit.page.wait_for_selector('#labels .kss-bars')
        assert visit.page.locator('#labels .kss-bars tr').count() == 12
        visit.page.wait_for_selector('#timeline svg')
        visit.page.wait_for_function("document.querySelector('#label input').value")
        visit.page.click('#seconds label:has-text("1 s")')
        visit.page.wait_for_selector('#timeline :text("Windows of 1 s")')
        visit.page.click('#explain')
        visit.page.wait_for_selector('#why img')
        assert visit.page.evaluate("document.querySelector('#why img').naturalWidth") > 500
        assert video.name in visit.page.inner_text('#why') and not is_wider_than_window(visit.page)
    assert not visit.external and set(visit.errors) <= {KNOWN}


def test_broken_and_large_files(address, chromium, tmp_path):
    broken, large = tmp_path / 'broken.mp4', tmp_path / 'large.mp4'
    broken.write_bytes(b'no video at all')
    large.write_bytes(bytes(2 << 20))
    with visited(chromium, address) as visit:
        upload(visit, broken)
        visit.page.wait_for_selector('#labels .kss-error')
        said = visit.page.inner_text('#labels')
        assert said.startswith('broken.mp4: ') and '\n' not in said.strip()
        visit.page.wait_for_selector('#timeline .kss-error')
        assert 'Traceback' not in visit.page.inner_text('body')
    with visited(chromium, address) as visit:
        upload(visit, large)
        visit.page.wait_for_selector(':text("maximum")')
        assert not visit.page.locator('.kss-bars').count()
