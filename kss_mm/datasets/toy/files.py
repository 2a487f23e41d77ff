"""Toy Charades' files: the official Charades formats, and a little ConceptNet and word vectors for its words."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kss_mm.datasets.toy.scripts import LABELS, OBJECTS, SCENES, VERBS, Script, sample_script
from kss_mm.files import whole_file

ANNOTATIONS = 'Charades'
VIDEOS = 'Charades_v1_480'
WORD_VECTOR_WIDTH = 50
_COLUMNS = ('id', 'subject', 'scene', 'quality', 'relevance', 'verified', 'script', 'objects', 'descriptions',
            'actions', 'length')


def sample_scripts(count: int, seed: int, split: str) -> list[Script]:
    """``count`` videos of a split; the seed fixes every one of them, and splits never share one."""
    rng = np.random.default_rng([seed, {'train': 0, 'test': 1, 'long': 3}[split]])
    letters = np.array(list('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'))
    prefix = {'train': 'T', 'test': 'V', 'long': 'L'}[split]
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids[prefix + ''.join(rng.choice(letters, 4))] = None
    return [sample_script(name, int(rng.integers(2**31))) for name in ids]


def write_annotations(folder: Path, splits: dict[str, list[Script]]) -> None:
    """The CSVs and lists of the release, under ``folder``, byte for byte the same for the same scripts."""
    folder.mkdir(parents=True, exist_ok=True)
    verbs = list(VERBS)
    _write(folder / 'Charades_v1_classes.txt', (f'c{i:03d} {label.name}' for i, label in enumerate(LABELS)))
    # As in the release, object o000 is None.
    _write(folder / 'Charades_v1_objectclasses.txt', (f'o{i:03d} {name}' for i, name in enumerate(('None', *OBJECTS))))
    _write(folder / 'Charades_v1_verbclasses.txt', (f'v{i:03d} {name}' for i, name in enumerate(verbs)))
    _write(folder / 'Charades_v1_mapping.txt',
           (f'c{i:03d} o{OBJECTS.index(label.thing) + 1:03d} v{verbs.index(label.verb):03d}'
            for i, label in enumerate(LABELS)))
    for split, scripts in splits.items():
        with whole_file(folder / f'Charades_v1_{split}.csv', 'w', newline='', encoding='utf-8') as file:
            rows = csv.writer(file, lineterminator='\n')
            rows.writerow(_COLUMNS)
            rows.writerows(_row(script) for script in scripts)


def _row(script: Script) -> tuple:
    names = [LABELS[label] for label in script.labels]
    actions = ';'.join(f'c{event.label:03d} {event.start:.2f} {event.end:.2f}' for event in script.events)
    sentence = f'In the {script.scene}, a person is ' + ', '.join(label.name.lower() for label in names) + '.'
    things = ';'.join(sorted({label.thing for label in names}))
    return (script.id, 'TOY0', script.scene.capitalize(), 7, 7, 'Yes', sentence, things, sentence, actions,
            f'{script.seconds:.2f}')


def write_true_intervals(path: Path, videos: dict[str, list[tuple[float, Script]]]) -> None:
    """A table of every action of videos that are joined: file, label, start and end in seconds.

    Args:
        videos: File -> the seconds at which each of its scripts begins, and the script.
    """
    with whole_file(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(('file', 'label', 'start', 'end'))
        rows.writerows((name, LABELS[event.label].name, f'{begin + event.start:.3f}', f'{begin + event.end:.3f}')
                       for name, scripts in videos.items() for begin, script in scripts for event in script.events)


def write_conceptnet(path: Path) -> None:
    """A ConceptNet assertions file (plain, 5 columns) of what is true in this world: what is used together."""
    edges: dict[tuple[str, str, str], float] = {}
    for things in SCENES.values():
        names = list(things)
        for i, first in enumerate(names):
            for second in names[i + 1:]:
                key = ('RelatedTo', first, second)
                edges[key] = edges.get(key, 0.) + 1.
    edges['Antonym', 'open', 'close'] = 3.
    edges['Antonym', 'lift', 'drop'] = 3.
    edges['RelatedTo', 'turn', 'shake'] = 1.5
    _write(path, (f'/a/[/r/{relation}/,/c/en/{start}/,/c/en/{end}/]\t/r/{relation}\t/c/en/{start}\t/c/en/{end}\t'
                  f'{{"dataset": "/d/toy", "license": "cc:by/4.0", "weight": {weight}}}'
                  for (relation, start, end), weight in sorted(edges.items())))


def write_word_vectors(path: Path, seed: int) -> None:
    """Vectors in GloVe's text format for every word of the class names: fixed, unrelated directions."""
    words = sorted({word for label in LABELS for word in label.name.lower().split()})
    vectors = np.random.default_rng([seed, 2]).normal(0, .4, (len(words), WORD_VECTOR_WIDTH))
    _write(path, (f'{word} ' + ' '.join(f'{value:.4f}' for value in vector) for word, vector in zip(words, vectors)))


def _write(path: Path, lines: Iterable[str]) -> None:
    with whole_file(path, 'w', encoding='utf-8', newline='\n') as file:
        file.writelines(f'{line}\n' for line in lines)
