"""Labels -> ConceptNet concepts. Neither the paper nor its code says how; these rules are this project's choice.

In this order, the first that finds a concept; all but the first two are doubtful, and the report lists what came from
what:

1. ``mapping``: a file, or the Charades object and verb lists, names the concepts of a label;
2. ``exact``: the label's own name, with or without its hyphens: "t-shirt" -> t-shirt, else t_shirt;
3. ``lemma``: the dictionary form of its last word, nouns before verbs: "knives" -> knife, "hot dogs" -> hot_dog;
4. ``sub-phrases``: the longest that ConceptNet has, as they stand or by 3: "tennis racket" -> tennis, racket. Beside
   them stands the whole with its first word's lemma: "riding horses" -> ride_horse, horse. Words with hyphens are not
   cut: "white-tailed deer" -> deer. Single letters, numbers and function words are not concepts, nor are verbs right
   before another word as long as there is anything else: "washing machine" -> machine;
5. ``hyphen parts``: the parts of a word with hyphens if ConceptNet has each of them, as a noun: "tractor-trailer" ->
   tractor, trailer; "f-16" and "close-up" have none.

A "/" separates alternatives ("sofa/couch"), each of which is looked up by itself; "/c/en/dog" is the concept dog.
Lemmas and function words are English: in other languages words are looked up as they stand, which the report says too.
:mod:`kss_mm.graph.concept_names` tells how words become ConceptNet's names.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kss_mm.graph.concept_names import (
    ENGLISH,
    action_names,
    drop_stopwords,
    exact_names,
    is_name,
    lemma_names,
    split_text,
)

#: Rules from the surest to the most doubtful. A label goes by the most doubtful one of its alternatives.
RULES = ('mapping', 'exact', 'lemma', 'sub-phrases', 'hyphen parts')
#: Longer sub-phrases are not looked for, which keeps labels of thousands of words from taking long.
LONGEST_SUB_PHRASE = 8


@dataclass(frozen=True)
class FoundConcept:
    """A concept and the words of the label that it came from; ``lemma`` where it is not their own name."""

    concept: str
    words: str
    lemma: bool = False


@dataclass(frozen=True)
class ConceptMatch:
    """Concepts that one label matched, by which of ``RULES`` or ``'none'``, and its phrases that ConceptNet lacks."""

    label: str
    found: tuple[FoundConcept, ...]
    rule: str
    missing: tuple[str, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        return tuple(found.concept for found in self.found)


def _alternatives(phrase: str, language: str) -> list[tuple[str, list[str]]]:
    """(text, words) of each alternative; a URI of ConceptNet is one by itself, and none in another language."""
    if phrase.startswith('/c/'):
        uri_language, _, name = phrase.strip().removeprefix('/c/').partition('/')
        return [(phrase.strip(), split_text(name.partition('/')[0]) if uri_language == language else [])]
    return [(part.strip(), split_text(part)) for part in phrase.split('/') if part.strip()]


def _spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, stop) of every sub-phrase, longest first, then leftmost."""
    for length in range(min(len(words), LONGEST_SUB_PHRASE), 0, -1):
        for start in range(len(words) - length + 1):
            yield start, start + length


def _span_names(words: Sequence[str], start: int, stop: int, language: str,
                any_verb: bool = True) -> Iterator[tuple[str, bool]]:
    """Names of one sub-phrase, and whether they are lemmas; none if it is not a concept by itself.

    Without ``any_verb`` a single verb right before another word is none: it tells what kind of thing that is.
    """
    content = drop_stopwords(words[start:stop], language)
    alone = len(content) == 1
    if alone and not is_name(content[0], language):
        return
    verbs = any_verb or not (alone and stop < len(words) and is_name(words[stop], language))
    yield from ((name, False) for name in exact_names(content, language))
    yield from ((name, True) for name in lemma_names(content, language, verbs))


def _hyphen_parts(words: Sequence[str]) -> list[list[str]]:
    return [word.split('-') for word in words if '-' in word]


def _part_names(part: str, language: str) -> list[tuple[str, bool]]:
    if not is_name(part, language):
        return []
    return [(part, False), *((name, True) for name in lemma_names([part], language, verbs=False))]


