"""The lateral connection ("LC" in the paper's Figures 2 and 4), and how it rewrites what a backbone's module returns.

:mod:`~kss_mm.models.laterals.lc_backbone` attaches it.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kss_mm.errors import InputError
from kss_mm.models.laterals.lateral_attention import LateralAttention
from kss_mm.models.many_labels import Composition

# Where a feature has its channels: (B, C, ...) or (B, ..., C).
LAYOUTS = ('channels_first', 'channels_last')


class PointwiseConv(nn.Module):
    r"""The weight of g in eq. 7, a 1x1 convolution K -> C, with PyTorch's initialisation of convolutions.

    Not an ``nn.Conv1d``: the ``init_weights`` of a host's backbone may draw all of those anew, and with them the
    connections that were set to zero.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 1))
        nn.init.kaiming_uniform_(self.weight, a=5**.5)


class LateralConnection(nn.Module):
    r"""Injection of label embeddings into features (paper, eq. 7).

    .. math::
        y = g(R(R(x) \otimes \sigma(E^T))) + x

    with :math:`\sigma = \tanh` and g a 1x1 (2D) or 1x1x1 (3D) convolution K -> C. As both reshapes R flatten the
    positions, g works on the flat positions, where it is the same for 2D, 3D and the tokens of a transformer.

    Shapes:
        - **input:** features :math:`(B, C, H, W)`, :math:`(B, C, T, H, W)` or :math:`(B, L, C)`, label embeddings
          :math:`(K, C)`
        - **output:** features of the input's shape

    Args:
        layout: 'channels_first' or 'channels_last'. None takes features of three axes for tokens, channels last, and
            all others for channels first.
        zero_init: Start with g = 0, so that a fresh connection returns x bit for bit and pretrained weights stay
            intact; the paper does not say how g starts. Otherwise PyTorch's default, as in the released code.
        squash: Not in the paper, as ``cosine`` and ``gate``: see :class:`LateralAttention`, which computes them.

    Raises:
        InputError: For features that have not C channels where the layout has them.
    """

    def __init__(self, channels: int, num_classes: int, *, layout: str | None = None, zero_init: bool = True,
                 squash: str = 'none', cosine: bool = False, gate: bool = False):
        super().__init__()
        if layout not in (None, *LAYOUTS):
            raise InputError(f'layout must be None, {" or ".join(map(repr, LAYOUTS))}, got {layout!r}')
        self.channels = channels
        self.num_classes = num_classes
        self.layout = layout
        self.g = PointwiseConv(num_classes, channels)
        attention = LateralAttention(channels, squash=squash, cosine=cosine, gate=gate)
        self.attention = None if squash == 'none' and not cosine and not gate else attention
        self._composed = Composition()
        if zero_init:
            nn.init.zeros_(self.g.weight)

    @property
    def weight(self) -> Tensor:
        """W_g, (C, K)."""
        return self.g.weight.squeeze(2)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        axis = channel_axis(x, self.channels, self.layout)
        if self.attention is not None:
            return self.attention(x, axis, torch.tanh(embedding), self.weight)
        # Eq. 7 is linear in x: at each position both lines are W_g tanh(E) x + x, and differ in their multiply-adds.
        if self._composes(embedding, positions=x.numel() // self.channels):
            return add_product(x, axis, self._composed(embedding, self.weight))  # (C, C)
        return add_product(x, axis, torch.tanh(embedding), self.weight)  # (K, C), (C, K)

    def _composes(self, embedding: Tensor, positions: int) -> bool:
        return self._composed.find(embedding) is not None or compose(self.channels, self.num_classes, positions)

    def prepare(self, embedding: Tensor) -> None:
        """Compute what may be computed before the backbone runs; the result of :meth:`forward` stays."""
        if self.attention is None:
            self._composed.compute_ahead(embedding, self.weight)

    def train(self, mode: bool = True) -> 'LateralConnection':
        if mode:
            self._composed.forget()
        return super().train(mode)

    def extra_repr(self) -> str:
        return f'channels={self.channels}, num_classes={self.num_classes}'


def compose(channels: int, num_classes: int, positions: int) -> bool:
    """Say whether eq. 7 takes fewer multiply-adds with tanh(E) and g composed first, (C, K)(K, C), than one by one.

    The backward pass takes twice as many either way.
    """
    if torch.compiler.is_compiling():  # the number of positions must stay free, as that of the batch
        return channels < 2 * num_classes
    composed = channels * channels * (num_classes + positions)
    return composed < 2 * num_classes * channels * positions


def channel_axis(x: Tensor, channels: int, layout: str | None) -> int:
    """The axis of x that has the channels, see :class:`LateralConnection`."""
    last = x.ndim == 3 if layout is None else layout == 'channels_last'
    axis = x.ndim - 1 if last else 1
    if x.ndim < 3 or x.shape[axis] != channels:
        raise InputError(f'a lateral connection for {channels} channels, {LAYOUTS[last].replace("_", " ")}, got '
                         f'features of shape {tuple(x.shape)}: give channels= and layout= of its tap')
    return axis


def add_product(x: Tensor, axis: int, *matrices: Tensor, residual: bool = True) -> Tensor:
    """x, plus x multiplied by one matrix after the other at every position.

    Args:
        axis: The channels of x.
        matrices: (N, C) each, C being the N of the one before.
        residual: False leaves out the sum.
    """
    # R and the products follow the order of the axes in memory, so that nothing is transposed.
    first = x.movedim(axis, 1)  # (B, C, ...)
    if first.is_contiguous():
        flat = product = first.flatten(2)  # (B, C, L)
        for matrix in matrices:
            # Sample by sample: of one matrix and a batch, torch would make one product, and transpose for it.
            product = matrix.expand(flat.shape[0], -1, -1) @ product  # (B, K, L), (B, C, L)
        return (_add(product, flat) if residual else product).view(first.shape).movedim(1, axis)
    flat = product = x.movedim(axis, -1)  # (B, ..., C)
    for matrix in matrices:
        product = F.linear(product, matrix)  # (B, ..., K), (B, ..., C)
    return (_add(product, flat) if residual else product).movedim(-1, axis)


def _add(product: Tensor, x: Tensor) -> Tensor:
    """The sum, in the memory of ``product``, which no gradient needs, where dtype and strides allow.

    Autocast may have changed the dtype; with other strides what follows could round differently.
    """
    same = product.dtype == x.dtype and product.stride() == x.stride()
    return product.add_(x) if same else x + product


class Laterals(nn.ModuleList):
    """The lateral connections of a backbone, shallow to deep, and the label embeddings that they inject now.

    The embeddings are fed before the backbone runs. They stay until the next feeding, because gradient checkpointing
    runs the backbone's stages again during the backward pass.
    """

    embeddings: Sequence[Tensor] | None = None

    def feed(self, embeddings: Sequence[Tensor]) -> None:
        """Set the embeddings, one (K, C) per connection."""
        if len(embeddings) != len(self):
            raise InputError(f'{len(self)} lateral connections need as many label embeddings, got {len(embeddings)}')
        self.embeddings = tuple(embeddings)
        for lateral, embedding in zip(self, embeddings):
            lateral.prepare(embedding)

    def __getstate__(self) -> dict:
        # A copy (EMA, pickling) is fed anew; tensors inside an autograd graph could not be copied anyway.
        return {name: value for name, value in self.__dict__.items() if name != 'embeddings'}


class InjectionHook:
    """Rewriting of the output of a tapped module: the arrows from GCN to CNN in the paper's Figure 2.

    An object, not a closure: copying a model copies the object, and with it leads to the copied connections.
    """

    def __init__(self, laterals: Laterals, index: int):
        self.laterals = laterals
        self.index = index

    def __call__(self, module: nn.Module, inputs: tuple, output):
        if self.laterals.embeddings is None:
            raise InputError('this backbone has lateral connections and needs label embeddings: use it in a '
                             'kss_mm.KSSNet, or call backbone.laterals.feed(embeddings) first')
        feature = feature_of(output)
        if feature is None:
            raise InputError(f'tap {self.index} (counted from 0), a {type(module).__name__}, returns '
                             f'{type(output).__name__} without a feature: tap another module')
        return with_feature(output, self.laterals[self.index](feature, self.laterals.embeddings[self.index]))


def laterals_of(backbone: nn.Module) -> Laterals | None:
    """The backbone's lateral connections; None where it has none."""
    laterals = getattr(backbone, 'laterals', None)
    return laterals if isinstance(laterals, Laterals) else None


def feature_of(output) -> Tensor | None:
    """The feature in what a module returned: the tensor, or the first of a tuple or list; None for anything else."""
    first = output[0] if isinstance(output, tuple | list) and output else output
    return first if isinstance(first, Tensor) else None


def with_feature(output, feature: Tensor):
    """The output of a module with its feature replaced; what stands behind it stays, such as the (H, W) of Swin."""
    if isinstance(output, Tensor):
        return feature
    rest = (feature, *output[1:])
    return type(output)(*rest) if hasattr(output, '_fields') else type(output)(rest)
