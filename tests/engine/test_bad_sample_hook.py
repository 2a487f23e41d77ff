"""All bad files of an epoch in one line, whatever wraps the data set; the old name still builds the hook."""

from types import SimpleNamespace

import pytest
from torch import nn

from kss_mm.datasets.bad_samples import BadSamples
from kss_mm.errors import BadImageError, InputError
from kss_mm.registry import HOOKS


class Pictures:
    def __init__(self, max_share: float):
        self.bad_samples = BadSamples(10, max_share, 'image')

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return self.get_data_info(index)

    def get_data_info(self, index):
        return dict(img_path=f'{index}.jpg')


class Wrapper:
    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.dataset[index]


@pytest.mark.parametrize('name', ['kss_mm.BadSampleHook', 'kss_mm.BadVideoHook'])
@pytest.mark.parametrize('wrapped', [False, True])
def test_names_are_told_when_there_are_new_ones(name, wrapped):
    dataset, lines = Pictures(.2), []
    outer = Wrapper(dataset) if wrapped else dataset
    runner = SimpleNamespace(train_dataloader=SimpleNamespace(dataset=outer), model=nn.Identity(),
                             logger=SimpleNamespace(warning=lines.append))
    hook = HOOKS.build(dict(type=name))
    for index in (3, 3, 7):
        dataset.bad_samples.add(index, BadImageError(f'{index}.jpg: is empty'))
        hook.after_train_epoch(runner)
    assert lines == ['1 of 10 training images cannot be read: 3.jpg',
                     '2 of 10 training images cannot be read: 3.jpg, 7.jpg']
    with pytest.raises(InputError, match=r'3 of 10 .*max_bad_share=0\.2'):
        dataset.bad_samples.add(9, BadImageError('9.jpg: is empty'))
