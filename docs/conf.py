"""Sphinx's settings of the documentation: ``bash tools/build_docs.sh`` builds it."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / '_ext')]

from kss_mm import __version__  # noqa: E402

project = 'kss_mm'
author = 'the kss_mm contributors'
copyright = author
release = version = __version__

extensions = ['myst_nb', 'sphinx.ext.autodoc', 'sphinx.ext.autosummary', 'sphinx.ext.napoleon',
              'sphinx.ext.intersphinx', 'mathml', 'module_links', 'public_names', 'short_references']
html_math_renderer = 'mathml'
exclude_patterns = ['_build']
templates_path = ['_templates']
nitpicky = True

# Other projects' indices are fetched where the build is asked to use the network (`tools/build_docs.sh --online`);
# without it, names of other projects are text.
ONLINE = bool(os.environ.get('DOCS_ONLINE'))
intersphinx_mapping = {
    'python': ('https://docs.python.org/3', None),
    'numpy': ('https://numpy.org/doc/stable', None),
    'torch': ('https://pytorch.org/docs/stable', None),
    'mmengine': ('https://mmengine.readthedocs.io/en/latest', None),
    'mmaction': ('https://mmaction2.readthedocs.io/en/latest', None),
    'mmpretrain': ('https://mmpretrain.readthedocs.io/en/latest', None),
} if ONLINE else {}
nitpick_ignore_regex = [
    ('py:.*', r'(?!kss_mm).*'),
    ('py:.*', r'.*\._\w+'),  # private bases
    ('py:.*', r'.*\.(Result|Leaf|Item|T)'),  # type variables
]

autosummary_generate = True
autodoc_default_options = {'members': True, 'show-inheritance': True}
add_module_names = False
autodoc_member_order = 'bysource'
autodoc_typehints = 'signature'
autodoc_typehints_format = 'short'
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ['Shapes']
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100

myst_enable_extensions = ['colon_fence', 'deflist', 'dollarmath']
myst_heading_anchors = 4

# docs/walkthrough.ipynb is executed by every build, which takes minutes; DOCS_NOTEBOOKS=off leaves it as it is.
nb_execution_mode = os.environ.get('DOCS_NOTEBOOKS', 'force')
nb_execution_timeout = 1800
nb_execution_raise_on_error = True
nb_output_stderr = 'remove'
nb_merge_streams = True

html_theme = 'furo'
html_title = f'kss_mm {release}'
html_static_path = ['_static']
html_css_files = ['tables.css']
html_theme_options = {'navigation_with_keys': True}
html_show_copyright = False
html_copy_source = False
