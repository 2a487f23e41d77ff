"""MMAction2 1.2.0 sets zeros and ones by the indices of a list file without a look at them.

-1, which it also writes for a line without any label, sets the last class, and an index too high ends in a stack. Now
the data set names the sample when it is built. A release that checks its labels ends this repair.
"""

from collections.abc import Callable

from kss_mm.errors import InputError, shown
from kss_mm.sample_ids import id_of


def check_label_indices(acts: Callable[[], bool]) -> None:
    """MMAction2's list files are taken with label indices that no class has.

    Args:
        acts: Whether the repair acts, asked each time that a data set reads its annotations.
    """
    from mmaction.datasets import BaseActionDataset

    if 'filter_data' in vars(BaseActionDataset):
        return

    def filter_data(self) -> list[dict]:  # all that is between reading the annotations and putting them away
        samples = super(BaseActionDataset, self).filter_data()
        if self.multi_class and acts():
            for number, sample in enumerate(samples):
                _check(sample, number, self.ann_file, self.num_classes)
        return samples

    BaseActionDataset.filter_data = filter_data


def _check(sample: dict, number: int, ann_file: str, num_classes: int) -> None:
    wrong = [label for label in sample.get('label', ()) if not 0 <= label < num_classes]
    if not wrong:
        return
    raise InputError(f'{ann_file}: sample {id_of(sample) or number} has the label {shown(wrong[0])}, and with '
                     f'num_classes={num_classes} labels are 0..{num_classes - 1}'
                     f'{"; -1 stands for a line without any" if wrong[0] == -1 else ""}: mend that line, or '
                     'num_classes of the dataset')
