"""Lemmas of English words: the dictionary forms of plurals and of forms of verbs, from the lexicon of LemmInflect."""

from functools import lru_cache

#: What the lexicon (the NIH's SPECIALIST) leaves out or ranks otherwise than names of things in pictures want it.
NAMED_LEMMAS = {'leaves': ('leaf', 'leave'), 'oxen': ('ox',), 'people': ('person',), 'scissors': ('scissor',)}
SHORTEST_WORD = 3
#: Forms that name an action even where they are nouns or adjectives of their own, as "swimming" and "crowded" are.
_PARTICIPLES = ('ing', 'ed')


@lru_cache(maxsize=100_000)
def lemmas(word: str, verbs: bool = True) -> tuple[str, ...]:
    """Lemmas of an English word other than itself, nouns before verbs; several where the form has several readings.

    A noun that is a dictionary form itself has no verb's lemma: "clothes" is not "clothe", nor is "saw" "see". Of a
    word with hyphens the last part is inflected. For words outside the lexicon LemmInflect's rules stand in.

    >>> lemmas('knives'), lemmas('walking'), lemmas('clothes'), lemmas('sit-ups')
    (('knife',), ('walk',), (), ('sit-up',))

    Args:
        word: In lower case.
        verbs: False leaves verbs' lemmas out: the "parking" of a parking meter is not "park".
    """
    head, hyphen, last = word.rpartition('-')
    if hyphen:
        return tuple(f'{head}-{lemma}' for lemma in lemmas(last, verbs)) if head and last else ()
    if word in NAMED_LEMMAS:
        return NAMED_LEMMAS[word]
    if len(word) < SHORTEST_WORD or not word.isalpha():
        return ()
    # Here, since the lexicon takes a third of a second to load and only knowledge graphs need it.
    from lemminflect import getAllLemmas, getAllLemmasOOV

    readings = getAllLemmas(word)
    participle = word.endswith(_PARTICIPLES)
    if not readings:
        readings = getAllLemmasOOV(word, 'NOUN') | (getAllLemmasOOV(word, 'VERB') if participle else {})
    of_its_own = any(word in forms for forms in readings.values()) and not participle
    found = [*readings.get('NOUN', ()), *(readings.get('VERB', ()) if verbs and not of_its_own else ())]
    return tuple(lemma for lemma in dict.fromkeys(found) if lemma != word)
