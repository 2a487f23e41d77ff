"""The Python blocks of README and docs run, page by page, in a folder with the small inputs that they name.

A block whose first line is ``# not run: REASON`` is only compiled. A block that sets ``model`` to a config is built.
"""

import numpy as np
import pytest
from pages import NOT_RUN, PAGES, ROOT, blocks, names

from kss_mm.registry import MODELS

WITH_PYTHON = [page for page in PAGES if any(blocks(page, 'python'))]


@pytest.fixture
def folder(tmp_path, monkeypatch, make_graph):
    """The files that the blocks read: configs, a label graph of 40 labels, label and word files."""
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    make_graph(40, 16).save(tmp_path / 'label_graph.npz')
    (tmp_path / 'train.csv').write_text('image,labels\na.jpg,dog;cat\nb.jpg,dog\nc.jpg,cat;tv\n')
    rows = np.random.default_rng(0).normal(size=(3, 8)).round(3).tolist()
    (tmp_path / 'words.txt').write_text(''.join(f'{word} {" ".join(map(str, row))}\n'
                                                for word, row in zip(('dog', 'cat', 'tv'), rows)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize('page', WITH_PYTHON, ids=names(WITH_PYTHON))
def test_python_blocks_run(page, folder):
    variables = {}
    for block in blocks(page, 'python'):
        code = compile('\n' * (block.line - 1) + block.code, str(page), 'exec')
        if block.code.startswith(NOT_RUN):
            continue
        variables.pop('model', None)
        exec(code, variables)
        if isinstance(variables.get('model'), dict):
            MODELS.build(variables['model'])


def test_a_block_that_is_not_run_says_why():
    for page in PAGES:
        for block in blocks(page, 'python'):
            first = block.code.partition('\n')[0]
            assert not first.startswith('# not run') or len(first) > len(NOT_RUN) + 5, f'{page.name}:{block.line}'
