"""Resolve a reference by a name's last part: docstrings say ``LabelGCN`` in whichever module they stand."""

from sphinx.util.nodes import make_refnode


def resolve(app, env, node, contnode):
    """Link to the one documented object of this name, also by a package's path to it, or leave it unresolved."""
    if node.get('refdomain') != 'py':
        return None
    objects = env.domains.python_domain.objects
    target = node['reftarget'].lstrip('.~')
    if '.' in target and not target.startswith('kss_mm.'):
        return None  # of another project
    for ending in (f'.{target}', '.' + target.rpartition('.')[2]):
        found = [name for name in objects if name.endswith(ending)]
        if len(found) == 1:
            entry = objects[found[0]]
            return make_refnode(app.builder, node.get('refdoc', ''), entry.docname, entry.node_id, contnode, found[0])
    return None


def setup(app):
    app.connect('missing-reference', resolve)
    return {'parallel_read_safe': True}
