"""Features from files belong to the weights that made them."""

from mmengine.dataset import BaseDataset
from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.datasets.transforms.load_features import LoadFeatures
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.errors import InputError
from kss_mm.models.backbones.frozen_stages import FROZEN
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class CachedFeaturesHook(Hook):
    """Compares the files of features that a run reads with the frozen stages of its backbone, before it starts.

    Raises:
        InputError: If they were made by other weights, or up to another stage.
    """

    def __init__(self):
        self._checked: set[str] = set()  # a training validates often, and frozen weights do not change

    def before_train(self, runner: Runner) -> None:
        self._check(runner, 'train_dataloader', 'val_dataloader')

    def before_val(self, runner: Runner) -> None:
        self._check(runner, 'val_dataloader')

    def before_test(self, runner: Runner) -> None:
        self._check(runner, 'test_dataloader')

    def _check(self, runner: Runner, *loaders: str) -> None:
        if self._checked.issuperset(loaders):
            return
        backbone = unwrap_model(runner).backbone
        stages = getattr(backbone, FROZEN)
        weights = stages.digest(backbone)
        for loader in loaders:
            for file in _files(getattr(getattr(runner, loader), 'dataset', None)):
                if (file.until, file.weights) != (stages.until, weights):
                    raise InputError(f'{file.path}: its features are of {file.until} with weights {file.weights}, the '
                                     f'backbone is frozen until {stages.until} with weights {weights}: make them again '
                                     'by tools/cache_features.py, with the weights that training starts from')
        self._checked.update(loaders)


def _files(dataset: object) -> list:
    if not isinstance(dataset, BaseDataset):
        return []
    return [step.features for step in dataset.pipeline.transforms if isinstance(step, LoadFeatures)]
