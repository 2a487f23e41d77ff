"""Layers that are linear at inference, folded into the convolutions beside them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils.fusion import fuse_conv_bn_weights

from kss_mm.models.deploy.fixed_lateral import FixedInjection, FixedLateral
from kss_mm.models.laterals.lateral import InjectionHook, LateralConnection, laterals_of


@torch.no_grad()
def fold_lateral(conv: _ConvNd, lateral: LateralConnection, embedding: Tensor) -> None:
    r"""Fold eq. 7 into a convolution of its output.

    .. math::
        W * (x + W_g \tanh(E) x) = (W (I + W_g \tanh(E))) * x

    It holds for every kernel and stride, as eq. 7 maps each position by itself and zero, the padding, to zero.
    """
    labels, weight = embedding.double().tanh(), lateral.weight.double()  # (K, C), (C, K)
    kernel = conv.weight.double()  # (O, C, *)
    injected = torch.einsum('oc...,ck->ok...', kernel, weight)
    conv.weight.copy_(kernel + torch.einsum('ok...,kc->oc...', injected, labels))


@torch.no_grad()
def fold_batch_norm(conv: _ConvNd, norm: _BatchNorm) -> None:
    """Fold a batch normalisation in evaluation mode into the convolution before it."""
    conv.weight, conv.bias = fuse_conv_bn_weights(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps,
                                                  norm.weight, norm.bias)


def fold_batch_norms(backbone: nn.Module, normalised: Mapping[str, str]) -> None:
    """Fold all of :class:`~kss_mm.models.deploy.foldable.Foldable`, and leave what else they do in their places."""
    for name, convolution in normalised.items():
        norm = backbone.get_submodule(name)
        fold_batch_norm(backbone.get_submodule(convolution), norm)
        parent, _, child = name.rpartition('.')
        rest = [after for after in norm.children() if not isinstance(after, nn.Identity)]
        setattr(backbone.get_submodule(parent), child, nn.Sequential(*rest) if rest else nn.Identity())


def fold_laterals(backbone: nn.Module, absorbing: Mapping[int, tuple[str, ...]]) -> None:
    """Fold the lateral connections of :class:`~kss_mm.models.deploy.foldable.Foldable`, and fix the others."""
    laterals, kept = laterals_of(backbone), nn.ModuleList()
    for index, (lateral, embedding) in enumerate(zip(laterals, laterals.embeddings)):
        for name in absorbing.get(index, ()):
            fold_lateral(backbone.get_submodule(name), lateral, embedding)
        if index not in absorbing:
            kept.append(FixedLateral(lateral, embedding))
        _rehang(backbone, index, None if index in absorbing else kept[-1])
    if kept:
        backbone.laterals = kept
    else:
        del backbone.laterals


def _rehang(backbone: nn.Module, index: int, lateral: FixedLateral | None) -> None:
    """Put a fixed connection, or none, in the place of the backbone's own at its tap."""
    for module in backbone.modules():
        for key, hook in list(module._forward_hooks.items()):
            if isinstance(hook, InjectionHook) and hook.index == index:
                if lateral is None:
                    del module._forward_hooks[key]
                else:
                    module._forward_hooks[key] = FixedInjection(lateral)
