import copy
import pickle

import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models.heads.ground_truth import TruthCheck, from_indices, from_numbers

K = 4


def test_indices_become_zeros_and_ones():
    targets, valid = from_indices([torch.tensor([3, 0]), torch.tensor([], dtype=torch.long), torch.tensor([1])], K)
    assert targets.tolist() == [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]] and valid.all()


@pytest.mark.parametrize('indices', [[-1], [4], [0, 7], [0, 1, 1, 0], [2, 2]])
def test_other_indices_are_no_label(indices):
    assert from_indices([torch.tensor([0]), torch.tensor(indices)], K).valid.tolist() == [True, False]


@pytest.mark.parametrize(('values', 'valid'), [
    ([0, 1, 1, 0], True), ([.3, .7, 1 + 1e-7, 0], True), ([0, 7, 0, 0], False), ([-1, 0, 0, 1], True),
    ([-.4, 0, 0, 0], False), ([-2, 0, 0, 0], False),
    ([float('nan'), 0, 0, 0], False), ([float('inf'), 0, 0, 0], False)])
def test_numbers_lie_within_0_and_1(values, valid):
    assert from_numbers([torch.zeros(K), torch.tensor(values)]).valid.tolist() == [True, valid]


def head_of(kind: str):
    """A head, and a sample of its host, with a name, that has a label."""
    if kind == 'KSSHead':
        pytest.importorskip('mmaction')
        from mmaction.structures import ActionDataSample as Sample

        from kss_mm.models import KSSHead as Head
    else:
        pytest.importorskip('mmpretrain')
        from mmpretrain.structures import DataSample as Sample

        from kss_mm.models import KSSClsHead as Head
    return Head(K, 6, residual_fc=True), lambda label, **meta: Sample(metainfo=meta).set_gt_label(label)


def loss_of(head, samples: list) -> dict:
    logits = torch.randn(len(samples), K, requires_grad=True)
    if hasattr(head, 'loss_by_feat'):
        return head.loss_by_feat(logits, samples)
    head.forward = lambda feats: logits
    return head.loss((None,), samples)


@pytest.mark.parametrize(('kind', 'label', 'value'), [
    ('KSSHead', torch.tensor([0., 7., 0., 0.]), '[7.0]'), ('KSSHead', torch.tensor([0., -2., -1., 0.]), '[-2.0]'),
    ('KSSHead', torch.tensor([0, 7, 0, 0]), '[7.0]'), ('KSSHead', torch.tensor([0., float('nan'), 0., 0.]), '[nan]'),
    ('KSSClsHead', torch.tensor([-1]), '[-1]'), ('KSSClsHead', torch.tensor([0, 7]), '[0, 7]'),
    ('KSSClsHead', torch.tensor([0, 1, 1, 0]), '[0, 1, 1, 0]')])
def test_a_label_that_is_none_is_named_with_its_sample(kind, label, value):
    head, sample = head_of(kind)
    good = sample(torch.tensor([0., 1., 0., 0.]) if kind == 'KSSHead' else torch.tensor([1]))
    with pytest.raises(InputError) as error:
        loss_of(head, [good, sample(label, sample_id='videos/a.mp4')])
    assert 'videos/a.mp4' in str(error.value) and value in str(error.value)
    with pytest.raises(InputError, match='number 1 of a batch'):
        loss_of(head, [good, sample(label)])


@pytest.mark.parametrize('kind', ['KSSHead', 'KSSClsHead'])
def test_labels_that_mixing_leaves_are_fine(kind):
    head, sample = head_of(kind)
    share = torch.tensor([.3, .7, 1 + 1e-7, 0.])
    mixed = sample(share) if kind == 'KSSHead' else sample(torch.tensor([0])).set_gt_score(share)
    assert all(value > 0 for value in loss_of(head, [mixed, mixed]).values())


@pytest.mark.parametrize('kind', ['KSSHead', 'KSSClsHead'])
def test_what_mixing_makes_of_unknown_labels_is_refused(kind):
    head, sample = head_of(kind)
    mixed = torch.lerp(torch.tensor([-1., 0., 1., 0.]), torch.tensor([0., 1., 0., 0.]), .4)
    mixed = sample(mixed) if kind == 'KSSHead' else sample(torch.tensor([0])).set_gt_score(mixed)
    with pytest.raises(InputError, match=r'unknown labels cannot be mixed .*Mixup'):
        loss_of(head, [mixed])


@pytest.mark.parametrize('kind', ['KSSHead', 'KSSClsHead'])
def test_models_with_a_check_copy_and_pickle(kind):
    head, _ = head_of(kind)
    again = pickle.loads(pickle.dumps(copy.deepcopy(head)))
    assert again.state_dict().keys() == head.state_dict().keys()


class Event:
    """In place of CUDA's: the copy that it stands for is done when it is told so, or waited for."""

    made: list = []

    def __init__(self):
        self.done = False
        self.made.append(self)

    def record(self):
        pass

    def query(self) -> bool:
        return self.done

    def synchronize(self):
        self.done = True


class OnGpu:
    """A tensor of answers that says it lies on a GPU."""

    def __init__(self, answers: list[bool]):
        self.answers = torch.tensor(answers)
        self.device, self.shape, self.dtype = torch.device('cuda'), self.answers.shape, torch.bool


@pytest.fixture
def gpu(monkeypatch):
    """Pinned memory and events without a GPU."""
    empty = torch.empty
    monkeypatch.setattr(torch, 'empty', lambda *size, pin_memory=False, **kwargs:
                        Answers(empty(*size, **kwargs)) if pin_memory else empty(*size, **kwargs))
    monkeypatch.setattr(torch.cuda, 'Event', Event)
    Event.made = []
    return Event.made


class Answers:
    def __init__(self, tensor):
        self.tensor = tensor

    def copy_(self, other, non_blocking):
        assert non_blocking
        self.tensor.copy_(other.answers)

    def __getattr__(self, name):
        return getattr(self.tensor, name)


def test_on_a_gpu_nobody_waits_and_nothing_is_lost(gpu):
    check = TruthCheck()
    check(OnGpu([True, False]), lambda number: f'bad {number}')  # not known yet
    assert not gpu[0].done
    gpu[0].done = True
    with pytest.raises(InputError, match='bad 1'):
        check(OnGpu([True, True]), lambda number: 'good')
    check(OnGpu([False]), lambda number: f'last {number}')
    with pytest.raises(InputError, match='last 0'):
        check.finish()
    check.finish()


def test_on_a_gpu_an_answer_is_waited_for_in_the_end(gpu):
    check = TruthCheck()
    with pytest.raises(InputError, match='step 0'):
        for step in range(20):
            check(OnGpu([False]), lambda number, step=step: f'step {step}')
    assert 2 < len(gpu) < 20


def test_no_checkpoint_is_written_before_all_labels_are_known(gpu):
    head, _ = head_of('KSSHead')
    head.check_truth(OnGpu([False]), lambda number: f'bad {number}')
    with pytest.raises(InputError, match='bad 0'):
        torch.nn.ModuleDict(dict(cls_head=head)).state_dict()