def candidate_concepts(phrases: Collection[str], language: str = ENGLISH) -> set[str]:
    """Every name that :func:`match_concepts` may ask for, so that one pass over ConceptNet is enough.

    >>> sorted(candidate_concepts(['hot dogs']))
    ['dog', 'dogs', 'hot', 'hot_dog', 'hot_dogs']
    """
    names: set[str] = set()
    for phrase in phrases:
        for _, words in _alternatives(phrase, language):
            names.update(exact_names(words, language), lemma_names(words, language), action_names(words, language))
            for start, stop in _spans(words):
                names.update(name for name, _ in _span_names(words, start, stop, language))
            for parts in _hyphen_parts(words):
                names.update(name for part in parts for name, _ in _part_names(part, language))
    return names


def _first_known(names, words: Sequence[str], known: Collection[str]) -> FoundConcept | None:
    return next((FoundConcept(name, ' '.join(words), lemma) for name, lemma in names if name in known), None)


def _sub_phrases(words: Sequence[str], known: Collection[str], language: str, any_verb: bool) -> list[FoundConcept]:
    """The longest known sub-phrases that do not overlap, in the order of the label."""
    taken: dict[int, FoundConcept | None] = {}
    for start, stop in _spans(words):
        if any(index in taken for index in range(start, stop)):
            continue
        if found := _first_known(_span_names(words, start, stop, language, any_verb), words[start:stop], known):
            taken.update({start: found, **dict.fromkeys(range(start + 1, stop))})
    return [found for _, found in sorted(taken.items()) if found]


def _all_parts(parts: Sequence[str], known: Collection[str], language: str) -> list[FoundConcept]:
    """All parts of one word with hyphens, or nothing: one of them alone would be something else."""
    found = [_first_known(_part_names(part, language), [part], known) for part in parts]
    return found if all(found) else []


def _look_up(words: Sequence[str], known: Collection[str], language: str) -> tuple[list[FoundConcept], str]:
    """Concepts of one phrase, and the rule that found them."""
    text = ' '.join(words)
    if name := next((name for name in exact_names(words, language) if name in known), None):
        return [FoundConcept(name, text)], 'exact'
    if name := next((name for name in lemma_names(words, language) if name in known), None):
        return [FoundConcept(name, text, lemma=True)], 'lemma'
    action = [FoundConcept(name, text, lemma=True) for name in action_names(words, language) if name in known][:1]
    for any_verb in (False, True):
        if found := action + _sub_phrases(words, known, language, any_verb):
            return found, 'sub-phrases'
    return [part for parts in _hyphen_parts(words) for part in _all_parts(parts, known, language)], 'hyphen parts'


def match_concepts(labels: Sequence[str], known: Collection[str], mapping: Mapping[str, Sequence[str]] | None = None,
                   language: str = ENGLISH) -> list[ConceptMatch]:
    """The concepts of every label, by the rules of this module.

    >>> for match in match_concepts(['knives', 'tennis racket', 'unicorn'], {'knife', 'tennis', 'racket'}):
    ...     print(match.label, match.rule, match.concepts)
    knives lemma ('knife',)
    tennis racket sub-phrases ('tennis', 'racket')
    unicorn none ()

    Args:
        labels: Names of the K labels.
        known: Names of ConceptNet without ``/c/en/``, at least those of :func:`candidate_concepts`.
        mapping: Label -> its concepts in plain words; labels that are absent go by their own name.
        language: ConceptNet's code of the labels' language.
    """
    matches = []
    for label in labels:
        mapped = (mapping or {}).get(label)
        looked_up = [(text, *_look_up(words, known, language)) for phrase in ([label] if mapped is None else mapped)
                     for text, words in _alternatives(phrase, language)]
        found: dict[str, FoundConcept] = {}
        for concept in (concept for _, concepts, _ in looked_up for concept in concepts):
            found.setdefault(concept.concept, concept)
        rules = ['mapping' if mapped is not None else rule for _, concepts, rule in looked_up if concepts]
        missing = tuple(text for text, concepts, _ in looked_up if not concepts)
        matches.append(ConceptMatch(label, tuple(found.values()), max(rules, key=RULES.index, default='none'), missing))
    return matches
