"""Links between README, docs and files lead somewhere; Sphinx checks those inside docs, but not the README's."""

import re

import pytest
from pages import PAGES, ROOT


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r'^#+ (.+)$', text, re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    targets = re.findall(r'\]\(([^)\s]+)\)', page.read_text()) + re.findall(r'src="([^"]+)"', page.read_text())
    for target in targets:
        if re.match(r'[a-z]+:', target):
            continue
        file, _, anchor = target.partition('#')
        path = (page.parent / file) if file else page
        assert path.exists(), f'{page.name}: {target}'
        if anchor:
            assert anchor in anchors(path.read_text()), f'{page.name}: {target}'


def test_the_readme_is_one_page():
    assert len((ROOT / 'README.md').read_text().splitlines()) <= 150


def test_faults_name_tests_that_exist():
    """Each `path::test` of the faults' page; a `::test` alone belongs to the path before it."""
    path, missing = None, []
    for file, test in re.findall(r'`(tests/[\w/.]+)?::(\w+)', (ROOT / 'docs/faults.md').read_text()):
        path = ROOT / file if file else path
        if not path.is_file() or f'def {test}(' not in path.read_text():
            missing.append(f'{path.relative_to(ROOT)}::{test}')
    assert missing == []
