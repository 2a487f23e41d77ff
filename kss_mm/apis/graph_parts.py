"""The parts of a label graph out of their files: knowledge, label embeddings, a superimposed matrix."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kss_mm.apis.progress import progress_bar
from kss_mm.datasets.charades_files import charades_mapping, read_class_parts
from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph import knowledge_adjacency
from kss_mm.graph.concept_mapping import read_concept_mapping
from kss_mm.graph.conceptnet import Assertions, read_assertions
from kss_mm.graph.concepts import ConceptMatch, candidate_concepts, match_concepts
from kss_mm.graph.embeddings import WordReport
from kss_mm.graph.label_embeddings import read_embeddings
from kss_mm.graph.label_readers.label_arrays import read_matrix
from kss_mm.graph.matrices import Matrix, as_square


@dataclass(frozen=True)
class Knowledge:
    """A_K, the concepts of every label and what the pass over ConceptNet found."""

    adjacency: object
    matches: list[ConceptMatch]
    assertions: Assertions
    source: dict


class Superimposed(NamedTuple):
    """A ready-made mixture of eq. 2, (K, K), and where it came from."""

    matrix: Matrix
    source: dict


def charades_concepts(classes: Sequence[str], mapping: str) -> dict[str, list[str]]:
    """Verb and object of the Charades classes; the object and verb lists lie beside ``Charades_v1_mapping.txt``."""
    folder = os.path.dirname(mapping)
    lists = [os.path.join(folder, f'Charades_v1_{kind}classes.txt') for kind in ('object', 'verb')]
    return charades_mapping(classes, read_class_parts(mapping, *lists))


def build_knowledge(classes: Sequence[str], path: str, *, language: str = 'en', relations: Sequence[str] | None = None,
                    exclude: Sequence[str] = (), mapping_file: str | None = None,
                    charades_file: str | None = None) -> Knowledge:
    """A_K of eq. 1 for ``classes`` from the ConceptNet assertions in ``path``."""
    mapping = charades_concepts(classes, charades_file) if charades_file else {}
    if mapping_file:
        mapping |= read_concept_mapping(mapping_file, classes)
    phrases = [phrase for name in classes for phrase in mapping.get(name, [name])]
    with progress_bar(f'Reading {os.path.basename(path)}') as progress:
        found = read_assertions(path, candidate_concepts(phrases, language), language=language,
                                relations=relations, exclude=exclude, progress=progress)
    matches = match_concepts(classes, found.known, mapping, language)
    adjacency = knowledge_adjacency(found.edges, [match.concepts for match in matches])
    source = {'file': os.path.basename(path), 'language': language, 'lines': found.lines,
              'relations': sorted(relations) if relations else None, 'exclude': sorted(exclude),
              'mapping': [os.path.basename(file) for file in (charades_file, mapping_file) if file],
              'concepts': {match.label: list(match.concepts) for match in matches}}
    return Knowledge(adjacency, matches, found, source)


def build_embeddings(classes: Sequence[str], source: str, *, missing: str = 'error',
                     language: str = 'en') -> tuple[np.ndarray, WordReport]:
    """:func:`~kss_mm.graph.label_embeddings.read_embeddings` with a progress bar."""
    with progress_bar(f'Reading {os.path.basename(source)}') as progress:
        return read_embeddings(classes, source, missing=missing, language=language, progress=progress)


def read_superimposed(classes: Sequence[str], path: str) -> Superimposed:
    """The superimposed matrix of ``classes`` from an ``.npy`` or ``.npz`` file, dense or sparse."""
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such superimposed matrix')
    try:
        matrix = as_square(read_matrix(path, 'superimposed'), 'the superimposed matrix')
    except ValueError as error:
        raise InputError(f'{path}: {error}') from error
    if matrix.shape[0] != len(classes):
        raise InputError(f'{path}: the matrix is for {matrix.shape[0]} labels, but there are {len(classes)} classes')
    return Superimposed(matrix, {'file': os.path.basename(path)})
