"""``kss-mm init``: a folder with split, label graph and config from a table of labels and a folder of media."""

import os
import shlex
import tempfile
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse as sp

from kss_mm.apis.build_graph import build_label_graph
from kss_mm.apis.config import load_config
from kss_mm.apis.model import fresh_model
from kss_mm.checkpoints.checkpoint import read_plain, weights_of
from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.files import PathLike, write_whole
from kss_mm.graph import LabelGraph
from kss_mm.graph.label_files import class_names_in
from kss_mm.graph.statistics import UnseenLabelWarning
from kss_mm.numeric import check_integer, check_number
from kss_mm.starter.backbones import BACKBONE, MODEL, Backbone, choose_backbone
from kss_mm.starter.check_graph import check_graph
from kss_mm.starter.config_text import Contents, config_text
from kss_mm.starter.groups import groups_of
from kss_mm.starter.label_table import fit_for_lines, write_classes, write_label_table
from kss_mm.starter.parts import split_into_parts
from kss_mm.starter.samples import KINDS, MAX_MISSING, Samples, kind_in, read_samples
from kss_mm.starter.words import Words, installed_words, one_hot_words

CONFIG, GRAPH = 'config.py', 'label_graph.npz'
#: Share of the statistical graph where there is a knowledge graph: the paper's for MS-COCO.
LAM = 0.4
# Training samples that are seen in all, and the number of epochs that this may take.
_SAMPLES_SEEN, _EPOCHS = 6000, (12, 60)


class Project(NamedTuple):
    """The folder that was made, what was found and decided on the way, and the next commands: tool and arguments."""

    folder: str
    notes: list[str]
    commands: list[tuple[str, str]]


def start_project(table: PathLike, *, media: PathLike | None = None, out: PathLike | None = None,
                  classes: PathLike | Sequence[str] | None = None, separator: str | None = None,
                  label_column: str | None = None, id_column: str | None = None, kind: str | None = None,
                  backbone: str | None = None, pretrained: PathLike | None = None, group: str | None = None,
                  val_share: float = 0.2, seed: int = 0, graph: PathLike | None = None,
                  conceptnet: PathLike | None = None, words: PathLike | None = None, missing_words: str | None = None,
                  epochs: int | None = None, max_missing: float = MAX_MISSING) -> Project:
    """Make a folder of one's own from a table of labels: label files, label graph, config.

    All files are made aside first, and the model of the config is built once. Files that are there already stay: where
    they would become others, nothing is written.

    Args:
        table: Any file of labels that names its samples, see :func:`~kss_mm.graph.label_files.read_label_file`.
        media: Folder of the videos or images; by default that of the table, or the table itself where it is a folder.
        out: The folder to make; by default named after the table.
        classes, separator, label_column, id_column: Of the table.
        kind: 'video' or 'image'; by default what the files of ``media`` hold.
        backbone: See :mod:`~kss_mm.starter.backbones`; by default i3d for videos, lite0 for images.
        pretrained: File of weights to start from.
        group: See :func:`~kss_mm.starter.groups.groups_of`.
        val_share: Share of the samples to validate, where the table does not say which.
        seed: Of the split.
        graph: A label graph ready made; one that was counted on more than the training part is refused.
        conceptnet, words, missing_words: Of the label graph, see :func:`~kss_mm.apis.build_graph.build_label_graph`.
        epochs: Passes over the training part; by default more for fewer samples.
        max_missing: Largest share of samples that are left out as their file is missing or of no use.

    Raises:
        UserError: In one line, naming file and row.
    """
    table = os.fspath(table)
    beside = table if os.path.isdir(table) else os.path.dirname(table) or os.curdir
    media = beside if media is None else os.fspath(media)
    out = os.path.normpath(out or f'{os.path.splitext(os.path.basename(os.path.normpath(table)))[0]}_kssnet')
    if not os.path.exists(table):
        raise MissingFileError(f'{table}: no such label file')
    if not os.path.isdir(media):
        raise MissingFileError(f'{media}: no such folder, as of videos or images')
    if os.path.exists(out) and not os.path.isdir(out):
        raise InputError(f'--out {out}: is a file; give the name of a folder')
    if kind not in (None, *KINDS):
        raise InputError(f'--kind must be {" or ".join(KINDS)}, got {shown(kind)}')
    if epochs is not None:
        check_integer('--epochs', epochs, 1)
    check_number('--max-missing', max_missing, 0, 1)
    kind = kind or kind_in(media)
    given = None if graph is None else LabelGraph.load(graph)
    weights = None if pretrained is None else _weights_in(os.fspath(pretrained))
    network = choose_backbone(kind, backbone, weights)
    names = _class_names(classes, given)
    samples, notes = read_samples(table, media, kind, classes=names, separator=separator, label_column=label_column,
                                  id_column=id_column, max_missing=max_missing)
    parts_of = '' if samples.times is None else f'{len(samples.names):,} parts of '
    notes = [f'{table}: {parts_of}{len(set(samples.names)):,} {kind}s, {len(samples.classes):,} labels', *notes]
    if len(samples.classes) < 2:
        raise InputError(f'{table}: has one label only, {shown(samples.classes[0])}, and a label graph is of several; '
                         'give a table with two labels or more')
    parts, decided = split_into_parts(samples, groups_of(samples, table, group), val_share=val_share, seed=seed,
                                      strict=group is not None)
    notes += decided
    # Beside the folder, so that what the config says of places is the same.
    parent = os.path.dirname(os.path.abspath(out))
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='.kss-mm-init-', dir=parent) as aside:
        class_file = 'classes.txt' if fit_for_lines(samples.classes) else 'classes.json'
        write_classes(os.path.join(aside, class_file), samples.classes)
        for name, part in parts.items():
            write_label_table(os.path.join(aside, f'{name}.csv'), part)
        graph_notes, lam = _make_graph(aside, class_file, parts['train'], samples, given, graph, conceptnet=conceptnet,
                                       words=words, missing_words=missing_words)
        contents = Contents(
            kind, network, out, media, {name: f'{name}.csv' for name in parts}, class_file,
            epochs or _epochs_for(len(parts['train'].names)), lam, _about(network, kind, parts, samples),
            None if pretrained is None else os.fspath(pretrained), weights)
        write_whole(config_text(contents).encode(), os.path.join(aside, CONFIG))
        built = _built(aside)
        notes += [*graph_notes, f'model: KSSNet with {network.title}, {built:.1f} M parameters, from '
                  + (network.start or f'the weights of {pretrained}')
                  + ('; on little data, give --pretrained FILE' if network.start == 'random weights' else '')]
        written = _put(aside, out)
    notes.append(f'{out}/: ' + ', '.join(written))
    return Project(out, notes, _commands(out, media))


