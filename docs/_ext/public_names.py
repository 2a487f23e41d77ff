"""The directive ``public-names``: a table of what a package exports, each with the first sentence of its docstring."""

import importlib
import inspect

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class PublicNames(SphinxDirective):
    """The names in ``__all__`` of the package that is given, linked to where they are defined."""

    required_arguments = 1

    def run(self):
        package = importlib.import_module(self.arguments[0])
        lines = ['.. list-table::', '   :widths: 30 70', '']
        for name in sorted(package.__all__, key=str.lower):
            value = getattr(package, name)
            if not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            role = 'class' if inspect.isclass(value) else 'func'
            sentence = ' '.join(inspect.getdoc(value).split('\n\n')[0].split())
            lines += [f'   * - :py:{role}:`{name} <{value.__module__}.{value.__qualname__}>`', f'     - {sentence}']
        if len(lines) == 3:  # nothing to name
            return []
        return self.parse_text_to_nodes(StringList(lines, source=package.__file__))


def setup(app):
    app.add_directive('public-names', PublicNames)
    return {'parallel_read_safe': True}
