"""Labels -> ConceptNet concepts. Neither the paper nor its code says how; these rules are this project's choice.

In this order, each switchable by leaving its input out:

1. an explicit mapping (a file, or the Charades object and verb lists) names the concepts of a label;
2. the label's own name, normalised as ConceptNet does, if ConceptNet has it;
3. its longest sub-phrases that ConceptNet has, plurals also as singulars: "tennis racket" -> tennis, racket.

A "/" separates alternatives ("sofa/couch"), each of which is looked up by itself.
"""

import csv
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kss_mm.errors import InputError, MissingFileError

PathLike = str | os.PathLike[str]

#: Words that ConceptNet's ``text_to_uri`` drops from English phrases, and those it drops from their beginning.
STOPWORDS = frozenset(('the', 'a', 'an'))
DROP_FIRST = ('to',)
#: Words that join a label's parts but name nothing in a picture: no sub-phrase by themselves.
FUNCTION_WORDS = frozenset('of in on at to from with and or for by into onto out up down off over under some '
                           'something somewhere someone it its their other'.split())
_TOKEN = re.compile(r"\w+(?:['’.]\w+)*")


@dataclass(frozen=True)
class ConceptMatch:
    """What one label matched: its concepts, by which rule, and the names that ConceptNet lacks."""

    label: str
    concepts: tuple[str, ...]
    rule: str  # 'mapping', 'exact', 'sub-phrases' or 'none'
    missing: tuple[str, ...] = ()


def normalize_text(text: str) -> list[str]:
    """Tokens of an English phrase as ConceptNet's ``text_to_uri`` has them; joined by ``_`` they are the node's name.

    Lower case, punctuation and the articles dropped, a leading "to" dropped.
    """
    tokens = _TOKEN.findall(text.replace('_', ' ').lower())
    kept = [token for token in tokens if token not in STOPWORDS]
    while kept and kept[0] in DROP_FIRST:
        kept = kept[1:]
    return kept or tokens


def _singulars(word: str) -> Iterator[str]:
    """Candidates for the singular of an English noun, most specific first; the knowledge graph decides."""
    if word.endswith('ies') and len(word) > 4:
        yield word[:-3] + 'y'
    if word.endswith('s') and not word.endswith('ss') and len(word) > 3:
        yield word[:-1]
    if word.endswith('es') and len(word) > 4:
        yield word[:-2]


def _spellings(tokens: Sequence[str]) -> Iterator[str]:
    """Node names for a phrase: as it stands, then with its last word in the singular."""
    yield '_'.join(tokens)
    for singular in _singulars(tokens[-1]):
        yield '_'.join((*tokens[:-1], singular))


def candidate_concepts(phrases: Collection[str]) -> set[str]:
    """Every node name that :func:`match_concepts` may ask for, so that one pass over ConceptNet is enough."""
    names = set()
    for phrase in phrases:
        for part in phrase.split('/'):
            tokens = normalize_text(part)
            for start in range(len(tokens)):
                for stop in range(start + 1, len(tokens) + 1):
                    names.update(_spellings(tokens[start:stop]))
    return names


def _sub_phrases(tokens: Sequence[str], known: Collection[str]) -> list[str]:
    """The longest known sub-phrase, leftmost first, then the same on what is left of it and right of it."""
    for length in range(len(tokens), 0, -1):
        for start in range(len(tokens) - length + 1):
            phrase = tokens[start:start + length]
            if length == 1 and phrase[0] in FUNCTION_WORDS:
                continue
            found = next((name for name in _spellings(phrase) if name in known), None)
            if found:
                return [*_sub_phrases(tokens[:start], known), found, *_sub_phrases(tokens[start + length:], known)]
    return []


def _look_up(phrase: str, known: Collection[str]) -> tuple[list[str], bool]:
    """Concepts of one phrase and whether its own name is among ConceptNet's."""
    tokens = normalize_text(phrase)
    name = '_'.join(tokens)
    return ([name], True) if name in known else (_sub_phrases(tokens, known), False)


def match_concepts(labels: Sequence[str], known: Collection[str],
                   mapping: Mapping[str, Sequence[str]] | None = None) -> list[ConceptMatch]:
    """The concepts of every label, by the rules of this module.

    Args:
        labels: names of the K labels.
        known: node names of ConceptNet without ``/c/en/``, at least those of :func:`candidate_concepts`.
        mapping: label -> its concepts in plain words; labels that are absent go by their own name.
    """
    matches = []
    for label in labels:
        mapped = (mapping or {}).get(label)
        phrases = [part for phrase in (mapped if mapped is not None else [label]) for part in phrase.split('/')]
        found = [(phrase, *_look_up(phrase, known)) for phrase in phrases if normalize_text(phrase)]
        concepts = tuple(dict.fromkeys(name for _, names, _ in found for name in names))
        missing = tuple(phrase.strip() for phrase, names, _ in found if not names)
        if not concepts:
            rule = 'none'
        elif mapped is not None:
            rule = 'mapping'
        else:
            rule = 'exact' if all(exact for _, _, exact in found) else 'sub-phrases'
        matches.append(ConceptMatch(label, concepts, rule, missing))
    return matches


def read_concept_mapping(path: PathLike, labels: Sequence[str]) -> dict[str, list[str]]:
    """A mapping file, label -> concepts.

    JSON: ``{"label": "concept"}`` or ``{"label": ["concept", ...]}``. CSV (``,``) and TSV (tab): the label, then its
    concepts, a column each; rows of the same label add up.

    Raises:
        InputError: naming the file and the entry, also for labels that the data set does not have.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such concept mapping; it is a JSON, CSV or TSV file, label -> concepts')
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            if str(path).lower().endswith('.json'):
                content = json.load(file)
                if not isinstance(content, dict):
                    raise InputError(f'{path}: expected an object {{"label": ["concept", ...]}}')
                rows = [(label, value if isinstance(value, list) else [value]) for label, value in content.items()]
            else:
                delimiter = '\t' if str(path).lower().endswith(('.tsv', '.txt')) else ','
                rows = [(row[0].strip(), row[1:]) for row in csv.reader(file, delimiter=delimiter) if any(row)]
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise InputError(f'{path}: not a readable concept mapping ({error})') from error
    mapping: dict[str, list[str]] = {}
    for label, concepts in rows:
        if label not in labels:
            raise InputError(f'{path}: {label!r} is not one of the {len(labels)} classes; correct or remove it')
        if not all(isinstance(concept, str) for concept in concepts):
            raise InputError(f'{path}: the concepts of {label!r} must be words, got {concepts!r}')
        mapping.setdefault(label, []).extend(concept.strip() for concept in concepts if concept.strip())
    return mapping


def charades_mapping(labels: Sequence[str], parts: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Concepts of the Charades classes: object and verb, "None" giving none.

    Args:
        labels: the class names, by label index.
        parts: (object, verb) of each, from :func:`kss_mm.datasets.charades_files.read_class_parts`.
    """
    if len(labels) != len(parts):
        raise InputError(f'the Charades mapping has {len(parts)} classes, the data set {len(labels)}; they must agree')
    return {label: [part for part in pair if part.lower() != 'none'] for label, pair in zip(labels, parts, strict=True)}
