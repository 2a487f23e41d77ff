"""A headless browser for tests of pages: the system's Chromium, driven by Playwright's Python package.

Tests take the fixture ``chromium`` of ``conftest.py`` and open pages in it:

    with visited(chromium, path.as_uri(), dark=True, width=400) as visit:
        visit.page.click('#sort')
    assert not visit.errors and not visit.external
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PROGRAMS = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
_HERE = ('127.0.0.1', 'localhost', '::1')
_WITHOUT_NETWORK = ('file', 'data', 'blob', 'about')


@dataclass
class Visit:
    """A page that is open, and what happened on it.

    Args:
        page: Playwright's ``Page``.
        errors: Texts of errors and warnings in its console, and of exceptions.
        external: Addresses that it asked for beyond this machine; none of them was reached.
    """

    page: object
    errors: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)


@contextmanager
def launched() -> Iterator[object]:
    """Playwright's ``Browser``; the test is skipped where a program or package is missing."""
    sync_api = pytest.importorskip('playwright.sync_api', reason='needs playwright: pip install playwright')
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f'needs one of {", ".join(PROGRAMS)} in PATH: apt-get install chromium')
    with sync_api.sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root.
        chromium = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
        yield chromium
        chromium.close()


@contextmanager
def visited(chromium, url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> Iterator[Visit]:
    """Open a page in a window of its own; requests that would leave this machine are refused and kept."""
    context = chromium.new_context(viewport={'width': width, 'height': height},
                                   color_scheme='dark' if dark else 'light')
    visit = Visit(context.new_page())
    visit.page.on('console', lambda message: message.type in ('error', 'warning') and visit.errors.append(message.text))
    visit.page.on('pageerror', lambda error: visit.errors.append(str(error)))

    def guard(route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in _WITHOUT_NETWORK or parts.hostname in _HERE:
            route.continue_()
        else:
            visit.external.append(route.request.url)
            route.abort()

    context.route('**/*', guard)
    try:
        visit.page.goto(url)
        yield visit
    finally:
        context.close()


def is_wider_than_window(page) -> bool:
    """Tell whether the page as a whole scrolls sideways."""
    return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')


def screenshot(page, folder: Path, name: str) -> Path:
    """The whole page as a picture, for people to look at."""
    path = folder / f'{name}.png'
    page.screenshot(path=path, full_page=True)
    return path
