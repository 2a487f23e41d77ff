"""Formulas as MathML, which browsers draw themselves: the site needs no script from elsewhere and no network."""

from docutils import nodes
from docutils.utils.math import latex2mathml


def draw(tex: str, *, block: bool) -> str:
    """MathML of a formula; rows with ``&`` or a line break are aligned, as Sphinx does for LaTeX."""
    if block and ('&' in tex or r'\\' in tex) and r'\begin' not in tex:
        tex = rf'\begin{{aligned}}{tex}\end{{aligned}}'
    return latex2mathml.tex2mathml(tex, as_block=block)


def visit_math(self, node):
    self.body.append(draw(node.astext(), block=False))
    raise nodes.SkipNode


def visit_displaymath(self, node):
    formulas = [part for part in node.astext().split('\n\n') if part.strip()]
    self.body.append(''.join(f'<div class="math">{draw(part, block=True)}</div>' for part in formulas))
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer('mathml', (visit_math, None), (visit_displaymath, None))
    return {'parallel_read_safe': True}
