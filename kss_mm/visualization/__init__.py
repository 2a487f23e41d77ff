"""Pictures: of label graphs, and of predictions."""

#: Endings of a picture's name.
PICTURES = ('.png', '.svg', '.pdf')
