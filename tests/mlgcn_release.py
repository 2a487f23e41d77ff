"""ML-GCN's released network straight from its equations, with the names of its checkpoint's entries.

Counts M and numbers n of samples give P = M / n row by row, B = [P >= t], A = p B / (column sums + 1e-6) + I. The
layers multiply D^-1/2 A^T D^-1/2, D the sums of A's rows; logits are pooled features times label vectors.
"""

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from kss_mm.graph import LabelGraph

T, P, WORDS = .4, .25, 300
# Of torchvision's network, in the order of the released nn.Sequential.
PARTS = ('conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4')


def raw_adjacency(counts: np.ndarray, num_samples: np.ndarray) -> np.ndarray:
    likely = counts / num_samples[:, None] >= T
    return likely * P / (likely.sum(0) + 1e-6) + np.eye(len(counts))


class Release(nn.Module):
    """The network; ``pool`` is the side of its square of max pooling, 14 for images of 448 pixels."""

    def __init__(self, resnet: str, widths: tuple[int, int], counts: np.ndarray, num_samples: np.ndarray, pool: int):
        super().__init__()
        self.A = nn.Parameter(torch.from_numpy(raw_adjacency(counts, num_samples)).float())
        network = torchvision.models.get_model(resnet)
        self.features = nn.Sequential(*(getattr(network, part) for part in PARTS))
        self.gc1, self.gc2 = nn.Module(), nn.Module()
        for layer, sizes in ((self.gc1, (WORDS, widths[0])), (self.gc2, widths)):
            layer.weight = nn.Parameter(torch.empty(sizes).uniform_(-1, 1) / sizes[1] ** .5)
        self.pool = pool

    def labels(self, words: Tensor) -> Tensor:
        scale = self.A.detach().sum(1).rsqrt()
        adjacency = torch.einsum('i,ji,j->ij', scale, self.A.detach(), scale)
        hidden = adjacency @ words @ self.gc1.weight  # (K, D)
        return adjacency @ torch.where(hidden > 0, hidden, .2 * hidden) @ self.gc2.weight  # (K, C)

    def forward(self, images: Tensor, words: Tensor) -> Tensor:
        pooled = F.max_pool2d(self.features(images), self.pool, self.pool)
        assert pooled.shape[2:] == (1, 1), 'the released network takes one size of images only'
        return pooled.flatten(1) @ self.labels(words).t()


def side_files(classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Counts as released, without the samples of each label; these numbers; words; the number of samples."""
    rng = np.random.default_rng(classes)
    labels = (rng.random((200, classes)) < rng.uniform(.05, .6, classes)).astype(int)
    labels[:classes] |= np.eye(classes, dtype=int)
    counts = labels.T @ labels
    words = rng.normal(0, .3, (classes, WORDS)).astype(np.float32)
    return counts * (1 - np.eye(classes, dtype=int)), counts.diagonal().copy(), words, len(labels)


def label_graph(classes: int) -> LabelGraph:
    """The graph of :func:`side_files`."""
    counts, num_samples, words, total = side_files(classes)
    return LabelGraph([f'label {index:02}' for index in range(classes)], counts + np.diag(num_samples), num_samples,
                      total, embeddings=words)


def randomise(network: Release) -> None:
    """Statistics of batch normalisation, which are zero and one in a fresh network, as training would leave them."""
    for name, value in network.features.state_dict().items():
        if name.endswith('running_mean'):
            value.normal_(0, .1)
        elif name.endswith('running_var'):
            value.uniform_(.8, 1.25)
