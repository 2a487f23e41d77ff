"""The learning rates of all parts of a model as curves."""

from collections.abc import Iterator, Sequence

from mmengine.dist import is_main_process
from mmengine.hooks import Hook, LoggerHook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner

from kss_mm.engine.backends_beside_logs import backends_beside_logs
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class RatesHook(Hook):
    """Write the learning rate of every part of the model that has its own, such as ``lr/neck``, for TensorBoard.

    MMEngine writes the rate of the first parameter alone. Parameters whose rates are the same by the config
    (``paramwise_cfg``) are one curve, named after what their names have in common. A curve gets a point whenever the
    log gets a line; log files stay as they are.
    """

    def before_train(self, runner: Runner) -> None:
        self.groups = _parts(runner) if is_main_process() else {}
        self.interval = next((hook.interval for hook in runner.hooks if isinstance(hook, LoggerHook)), 1)

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        if not is_main_process() or not (last or self.every_n_inner_iters(batch_idx, self.interval)):
            return
        rates = {name: group['lr'] for name, group in self.groups.items()}
        for backend in backends_beside_logs(runner.visualizer):
            backend.add_scalars(rates, step=runner.iter + 1)


def _parts(runner: Runner) -> dict[str, dict]:
    """Of each rate of the config, a group of parameters that has it, by the name of its curve."""
    names = {id(parameter): name for name, parameter in runner.model.named_parameters()}
    parts: dict[str, dict] = {}
    for optimizer, wrapper in _wrappers(runner.optim_wrapper):
        by_rate: dict[float, tuple[dict, list[str]]] = {}
        for group in wrapper.optimizer.param_groups:
            named = by_rate.setdefault(group.get('initial_lr', group['lr']), (group, []))[1]
            named += [names.get(id(parameter), '') for parameter in group['params']]
        for rate, (group, named) in by_rate.items():
            title = f'lr/{optimizer}{common_name(named)}'
            parts[f'{title} from {rate:g}' if title in parts else title] = group
    return parts


def _wrappers(wrapper: OptimWrapper | OptimWrapperDict) -> Iterator[tuple[str, OptimWrapper]]:
    if isinstance(wrapper, OptimWrapperDict):
        yield from ((f'{name}.', single) for name, single in wrapper.items())
    else:
        yield '', wrapper


def common_name(names: Sequence[str]) -> str:
    """What dotted names begin with, or the parts that they begin with.

    >>> common_name(['neck.layers.0.weight', 'neck.layers.1.weight']), common_name(['backbone.a', 'cls_head.b'])
    ('neck.layers', 'backbone+cls_head')
    """
    split = [name.removeprefix('module.').split('.') for name in names]  # DistributedDataParallel's
    common = []
    for parts in zip(*split):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return '.'.join(common) or '+'.join(dict.fromkeys(parts[0] for parts in split))
