"""Links of the pages to files of kss_mm, which a code host follows as they are, lead to the module's API page here."""

import re

from docutils import nodes
from sphinx import addnodes

MODULE = re.compile(r'(?:.*/)?(kss_mm/[\w/]+?)(?:/__init__)?\.py')


def link_modules(app, doctree):
    """Replace the downloads that MyST makes of links to Python files."""
    for node in list(doctree.findall(addnodes.download_reference)):
        found = MODULE.fullmatch(node['reftarget'])
        if found:
            link = addnodes.pending_xref('', refdomain='py', reftype='mod', reftarget=found[1].replace('/', '.'),
                                         refexplicit=True, refwarn=True, refdoc=app.env.docname)
            text = nodes.inline('', '', *node.children)
            node.replace_self(link)
            link += text


def setup(app):
    app.connect('doctree-read', link_modules, priority=100)  # before Sphinx collects what is to be downloaded
    return {'parallel_read_safe': True}
