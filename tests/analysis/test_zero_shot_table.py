import numpy as np
import pytest
import torch

from kss_mm.analysis.zero_shot import similarity_scores, zero_shot_table
from kss_mm.checkpoints.stored_graph import as_tensors
from kss_mm.errors import MissingFileError
from kss_mm.evaluation.score_files import Scores, save_scores
from kss_mm.graph import LabelGraph

CLASSES = ('dog', 'car', 'puppy')


def test_scores_by_word_vectors_alone():
    seen, unseen = np.array([[2., 0.], [0., 1.]]), np.array([[1., 0.], [1., 1.]])
    found = similarity_scores(np.array([[1., 0.], [.5, .5]]), seen, unseen)
    np.testing.assert_allclose(found, [[1, .5 ** .5], [.5 ** .5, 1]])  # lengths of vectors play no part


def write_run(folder, scores, targets):
    """What tools/zero_shot_table.sh leaves of a run: scores, and a model with an unseen label."""
    folder.mkdir(parents=True)
    save_scores(folder / 'scores.npz', Scores(list('abc'), scores, targets, CLASSES))
    graph = LabelGraph(CLASSES, counts=np.diag([3, 2, 0]), num_samples=np.array([3, 2, 0]), total=5,
                       embeddings=np.array([[1., 0.], [0., 1.], [.9, .1]]), provenance={'added': ['puppy']})
    torch.save(dict(state_dict={}, meta={}, label_graph=as_tensors(graph)), folder / 'wider.pth')


def test_the_table_has_a_line_for_each_way(tmp_path):
    targets = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 0]])
    perfect, worst = targets * .8 + .1, .9 - targets * .8
    write_run(tmp_path / 'split_0' / 'graph', perfect, targets)
    write_run(tmp_path / 'split_0' / 'words', worst, targets)
    lines = {line.split('|')[1].strip(): [cell.strip() for cell in line.split('|')[2:-1]]
             for line in zero_shot_table(tmp_path).splitlines() if line.startswith('|')}
    assert lines['graph'][0] == '1.000' and lines['words'][0] == '0.333' and lines['prior'][0] == '0.333'
    assert lines['graph'][-1] == '+0.667' and lines['similarity of word vectors'][0] == '0.500'


def test_a_folder_without_runs_is_told(tmp_path):
    with pytest.raises(MissingFileError, match='no finished run.*zero_shot_table.sh'):
        zero_shot_table(tmp_path)
