"""The report of tools/build_label_graph.py on words and concepts, and its warnings."""

import json

import numpy as np
import pytest

NAMES = ['dog', 'hot dog', 'tv']
CONCEPTNET = ''.join(f'/a/[]\t/r/{relation}\t/c/en/{start}\t/c/en/{end}\t{{"weight": 1.5}}\n' for
                     start, relation, end in (('dog', 'IsA', 'animal'), ('dog', 'AtLocation', 'tv'),
                                              ('hot', 'Antonym', 'cold')))


@pytest.fixture
def files(tmp_path):
    (tmp_path / 'names.txt').write_text('\n'.join(NAMES) + '\n')
    (tmp_path / 'train.json').write_text(json.dumps([['dog', 'tv'], ['dog', 'hot dog'], [], ['tv', 'dog']]))
    (tmp_path / 'conceptnet.csv').write_text(CONCEPTNET)
    return tmp_path


@pytest.fixture
def build(tool):
    def build(*args, status=0):
        code, printed = tool('build_label_graph.py', *args)
        assert code == status, printed
        return printed
    return build


def test_doubtful_matches_and_spellings_are_all_listed(build, files):
    names = [f'f-16 number {i}' for i in range(70)] + ['Dogs', 'tv-dog', 'dogs 66', 'T-shirt']
    (files / 'names.txt').write_text('\n'.join(names))
    (files / 'train.json').write_text(json.dumps([[0, 1]]))
    (files / 'conceptnet.csv').write_text(CONCEPTNET.replace('hot', 'number'))
    (files / 'v.vec').write_text('6 2\nf 1 2\n## 3 4\n1 5 6\nDogs 7 8\nt_shirt 9 9\nnumber 1 1\n')
    printed = ' '.join(build('--labels', files / 'train.json', '--classes', files / 'names.txt', '--conceptnet',
                            files / 'conceptnet.csv', '--words', files / 'v.vec', '--missing-words', 'zero', '-o',
                            files / 'g.npz').split())
    assert 'by lemma 1: Dogs -> dog' in printed and 'by hyphen parts 1: tv-dog -> tv + dog' in printed
    assert 'by sub-phrases 71:' in printed and 'f-16 number 69 -> number' in printed
    assert 'dogs 66 -> dog (from dogs)' in printed and 'not matched 1: T-shirt' in printed
    for spelling in ('f-16 -> f + 16', '16 -> ##', 'dogs -> Dogs', 'T-shirt -> t_shirt'):
        assert spelling in printed.partition('other spellings')[2], spelling


def test_lemmas_are_english(build, files):
    (files / 'conceptnet.csv').write_text(CONCEPTNET.replace('/c/en/', '/c/de/'))
    printed = build('--labels', files / 'train.json', '--conceptnet', files / 'conceptnet.csv', '--language', 'de',
                    '-o', files / 'g.npz')
    assert 'lemmas and function words are known for English only' in ' '.join(printed.split())


@pytest.mark.parametrize(('args', 'warned'), [
    (('--conceptnet', 'none.csv'), '10 of 10 labels (100%) have no concept in ConceptNet; name their concepts in a '
                                   'mapping file (--concepts)'),
    (('--conceptnet', 'eight.csv'), '8 of 10 labels (80%) have no concept in ConceptNet'),
    (('--conceptnet', 'seven.csv'), '10 of 10 labels (100%) have no edge in the knowledge graph A_K; allow more '
                                    'relations'),
    (('--conceptnet', 'linked.csv', '--tau', '0'), None),
    (('--conceptnet', 'linked.csv', '--tau', '9'), '10 of 10 labels (100%) are isolated in the superimposed graph, '
                                                   'which tells nothing about them; lower tau, which is 9 (--tau here, '
                                                   'tau in the config), or add labelled samples'),
    (('--tau', '0'), None),
    (('--tau', '0', '--labels', 'apart.json'), '10 of 10 labels (100%) are isolated in the superimposed graph, which '
                                               'tells nothing about them; add labelled samples'),
    (('--tau', '1'), '10 of 10 labels (100%) are isolated in the superimposed graph'),
])
def test_warnings(build, files, monkeypatch, args, warned):
    def edges(*pairs):
        return ''.join(f'/a\t/r/IsA\t/c/en/{start}\t/c/en/{end}\t{{"weight": 1}}\n' for start, end in pairs)

    monkeypatch.chdir(files)
    names = [f'cow{letter}' for letter in 'abcdefghij']
    (files / 'none.csv').write_text(edges(('x', 'y')))
    (files / 'eight.csv').write_text(edges((names[0], names[1])))
    (files / 'seven.csv').write_text(edges(*((name, 'x') for name in names[:3])))
    (files / 'linked.csv').write_text(edges(*zip(names, names[1:])))
    (files / 'apart.json').write_text(json.dumps([[name] for name in names]))
    (files / 'chain.json').write_text(json.dumps([names[i:i + 2] for i in range(0, 6, 2)] + [[name] for name in names]))
    printed = build('--labels', 'chain.json', '-o', 'g.npz', *args)
    if warned is None:
        assert 'Warning' not in printed
    else:
        assert f'\nWarning: {warned}' in printed


def test_warning_of_a_given_matrix(build, files):
    np.save(files / 'adj.npy', np.diag([1.0, 1, 1]))
    printed = build('--superimposed', files / 'adj.npy', '--classes', files / 'names.txt', '-o', files / 'g.npz')
    warning = printed.partition('Warning: 3 of 3 labels (100%) are isolated')[2]
    assert 'them; give a matrix with larger weights' in warning and '--conceptnet' not in warning


def test_relations_of_strangers_move_no_cursor(build, files):
    (files / 'conceptnet.csv').write_text(CONCEPTNET + '\n/a\t/r/I\x1b[2J\t/c/en/dog\t/c/en/tv\t{"weight": 1}\n')
    printed = build('--labels', files / 'train.json', '--conceptnet', files / 'conceptnet.csv', '-o', files / 'g.npz')
    assert '\x1b' not in printed and '\\x1b[2J' in printed


def test_matrix_of_embeddings_that_is_not_finite(build, files):
    np.save(files / 'e.npy', np.array([[1.0, 2], [3, 1e300], [5, 6]]))
    error = build('--labels', files / 'train.json', '--words', files / 'e.npy', '-o', files / 'g.npz', status=2)
    assert 'e.npy: row 1 holds NaN or infinity' in error
