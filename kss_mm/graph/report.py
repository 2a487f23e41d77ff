"""Reports for the terminal: what a label graph holds and how it came about."""

import textwrap
import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from kss_mm.errors import one_line
from kss_mm.graph.concept_names import ENGLISH
from kss_mm.graph.conceptnet import Assertions
from kss_mm.graph.concepts import RULES, ConceptMatch
from kss_mm.graph.embeddings import WordReport
from kss_mm.graph.label_graph import LabelGraph
from kss_mm.graph.matrices import Matrix, edge_count
from kss_mm.graph.report_warnings import isolated_labels, knowledge_warnings, superimposed_warnings
from kss_mm.graph.statistics import MLGCN_REWEIGHT, MLGCN_THRESHOLD, UnseenLabelWarning
from kss_mm.graph.superimpose import check_parameters, mix, threshold_edges

NAME_WIDTH = 20
LINE_WIDTH = 110
#: Longer lists of labels are cut, with a count of what is left out.
LIST_LIMIT = 60


def _line(name: str, text: str) -> str:
    return textwrap.fill(text, LINE_WIDTH, initial_indent=f'  {name:<{NAME_WIDTH}}',
                         subsequent_indent=' ' * (NAME_WIDTH + 2), break_long_words=False, break_on_hyphens=False)


def _listed(items: Iterable[str], separator: str = ', ', limit: int | None = LIST_LIMIT) -> str:
    """``3: a, b, c``, or ``none``."""
    items = list(items)
    if not items:
        return 'none'
    rest = f'{separator}and {len(items) - limit} more' if limit and len(items) > limit else ''
    return f'{len(items)}: {separator.join(map(one_line, items[:limit]))}{rest}'


def labels_report(graph: LabelGraph, labels_per_sample: np.ndarray, notes: Sequence[str] = ()) -> str:
    """Classes, samples and labels never seen; ``labels_per_sample`` (N,) counts; ``notes`` say how they were read."""
    graph.require_counts('a report of labels')
    unlabelled = int((labels_per_sample == 0).sum())
    source = graph.provenance.get('labels', {})
    unseen = [name for name, count in zip(graph.classes, graph.num_samples, strict=True) if not count]
    return '\n'.join((
        f'Labels: {" ".join(filter(None, (source.get("dataset"), source.get("file"))))}',
        _line('classes', f'{len(graph.classes):,}'),
        _line('samples', f'{graph.total:,}, {unlabelled:,} of them without any label'),
        _line('labels a sample', f'{graph.num_samples.sum() / max(graph.total, 1):.2f} on average'),
        _line('never seen', _listed(unseen)),
        *([] if graph.unknown is None else [_line('unknown', f'{graph.unknown.samples.sum():,} of '
                                                             f'{graph.total * len(graph.classes):,} labels (-1)')]),
        *(_line('read as', note) for note in notes)))


def _arrow(match: ConceptMatch) -> str:
    """``running shoes -> run_shoe (from running shoes) + shoe (from shoes)``: what is not the words' own name."""
    concepts = (found.concept + (f' (from {found.words})' if found.lemma and match.rule != 'lemma' else '')
                for found in match.found)
    return f'{match.label} -> {" + ".join(concepts)}'


