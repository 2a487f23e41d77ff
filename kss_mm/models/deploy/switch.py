"""From the form that trains to the form that is deployed, as MMPretrain's RepVGG switches."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from kss_mm.errors import InputError
from kss_mm.models.deploy.fixed_queries import fix_queries
from kss_mm.models.deploy.fold import fold_batch_norms, fold_laterals
from kss_mm.models.deploy.foldable import Foldable, find_foldable
from kss_mm.models.deploy.linear_classifier import merge_classifier
from kss_mm.models.heads.head_of import head_of
from kss_mm.models.heads.label_classifier import LabelClassifier
from kss_mm.models.heads.label_query_classifier import LabelQueryClassifier
from kss_mm.models.label_pathway import encode_labels
from kss_mm.models.laterals.lateral import laterals_of
from kss_mm.models.laterals.taps import shapes_to_try
from kss_mm.models.memory_format import MEMORY_FORMATS, weights_channels_last
from kss_mm.models.necks.fixed_label_embedding import FixedLabelEmbedding
from kss_mm.models.necks.label_gcn import LabelGCN

# How far features may change, relative to the largest of them: less than any misplaced layer, more than rounding.
_ROUNDING = 1e-3
PRECISIONS = {'float32': torch.float32, 'bfloat16': torch.bfloat16, 'float16': torch.float16}


def switch_to_deploy(model: nn.Module, *, dtype: str = 'float32', input_shape: Sequence[int] | None = None) -> None:
    """Give a recogniser or classifier of either host the form in which it is deployed, in place.

    The label encoder goes, and with it the label graph. The classifier becomes one linear layer, or keeps
    queries that are computed once. Batch normalisations
    are folded into the convolutions before them, lateral connections into those behind them where nothing else reads
    their output; the other ones keep a fixed matrix. What may be folded is seen in a forward pass of a small input,
    and a second pass checks that the features stay.

    Args:
        model: Of this project, or the host's own; a second call changes nothing.
        dtype: Precision of the backbone: 'float32', 'bfloat16' or 'float16'. Pooling and classifier keep float32.
        input_shape: Input of that pass with its batch axis, for backbones that take no usual one.

    Raises:
        InputError: For another dtype, or where no forward pass succeeds or the features would change.
    """
    if dtype not in PRECISIONS:
        raise InputError(f'dtype must be one of {", ".join(PRECISIONS)}, got {dtype!r}')
    if getattr(model, 'deployed', False):
        return
    # On the CPU: convolutions on a GPU round float32 to TF32, and the check below would take that for a fault.
    device, training = next(model.parameters()).device, model.training
    model.eval().cpu()
    neck = getattr(model, 'neck', None)
    head = head_of(model)
    label_embedding = None
    if isinstance(neck, LabelGCN | FixedLabelEmbedding):
        with torch.no_grad():
            label_embedding = encode_labels(neck, model.backbone)  # (K, C); feeds the lateral connections, too
    try:
        model.backbone = _folded(model.backbone, input_shape)
    except Exception:
        model.to(device).train(training)  # as it was before
        raise
    if isinstance(neck, LabelGCN | FixedLabelEmbedding):
        model.neck = None
    classifier = getattr(head, 'classifier', None)
    if isinstance(classifier, LabelQueryClassifier):
        fix_queries(classifier, label_embedding)
    elif isinstance(classifier, LabelClassifier):
        merge_classifier(classifier, label_embedding)
    _set_precision_and_layout(model.backbone, PRECISIONS[dtype])
    model.to(device).deployed = True


def _folded(backbone: nn.Module, input_shape: Sequence[int] | None) -> nn.Module:
    """A copy of the backbone with everything folded that can be."""
    laterals = laterals_of(backbone)
    if laterals is not None and laterals.embeddings is None:  # built for weights in this form, which are yet to come
        laterals.feed([lateral.weight.new_zeros(lateral.num_classes, lateral.channels) for lateral in laterals])
    x, foldable, before = _watched(backbone, input_shape)
    folded = copy.deepcopy(backbone)
    fold_batch_norms(folded, foldable.normalised)
    if laterals is not None:
        laterals_of(folded).feed(laterals.embeddings)  # a copy comes without
        fold_laterals(folded, foldable.absorbing)
    _, after = find_foldable(folded, x)
    for old, new in zip(before, after):
        if not torch.allclose(old, new, rtol=0, atol=_ROUNDING * old.abs().max().item(), equal_nan=True):
            raise InputError(f'{type(backbone).__name__} cannot be deployed: folding changes its features by '
                             f'{(old - new).abs().max():.2g}, and the largest is {old.abs().max():.2g}')
    return folded


def _watched(backbone: nn.Module, input_shape: Sequence[int] | None) -> tuple[Tensor, Foldable, list[Tensor]]:
    failures, weight = {}, next(backbone.parameters())
    for shape in shapes_to_try(backbone, input_shape):
        try:
            x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(weight)
            return x, *find_foldable(backbone, x)
        except Exception as error:  # whatever a backbone says to an input that it cannot take
            failures[len(shape)] = f'{shape}: {" ".join(str(error).split())}'
    raise InputError(f'{type(backbone).__name__} cannot be deployed, as no forward pass succeeds '
                     f'({"; ".join(failures.values())}): give the input_shape that it takes, such as 1 3 16 224 224')


def _set_precision_and_layout(backbone: nn.Module, dtype: torch.dtype) -> None:
    """Put weights and inputs into this precision and the layout of convolutions; outputs are float32 again."""
    backbone.to(dtype)
    weights_channels_last(backbone)
    backbone.register_forward_pre_hook(_Enter(dtype))
    backbone.register_forward_hook(_leave)


class _Enter:
    def __init__(self, dtype: torch.dtype):
        self.dtype = dtype

    def __call__(self, module: nn.Module, args: tuple) -> tuple:
        x, *others = args
        memory_format = MEMORY_FORMATS.get(x.ndim, torch.preserve_format)
        return x.to(self.dtype, memory_format=memory_format), *others


def _leave(module: nn.Module, args: tuple, output):
    return tree_map(lambda value: value.float() if isinstance(value, Tensor) else value, output)
