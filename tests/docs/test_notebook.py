"""The notebook, which the build of the documentation executes: stored without what it prints."""

import ast
import json

from conftest import ROOT

NOTEBOOK = ROOT / 'docs/walkthrough.ipynb'


def test_it_is_stored_without_outputs_and_its_code_is_python():
    cells = json.loads(NOTEBOOK.read_text(encoding='utf-8'))['cells']
    code = [''.join(cell['source']) for cell in cells if cell['cell_type'] == 'code']
    assert len(code) > 5
    assert not any(cell['outputs'] or cell['execution_count'] for cell in cells if cell['cell_type'] == 'code')
    for text in code:
        ast.parse(text.removeprefix('%%capture\n'))
