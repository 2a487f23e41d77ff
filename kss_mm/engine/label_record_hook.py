"""The record of the labels in checkpoints."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from kss_mm.engine.model_classes import graph_classes
from kss_mm.engine.unwrap_model import unwrap_model
from kss_mm.registry import HOOKS


@HOOKS.register_module()
class LabelRecordHook(Hook):
    """Put class names and, where training started from a published checkpoint and took its label graph, what that
    one holds of the graph into the run's checkpoints.

    The names are those of the training set, which MMEngine stores, and where it has none those of the label graph.
    """

    label_graph: dict | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        if hasattr(getattr(unwrap_model(runner), 'neck', None), 'awaits_weights'):
            self.label_graph = checkpoint.get('label_graph')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        if self.label_graph is not None:
            checkpoint['label_graph'] = self.label_graph
        meta = checkpoint['meta'].get('dataset_meta') or {}
        classes = graph_classes(runner)
        if classes is not None and not meta.get('classes'):  # MMAction2's list files have no class names
            checkpoint['meta']['dataset_meta'] = {**meta, 'classes': list(classes)}
