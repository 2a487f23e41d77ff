"""What a page does in the browser of the tests is seen: errors, requests, colours, width."""

from browser import is_wider_than_window, screenshot, visited


def test_errors_and_requests_are_kept(chromium, tmp_path):
    page = tmp_path / 'page.html'
    page.write_text('<!DOCTYPE html><title>t</title><body><script>fetch("https://example.org/a"); console.error("e1");'
                    'setTimeout(() => { throw new Error("e2") }, 0)</script>')
    with visited(chromium, page.as_uri()) as visit:
        visit.page.wait_for_timeout(50)
    assert visit.external == ['https://example.org/a']
    assert any('e1' in text for text in visit.errors) and any('e2' in text for text in visit.errors)


def test_a_quiet_page_by_width_and_colour(chromium, tmp_path):
    page = tmp_path / 'page.html'
    page.write_text('<!DOCTYPE html><title>t</title><style>div{width:500px;height:9px}'
                    '@media (prefers-color-scheme: dark){body{background:#000}}</style><body><div>')
    backgrounds = set()
    for dark, width in ((False, 800), (True, 400)):
        with visited(chromium, page.as_uri(), dark=dark, width=width) as visit:
            backgrounds.add(visit.page.evaluate('getComputedStyle(document.body).backgroundColor'))
            assert is_wider_than_window(visit.page) == (width < 500)
            assert screenshot(visit.page, tmp_path, 'page').stat().st_size
        assert not visit.errors and not visit.external
    assert backgrounds == {'rgba(0, 0, 0, 0)', 'rgb(0, 0, 0)'}