def _class_names(classes: PathLike | Sequence[str] | None, given: LabelGraph | None) -> Sequence[str] | None:
    if classes is None:
        return None if given is None else given.classes
    return class_names_in(classes)


def _weights_in(path: str) -> str:
    """Whether a file holds the weights of a whole model or of a backbone alone."""
    keys = weights_of(read_plain(path), path)
    return MODEL if any(key.startswith('backbone.') for key in keys) else BACKBONE


def _epochs_for(samples: int) -> int:
    """Few samples are shown more often."""
    return int(np.clip(-(-_SAMPLES_SEEN // samples), *_EPOCHS))


def _make_graph(folder: str, class_file: str, train: Samples, samples: Samples, given: LabelGraph | None,
                name: PathLike | None, *, conceptnet: PathLike | None, words: PathLike | None,
                missing_words: str | None) -> tuple[list[str], float]:
    """Write the label graph, and return notes on it and the share of its statistics."""
    path = os.path.join(folder, GRAPH)
    if given is not None:
        note = check_graph(given, os.fspath(name), train, samples)
        given.save(path)
        return [note], LAM if given.knowledge is not None else 1.
    aside = os.path.join(folder, 'one_per_label.npy')
    chosen = Words(os.fspath(words), missing_words or 'error', f'label embeddings: {words}') if words else (
        installed_words() or one_hot_words(aside, len(samples.classes)))
    graph = build_label_graph(labels=os.path.join(folder, 'train.csv'), classes=os.path.join(folder, class_file),
                              conceptnet=conceptnet, words=chosen.source, missing_words=missing_words or chosen.missing,
                              out=path)
    if os.path.exists(aside):
        os.remove(aside)
    pairs = sp.triu(graph.counts, k=1).count_nonzero()
    notes = [f'label graph: counted on the {len(train.names):,} training samples alone; {pairs:,} pairs of labels '
             'occur together', chosen.note]
    if conceptnet is None:
        notes.append('knowledge graph: none, so the statistical graph stands alone (lam = 1); --conceptnet FILE adds '
                     'what is known of labels that seldom occur together')
    return notes, 1. if conceptnet is None else LAM


def _about(network: Backbone, kind: str, parts: dict[str, Samples], samples: Samples) -> str:
    sizes = ' and '.join(f'{len(parts[name].names):,} to {word}' for name, word in (
        ('train', 'train'), ('val', 'validate')))
    return f'KSSNet with {network.title} on {kind}s of your own, {sizes}, {len(samples.classes):,} labels.'


def _built(folder: str) -> float:
    """Build the model of the config once; millions of parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnseenLabelWarning)  # told of the split already
        model = fresh_model(load_config(os.path.join(folder, CONFIG)))
    return sum(parameter.numel() for parameter in model.parameters()) / 1e6


def _put(aside: str, out: str) -> list[str]:
    """Move files into their folder, where none of another content is."""
    contents = {}
    for name in sorted(os.listdir(aside)):
        with open(os.path.join(aside, name), 'rb') as file:
            contents[name] = file.read()
        there = os.path.join(out, name)
        if os.path.exists(there):
            with open(there, 'rb') as file:
                if file.read() != contents[name]:
                    raise InputError(f'{there}: is there already, and is another file than would be written; give '
                                     'another --out, or move it away')
    for name, content in contents.items():
        if not os.path.exists(os.path.join(out, name)):
            write_whole(content, os.path.join(out, name))
    return list(contents)


def _commands(out: str, media: str) -> list[tuple[str, str]]:
    """The next commands: name of the tool and its arguments as a shell takes them."""
    place, table = shlex.quote(out), shlex.quote(os.path.join(out, 'predictions.csv'))
    return [('train', shlex.quote(os.path.join(out, CONFIG))),
            ('publish_model', f'{place}/run/best_*.pth {shlex.quote(os.path.join(out, "model"))}'),
            ('predict', f'{place}/model_*.pth {shlex.quote(media)} --out {table}')]
