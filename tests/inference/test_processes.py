"""The place of a process among those of torchrun."""

import os

import pytest
import torch

from kss_mm.inference.processes import own_device, same_threads


def test_as_many_threads_as_without_torchrun(monkeypatch):
    monkeypatch.delenv('RANK', raising=False)
    for rank, given, expected in ((None, '1', '1'), ('0', '1', None), ('0', '3', '3')):
        monkeypatch.setenv('OMP_NUM_THREADS', given)
        if rank:
            monkeypatch.setenv('RANK', rank)
        same_threads()
        found = os.environ['OMP_NUM_THREADS']
        assert found == expected if expected else 1 <= int(found) <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(('gpus', 'rank', 'device'), [(0, '1', None), (2, '1', 'cuda:1'), (2, '2', 'cuda:0'),
                                                      (2, '', None)])
def test_a_gpu_of_its_own(monkeypatch, gpus, rank, device):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: gpus)
    monkeypatch.setenv('RANK', '1')
    monkeypatch.setenv('LOCAL_RANK', rank)
    assert own_device() == device
    monkeypatch.delenv('RANK')
    assert own_device() is None
