"""PairNorm: what keeps the labels apart that graph convolutions make alike."""

import torch
from torch import Tensor


def pair_norm(embedding: Tensor) -> Tensor:
    r"""Centre label embeddings and bring them to a root mean square of one.

    .. math::
        h_i \leftarrow \frac{h_i - \bar h}{\sqrt{\frac{1}{KC} \sum_j \lVert h_j - \bar h \rVert^2}},
        \qquad \bar h = \frac{1}{K} \sum_j h_j

    (Zhao and Akoglu, "PairNorm: Tackling Oversmoothing in GNNs", ICLR 2020, with :math:`s = \sqrt C`.)

    Shapes:
        - **input:** :math:`(K, C)`, at least two labels
        - **output:** :math:`(K, C)`
    """
    centred = embedding - embedding.mean(0)  # (K, C)
    # Labels that are all alike become zero, not 0 / 0.
    return centred * (centred.square().mean() + torch.finfo(centred.dtype).eps ** 2).rsqrt()
