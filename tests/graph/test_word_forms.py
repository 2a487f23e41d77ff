import pytest

from kss_mm.graph.word_forms import mark_numbers, phrase, spellings, split_words


@pytest.mark.parametrize(('label', 'words'), [
    ('Tennis Racket', ['Tennis', 'Racket']), ('sofa/couch', ['sofa', 'couch']), ('(a) T-shirt!', ['a', 'T-shirt']),
    ('hot_dog', ['hot', 'dog']), ('?', ['?']),
])
def test_split_words(label, words):
    assert split_words(label) == words


@pytest.mark.parametrize(('word', 'marked'), [
    ('66', '##'), ('f-16', 'f-##'), ('7', '7'), ('b2b', 'b2b'), ('a12b3', 'a##b#')])
def test_mark_numbers(word, marked):
    assert mark_numbers(word) == marked


def test_order_of_spellings():
    assert spellings('F-16', True) == ['F-16', 'f-16', 'f_16', 'F-##', 'f-##', 'f_##']
    assert spellings('66', False) == ['66']
    assert spellings("Child's", False) == ["Child's", "child's", "Child'S", "CHILD'S", 'Child', 'child']
    assert spellings(phrase('the Eiffel tower'), False) == [
        'the_Eiffel_tower', 'the_eiffel_tower', 'eiffel_tower', 'The_eiffel_tower', 'The_Eiffel_Tower',
        'THE_EIFFEL_TOWER']
    assert 'c' not in spellings('c++', False) and 'frame' not in spellings('a-frame', False)