def knowledge_report(graph: LabelGraph, matches: Sequence[ConceptMatch], found: Assertions) -> str:
    """Report what ConceptNet gave: lines, relations, and how each label was matched; list doubtful matches in full."""
    source = graph.provenance['knowledge']
    malformed = f'{found.malformed:,} malformed' + (
        f' (the first is line {found.first_malformed:,})' if found.first_malformed else '')
    by_rule = {rule: [match for match in matches if match.rule == rule] for rule in (*RULES, 'none')}
    partly = [f'{match.label} ({", ".join(match.missing)})' for match in matches if match.concepts and match.missing]
    lines = [f'Knowledge graph A_K (eq. 1): {source["file"]}',
             _line('lines', f'{found.lines:,}, {found.in_language:,} of them in language {source["language"]}, '
                            f'{malformed}'),
             _line('relations found', ', '.join(f'{one_line(name)} {count:,}' for name, count in
                                                found.relations.most_common())
                   or 'none between words of these labels'),
             _line('matched exactly', f'{len(by_rule["exact"])} of {len(matches)} labels')]
    if by_rule['mapping']:
        lines.append(_line('matched by mapping', _listed(map(_arrow, by_rule['mapping']), '; ')))
    if source['language'] == ENGLISH:
        lines.append(_line('by lemma', _listed(map(_arrow, by_rule['lemma']), '; ', limit=None)))
    else:
        lines.append(_line('by lemma', f'none: lemmas and function words are known for English only, words of language '
                                       f'{source["language"]} were looked up as they stand'))
    lines.append(_line('by sub-phrases', _listed(map(_arrow, by_rule['sub-phrases']), '; ', limit=None)))
    if by_rule['hyphen parts']:
        lines.append(_line('by hyphen parts', _listed(map(_arrow, by_rule['hyphen parts']), '; ', limit=None)))
    lines.append(_line('not matched', _listed(match.label for match in by_rule['none'])))
    if partly:
        lines.append(_line('matched in part', _listed(partly, '; ') + ' (in brackets what is not in ConceptNet)'))
    return '\n'.join((*lines, _line('edges', f'{edge_count(graph.knowledge) // 2:,} (undirected)'),
                      *knowledge_warnings(matches, graph.knowledge)))


def words_report(graph: LabelGraph, words: WordReport) -> str:
    """The words that gave E(0)."""
    averaged = [name for name in graph.classes if name not in set(words.whole)]
    missing = [f'{word} ({how})' for word, how in words.missing.items()]
    spelled = [f'{word} -> {form}' for word, form in words.spelled.items()]
    repeated = [f'{word} ({where})' for word, where in words.repeated.items()]
    return '\n'.join((f'Label embeddings E(0): {words.source}, {words.dim}-d',
                      _line('vector of its own', f'{len(words.whole)} of {len(graph.classes)} labels'),
                      _line('averaged words', _listed(averaged)),
                      *([_line('other spellings', _listed(spelled, limit=None))] if spelled else ()),
                      *([_line('repeated words', _listed(repeated, '; '))] if repeated else ()),
                      _line('missing words', _listed(missing, limit=None))))


def graph_report(graph: LabelGraph, *, lam: float, tau: float, eta: float) -> str:
    """Edges of A_S and of the superimposed graph, before and after tau, and isolated labels."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnseenLabelWarning)  # the report lists them by name
        stat = graph.statistical()
    return '\n'.join((
        f'Statistical graph A_S: form mlgcn, t = {MLGCN_THRESHOLD}, p = {MLGCN_REWEIGHT}',
        _line('edges', f'{edge_count(stat):,} (directed)'), '',
        f'Superimposed graph A_KS: lam = {lam:g}, tau = {tau:g}, eta = {eta:g} (not stored; the config chooses them)',
        *_threshold_lines(graph, mix(stat, graph.knowledge, lam=lam), tau,
                          'add labelled samples, or the knowledge graph (--conceptnet)' if graph.knowledge is None else
                          'add labelled samples, or name more concepts (--concepts)')))


def given_report(graph: LabelGraph, *, tau: float, eta: float) -> str:
    """Edges of the superimposed matrix that was given, before and after tau, and isolated labels."""
    check_parameters(lam=None, tau=tau, eta=eta)
    return '\n'.join((
        f'Superimposed graph, given: {graph.provenance["superimposed"]["file"]}; lam = None takes it, with '
        f'tau = {tau:g}, eta = {eta:g}',
        *_threshold_lines(graph, graph.superimposed, tau, 'give a matrix with larger weights')))


def _threshold_lines(graph: LabelGraph, mixed: Matrix, tau: float, remedy: str) -> list[str]:
    kept = threshold_edges(mixed, tau)
    isolated = [graph.classes[index] for index in isolated_labels(kept)]
    return [_line('edges before tau', f'{edge_count(mixed):,} (directed)'),
            _line('edges after tau', f'{edge_count(kept):,} (directed)'),
            _line('isolated labels', _listed(isolated)),
            *superimposed_warnings(mixed, kept, tau=tau, remedy=remedy)]
