"""Ids of samples: the hosts' packing steps leave a file's name out unless a config asks for it."""

from collections.abc import Iterator, Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.datasets.align_classes import leaves
from kss_mm.registry import HOOKS
from kss_mm.sample_ids import ID_KEY, below, common_folder, name_of, path_of, prefixes_of


class NameSample:
    """First step of a pipeline: the sample's name is noted before another step changes it.

    Args:
        prefixes: Folders of the data set, which the name leaves out.
    """

    def __init__(self, prefixes: Sequence[str]):
        self.prefixes = tuple(prefixes)

    def __call__(self, results: dict) -> dict:
        name = name_of(results, self.prefixes)
        if name is not None:
            results[ID_KEY] = name
        return results


@HOOKS.register_module()
class SampleIdHook(Hook):
    """Give every sample the id by which score files and messages name it, whatever data set a config has.

    It is the video's id, or the name of the file (or of the folder of frames) below the data set's ``data_prefix``;
    where these repeat in validation or test, as in joined data sets, below the folder that all files have in common. A
    step that packs samples (one with ``meta_keys``) keeps it, also within other steps. Data sets
    within wrappers are each looked at.
    """

    priority = 'HIGHEST'  # before any step of a loop fetches a sample

    def before_train(self, runner: Runner) -> None:
        name_samples(runner.train_dataloader.dataset)

    def before_val(self, runner: Runner) -> None:
        name_samples(runner.val_dataloader.dataset, unique=True)

    def before_test(self, runner: Runner) -> None:
        name_samples(runner.test_dataloader.dataset, unique=True)


def name_samples(dataset, *, unique: bool = False) -> None:
    """Have all data sets within ``dataset`` name their samples; a second call changes nothing.

    Args:
        unique: Look for names that repeat, which reads all annotations, and give longer ones in their place.
    """
    without_names = []
    for leaf in leaves(dataset):
        steps = getattr(getattr(leaf, 'pipeline', None), 'transforms', None)
        if isinstance(steps, list) and not any(isinstance(step, NameSample) for step in steps):
            without_names.append((leaf, steps))
    folder = _telling_folder([leaf for leaf, _ in without_names]) if unique else None
    for leaf, steps in without_names:
        steps.insert(0, NameSample(prefixes_of(leaf) if folder is None else [folder]))
        for step in _within(steps):
            if isinstance(getattr(step, 'meta_keys', None), list | tuple):
                step.meta_keys = (*step.meta_keys, ID_KEY)


def _telling_folder(members: Sequence) -> str | None:
    """The folder of all files, where names below it repeat less than those below the data sets' own; else None."""
    names, paths = set(), []
    for leaf in members:
        prefixes = prefixes_of(leaf)
        for index in range(len(leaf) if hasattr(leaf, 'get_data_info') else 0):
            info = leaf.get_data_info(index)
            path = path_of(info)
            if path is None or info.get(ID_KEY) is not None or info.get('video_id') is not None:
                return None
            names.add(below(path, prefixes))
            paths.append(path)
    if len(names) == len(paths):
        return None
    folder = common_folder(paths)
    return folder if len({below(path, [folder]) for path in paths}) > len(names) else None


def _within(step, depth: int = 8) -> Iterator:
    """A step, and the steps that it holds in lists or pipelines of its own."""
    if isinstance(step, list | tuple):
        for part in step:
            yield from _within(part, depth)
    elif hasattr(step, '__dict__') and depth:
        yield step
        for part in vars(step).values():
            if isinstance(part, list | tuple) or hasattr(part, 'transforms'):
                yield from _within(part, depth - 1)
