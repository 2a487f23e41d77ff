"""kss-mm demo-page: mistakes before anything is loaded."""

import sys


def test_without_gradio_one_line_says_how_to_get_it(printed, monkeypatch):
    monkeypatch.setitem(sys.modules, 'gradio', None)
    monkeypatch.delitem(sys.modules, 'kss_mm.demo_page.page', raising=False)
    error = printed('demo_page.py', 'model.pth')
    assert error.startswith('error: the page is an optional extra') and "pip install 'kss-mm[demo-page]'" in error
    assert '\n' not in error


def test_ports(printed):
    assert "--port: must be a whole number in 1..65535, got '0'" in printed('demo_page.py', 'model.pth', '--port', 0)
