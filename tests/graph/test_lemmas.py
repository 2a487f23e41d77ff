import pytest

from kss_mm.graph.lemmas import lemmas


@pytest.mark.parametrize(('word', 'expected'), [
    ('dogs', ('dog',)), ('knives', ('knife',)), ('women', ('woman',)), ('mice', ('mouse',)), ('oxen', ('ox',)),
    ('leaves', ('leaf', 'leave')), ('people', ('person',)), ('glasses', ('glass',)),
    ('walking', ('walk',)), ('washed', ('wash',)), ('swimming', ('swim',)), ('crowded', ('crowd',)),
    # Words of their own, though a form of a verb looks the same; what only looks like a plural.
    ('clothes', ()), ('saw', ()), ('left', ()), ('dress', ()), ('bus', ()), ('tennis', ()), ('series', ()),
    # The last part of a word with hyphens; words outside the lexicon; neither words nor forms.
    ('sit-ups', ('sit-up',)), ('frisbees', ('frisbee',)), ('vlogging', ('vlog',)), ('f-16', ()), ('66', ()), ('tv', ()),
    ('is', ()), ('-', ()), ('', ()),
])
def test_lemmas(word, expected):
    assert lemmas(word) == expected


def test_without_verbs():
    assert lemmas('parking', verbs=False) == () and lemmas('walks', verbs=False) == ('walk',)
