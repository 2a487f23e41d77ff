"""Words of a label and the names that ConceptNet may have for them.

ConceptNet 5 makes its names by ``text_to_uri`` (``standardized_concept_uri`` in conceptnet5's nodes.py, with the
tokenizer of wordfreq): words by Unicode's rules, which break at hyphens and keep apostrophes and points within a word,
folded to lower case and joined by ``_``: ``t_shirt``, ``someone's_house``. In English the articles and a leading "to"
go. Older dumps, such as ConceptNet 4, keep hyphens (``t-shirt``). Hence a word with hyphens is one word here, and its
names are, in this order: with hyphens, with ``_`` in their place, and exactly as ``text_to_uri`` has it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from kss_mm.graph.lemmas import lemmas

ENGLISH = 'en'
#: Words that ConceptNet's ``text_to_uri`` drops from English phrases, and those it drops from their beginning.
STOPWORDS = frozenset(('the', 'a', 'an'))
DROP_FIRST = ('to',)
#: English words that join a label's parts but name nothing in a picture: no concept by themselves.
FUNCTION_WORDS = frozenset('of in on at to from with and or for by into onto out up down off over under some '
                           'something somewhere someone it its their other'.split())
# Apostrophes and points within words, commas within numbers, as Unicode's word boundaries have it; hyphens besides.
_WORD = re.compile(r"\w+(?:(?:['.\-]|(?<=\d),(?=\d))\w+)*")
# Where text_to_uri breaks such a word: at hyphens, and between an apostrophe and a vowel ("hors d'oeuvre").
_BREAK = re.compile(r"-|'(?=[aeiouàáâèéêìíîòóôùúû])")


def split_text(text: str) -> list[str]:
    """Words of a text in lower case, with their hyphens, without other punctuation.

    >>> split_text('A T-Shirt, worn')
    ['a', 't-shirt', 'worn']
    """
    text = unicodedata.normalize('NFC', text.replace('_', ' ').replace('’', "'").replace('\u2010', '-').casefold())
    # Python's \w lacks combining marks, which would cut the words of Hindi, Thai and others to pieces.
    outline = text if text.isascii() else ''.join(
        'x' if unicodedata.category(letter)[0] == 'M' else letter for letter in text)
    return [text[match.start():match.end()] for match in _WORD.finditer(outline)]


def drop_stopwords(words: Sequence[str], language: str = ENGLISH) -> list[str]:
    """The words without what ``text_to_uri`` drops, or all of them if nothing remained.

    >>> drop_stopwords(['to', 'open', 'the', 'door'])
    ['open', 'door']
    """
    if language != ENGLISH:
        return list(words)
    kept = [word for word in words if word not in STOPWORDS]
    while kept and kept[0] in DROP_FIRST:
        kept = kept[1:]
    return kept or list(words)


def text_to_uri(text: str, language: str = ENGLISH) -> str:
    """The name of a text as ConceptNet 5 makes it, without ``/c/en/``.

    >>> text_to_uri('A white-tailed Deer'), text_to_uri("someone's house")
    ('white_tailed_deer', "someone's_house")
    """
    return _uri_name(split_text(text), language)


def _uri_name(words: Sequence[str], language: str) -> str:
    parts = [part for word in words for part in _BREAK.split(word) if part]
    return '_'.join(drop_stopwords(parts, language))


def is_name(word: str, language: str = ENGLISH) -> bool:
    """True for a word that can be a concept by itself, unlike single letters, numbers and function words.

    >>> is_name('dog'), is_name('of'), is_name('42')
    (True, False, False)
    """
    if language == ENGLISH and (word in FUNCTION_WORDS or word in STOPWORDS):
        return False
    cased = word.lower() != word.upper()  # a single character of Chinese is a word
    return any(map(str.isalpha, word)) and not (len(word) == 1 and cased)


def exact_names(words: Sequence[str], language: str = ENGLISH) -> list[str]:
    """Names of a phrase as it stands, by the order above.

    >>> exact_names(['the', 't-shirt'])
    ['t-shirt', 't_shirt']
    """
    phrase = '_'.join(drop_stopwords(words, language))
    names = [phrase, _BREAK.sub('_', phrase), _uri_name(words, language)]
    if '-' in phrase and '_' not in names[-1]:  # "a-frame" has lost its article and is not a frame
        names.pop()
    return list(dict.fromkeys(filter(None, names)))


def lemma_names(words: Sequence[str], language: str = ENGLISH, verbs: bool = True) -> Iterator[str]:
    """Names of an English phrase with its last word's lemma: "hot dogs" -> hot_dog.

    >>> list(lemma_names(['hot', 'dogs']))
    ['hot_dog']
    """
    words = drop_stopwords(words, language)
    if language == ENGLISH and words:
        for lemma in lemmas(words[-1], verbs):
            yield from exact_names([*words[:-1], lemma], language)


def action_names(words: Sequence[str], language: str = ENGLISH) -> Iterator[str]:
    """Names of an English phrase with its first word's lemma: "riding a horse" -> ride_horse, and so "horses".

    >>> list(action_names(['riding', 'horses']))
    ['ride_horses', 'ride_horse']
    """
    words = drop_stopwords(words, language)
    if language == ENGLISH and len(words) > 1:
        for lemma in lemmas(words[0]):
            changed = [lemma, *words[1:]]
            yield from (*exact_names(changed, language), *lemma_names(changed, language))
