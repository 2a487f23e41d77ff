"""A backbone whose first stages do not learn, so that their features can be computed once and kept in a file."""

import copy
import hashlib

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from kss_mm.errors import InputError, shown
from kss_mm.models.laterals.lateral import InjectionHook, feature_of, laterals_of
from kss_mm.models.laterals.lc_backbone import with_scope
from kss_mm.models.laterals.taps import shapes_to_try
from kss_mm.registry import MODELS

#: The attribute of a backbone with frozen stages.
FROZEN = 'frozen_stages_until'
# Characters of another's error message that ours repeats.
_QUOTED = 150


class FrozenStages:
    """What a backbone knows of its frozen stages; kept as its attribute ``frozen_stages_until``.

    Args:
        until: Name of the submodule whose output is the first that learning changes.
        names: The outermost modules that run up to there, ``until`` among them, in their order.
    """

    def __init__(self, until: str, names: list[str]):
        self.until, self.names = until, names

    def modules(self, backbone: nn.Module) -> list[nn.Module]:
        return [backbone.get_submodule(name) for name in self.names]

    def digest(self, backbone: nn.Module) -> str:
        """A short hash of the weights, by which a file of features is known to be of them."""
        content = hashlib.sha256()
        for name, module in zip(self.names, self.modules(backbone)):
            for key, value in module.state_dict().items():
                content.update(f'{name}.{key}'.encode())
                content.update(value.detach().cpu().contiguous().numpy().tobytes())
        return content.hexdigest()[:16]


@MODELS.register_module()
def FrozenBackbone(backbone: dict, until: str, *, cached: bool = False,
                   input_shape: tuple[int, ...] | None = None) -> nn.Module:
    """Build any registered backbone, with everything up to the submodule ``until`` frozen, its statistics too.

    The result is the host's own object with its own keys: a checkpoint trained on cached features is one for images.

    Args:
        backbone: Config of a backbone of either host, or of :func:`~kss_mm.models.LCBackbone`; a lateral connection
            at ``until`` itself learns.
        until: The last frozen submodule, such as 'layer2' or 'timm_model.blocks.4'.
        cached: True takes the output of ``until`` for input, as ``tools/cache_features.py`` keeps it, and runs only
            what comes after.
        input_shape: Input of a backbone that takes no usual one, as that of LCBackbone.

    Raises:
        InputError: If ``until`` is not a submodule that runs once, or something else than what comes before it reads
            the input, so that features cannot take its place.
    """
    built = MODELS.build(with_scope(backbone))
    if hasattr(built, FROZEN):
        raise InputError('the backbone has frozen stages already: name the last one in one place')
    stages = FrozenStages(until, _run_until(built, until, input_shape))
    setattr(built, FROZEN, stages)
    for module in stages.modules(built):
        module.requires_grad_(False)
        if cached:
            module.forward = _pass
    built.register_forward_pre_hook(_hold)
    return built


def _pass(x, *args, **kwargs):
    """The forward method of a module whose output is the input already."""
    return x


def _hold(backbone: nn.Module, args: tuple) -> None:
    """Keep frozen stages in evaluation mode, into which training puts all modules back."""
    for module in getattr(backbone, FROZEN).modules(backbone):
        module.eval()


def output_until(backbone: nn.Module, until: str, x: Tensor) -> Tensor:
    """The output of a submodule, before a lateral connection rewrites it, with nothing run after it.

    Shapes:
        - **input:** what the backbone takes
        - **output:** what ``until`` returns, :math:`(B, C, *)`
    """
    found: list[Tensor] = []

    def stop(module: nn.Module, args: tuple, output) -> None:
        found.append(feature_of(output))
        raise _Reached

    hook = backbone.get_submodule(until).register_forward_hook(stop, prepend=True)
    try:
        backbone(x)
    except _Reached:
        return found[0]
    finally:
        hook.remove()
    raise InputError(f'until={until!r} is never called by {type(backbone).__name__}')


class _Reached(Exception):
    """Not an error: the forward pass has come as far as it should."""


@torch.no_grad()
def _run_until(backbone: nn.Module, until: str, input_shape: tuple[int, ...] | None) -> list[str]:
    """Names of the outermost modules that are done when ``until`` is, found by a forward pass of a copy."""
    names = dict(backbone.named_modules())
    if not until or until not in names:
        raise InputError(f'until={shown(until)} is not a submodule of {type(backbone).__name__}; it has '
                         f'{", ".join(name for name, _ in backbone.named_children())}')
    failures: dict[int, str] = {}
    for shape in shapes_to_try(backbone, input_shape):
        twin, done = copy.deepcopy(backbone), []
        twin.eval()
        if laterals := laterals_of(twin):
            laterals.feed([torch.ones(lateral.num_classes, lateral.channels) for lateral in laterals])
        for name, module in twin.named_modules():
            module.register_forward_hook(lambda module, args, output, name=name, done=done: done.append(name))
        x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        try:
            features = output_until(twin, until, x)
            outermost = _outermost([*done, until])
            whole = tree_leaves(twin(x))
        except Exception as error:  # whatever a backbone says to an input that it cannot take
            failures[len(shape)] = f'{shape}: {" ".join(str(error).split())[:_QUOTED]}'
            continue
        _check(twin, until, outermost, features, whole)
        return outermost
    raise InputError(f'{type(backbone).__name__} cannot be frozen until={until!r}, as no forward pass succeeds '
                     f'({"; ".join(failures.values())}): give the input_shape= that it takes')


def _outermost(done: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(done)
            if not any(name.startswith(f'{other}.') for other in done if other != name)]


def _check(twin: nn.Module, until: str, outermost: list[str], features: Tensor, whole: list) -> None:
    """Raise InputError unless the features in the place of the input give what the input gave."""
    for name in outermost:
        for module_name, module in twin.get_submodule(name).named_modules(prefix=name):
            if module_name != until and any(isinstance(hook, InjectionHook) for hook in module._forward_hooks.values()):
                raise InputError(f'a lateral connection at {module_name} lies in what until={until!r} freezes: tap '
                                 f'{until} or what comes after it')
        twin.get_submodule(name).forward = _pass
    try:
        same = all(torch.allclose(a, b, rtol=1e-4, atol=1e-5 * b.abs().max().item())
                   for a, b in zip(tree_leaves(twin(features)), whole, strict=True))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        same, reason = False, f' ({" ".join(str(error).split())[:_QUOTED]})'
    else:
        reason = ''
    if not same:
        raise InputError(f'{type(twin).__name__}: the output of until={until!r} cannot take the place of the input, as '
                         f'more than this is read after it{reason}: freeze it at another submodule, or have it '
                         'return its last feature only')
