"""The page: a template, a style sheet and scripts of ours, and the data of the report as JSON, in one text."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_FOLDER = Path(__file__).parent / 'page'
#: In the order in which they need each other.
_SCRIPTS = ('elements', 'table', 'chart', 'summary', 'classes', 'curves', 'pairs', 'heat_map', 'cards', 'samples',
            'graph_picture', 'graph', 'comparison', 'start')


def render_page(content: dict) -> str:
    """The HTML of a report.

    All text of the data is put into the page by its scripts as text, never as HTML; the page may load nothing, nor run
    any other script than its own, which its Content-Security-Policy names by hash.
    """
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    environment.policies['json.dumps_kwargs'] = {'separators': (',', ':'), 'allow_nan': False}
    script = '\n'.join(_read(f'{name}.js') for name in _SCRIPTS)
    script = f"'use strict';\n(() => {{\n{script}\n}})();\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template('page.html.j2').render(
        content=content, style=Markup(_read('page.css')), script=Markup(script), script_hash=digest)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding='utf-8')
