"""Words of a label and the spellings under which a vocabulary may have them, the surest first."""

import re

from kss_mm.graph.concept_names import exact_names, split_text

_SPLIT = re.compile(r'[\s/_]+')
_EDGES = '.,;:!?()[]{}"'
_TWO_DIGITS = re.compile(r'\d\d')
_POSSESSIVE = re.compile(r"['’]s$")


def split_words(label: str) -> list[str]:
    """Words of a label as they are written; "/" and "_" separate, punctuation around words is dropped.

    >>> split_words('sofa/couch (old)')
    ['sofa', 'couch', 'old']
    """
    return [word for word in (part.strip(_EDGES) for part in _SPLIT.split(label)) if word] or [label]


def mark_numbers(word: str) -> str:
    """A word as Numberbatch has it: every digit is # where two stand in a row.

    >>> mark_numbers('route66'), mark_numbers('mp3')
    ('route##', 'mp3')
    """
    return re.sub(r'\d', '#', word) if _TWO_DIGITS.search(word) else word


def spellings(word: str, marks_numbers: bool) -> list[str]:
    """Spellings of a word or of a phrase joined by ``_``.

    As it is written, then in lower case; as ConceptNet has words with hyphens and phrases ("t_shirt"); with a capital
    or in capitals, which is all that a case-sensitive vocabulary may have of a name; with # for the digits of longer
    numbers, where a vocabulary may do so; without a possessive "'s".

    >>> spellings('T-shirt', marks_numbers=False)
    ['T-shirt', 't-shirt', 't_shirt', 'T-Shirt', 'T-SHIRT']
    """
    forms = [word, word.lower()]
    if '-' in word or '_' in word:
        forms += exact_names(split_text(word))
    marked = list(map(mark_numbers, forms)) if marks_numbers else []
    others = [word.lower().capitalize(), word.lower().title(), word.upper()]
    owner = _POSSESSIVE.sub('', word)  # GloVe's texts have "children 's"
    return list(dict.fromkeys(filter(None, (*forms, *others, *marked, owner, owner.lower()))))


def phrase(label: str) -> str:
    """A label of several words as one entry of a vocabulary: ``hot_dog``.

    >>> phrase('hot dog')
    'hot_dog'
    """
    return '_'.join(split_words(label))
