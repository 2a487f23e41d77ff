"""The networks that are compared: backbone, GCN and head as the recognisers put them together, without a host."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse as sp
from torch import Tensor, nn

from kss_mm.analysis.benchmark.literal import LiteralConnection
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.graph import LabelGraph
from kss_mm.models import InceptionI3d, LabelClassifier, LabelGCN, LCInceptionI3d
from kss_mm.models.label_pathway import encode_labels
from kss_mm.models.laterals.lateral import laterals_of

WORD_WIDTH = 300  # GloVe's
# Edges to each label. Rows of the normalised matrix sum to about 1, so that tau = .03 leaves at most 33.
NEIGHBOURS = 20
TAU, ETA = .03, .4  # the paper's for Charades
I3D_WIDTHS = (192, 480, 832, 1024)
LABEL_SHARE = .05  # of the labels that a random sample has


class Network(nn.Module):
    """Logits (B, K) of a clip or an image."""

    def __init__(self, backbone: nn.Module, head: LabelClassifier, gcn: LabelGCN | None = None):
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.gcn = gcn

    def forward(self, x: Tensor) -> Tensor:
        label_embedding = encode_labels(self.gcn, self.backbone, self.head)  # (K, C)
        feature = self.backbone(x)
        return self.head(feature[-1] if isinstance(feature, tuple) else feature, label_embedding)


def random_graph(num_classes: int) -> LabelGraph:
    """Labels that are linked at random."""
    rng = np.random.default_rng(0)
    rows = np.repeat(np.arange(num_classes), NEIGHBOURS)
    columns = rng.integers(num_classes, size=rows.size)
    ones = sp.csr_array((np.ones(rows.size), (rows, columns)), (num_classes, num_classes))
    identity = sp.identity(num_classes, dtype=np.int64, format='csr')
    return LabelGraph(classes=tuple(f'label {index}' for index in range(num_classes)), counts=identity,
                      num_samples=np.ones(num_classes, np.int64), total=num_classes,
                      superimposed=ones / NEIGHBOURS, knowledge=sp.csr_array((num_classes, num_classes)),
                      embeddings=rng.normal(size=(num_classes, WORD_WIDTH)).astype(np.float32))


def gcn_for(num_classes: int, widths: tuple[int, ...]) -> LabelGCN:
    return LabelGCN(random_graph(num_classes), widths, lam=None, tau=TAU, eta=ETA)


def plain_i3d(num_classes: int, *, width: float = 1., channels_last: bool = False) -> Network:
    """Inception-I3D with a fully connected classifier."""
    head = LabelClassifier(round(I3D_WIDTHS[-1] * width), num_classes, residual_fc=True)
    return Network(InceptionI3d(width=width, channels_last=channels_last), head)


def kss_i3d(num_classes: int, *, width: float = 1., channels_last: bool = False, literal: bool = False) -> Network:
    """KSSNet with Inception-I3D as in the paper; with ``literal``, eq. 7 is evaluated as it is written."""
    backbone = LCInceptionI3d(num_classes, width=width, channels_last=channels_last, zero_init=False)
    if literal:
        laterals = laterals_of(backbone)
        for index, lateral in enumerate(laterals):
            laterals[index] = LiteralConnection.like(lateral)
    widths = tuple(round(channels * width) for channels in I3D_WIDTHS)
    return Network(backbone, LabelClassifier(widths[-1], num_classes), gcn_for(num_classes, widths))


def training_step(network: nn.Module, x: Tensor, num_classes: int, *, amp: bool = False) -> Callable[[], None]:
    """Forward, backward and update."""
    targets = (torch.rand(len(x), num_classes, device=x.device) < LABEL_SHARE).float()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4)

    def step() -> None:
        network.train()
        with torch.autocast(x.device.type, torch.bfloat16, enabled=amp):
            logits = network(x)
        F.binary_cross_entropy_with_logits(logits.float(), targets).backward()
        optimizer.step()
        optimizer.zero_grad()
    return step


def inference(network: nn.Module, x: Tensor, *, amp: bool = False) -> Callable[[], Tensor]:
    """Logits without gradients."""
    @torch.inference_mode()
    def infer() -> Tensor:
        network.eval()
        with torch.autocast(x.device.type, torch.bfloat16, enabled=amp):
            return network(x)
    return infer


def clip_of(setting: Setting, full: tuple[int, ...], quick: tuple[int, ...] = (16, 64, 64)) -> Tensor:
    """Random clips of that many frames, height and width, or images of that height and width."""
    return torch.randn(setting.batch, 3, *setting.pick(full=full, quick=quick), device=setting.device)
