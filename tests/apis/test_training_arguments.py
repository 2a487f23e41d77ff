"""Entries that training puts into a config, also one that leaves out what MMEngine can do without."""

import logging

import pytest
import torch
from mmengine.config import Config

from kss_mm.apis.train import leave_out_validation, name_one_frozen, safeguard, set_randomness
from kss_mm.apis.translate_errors import translate_errors
from kss_mm.checkpoints.checkpoint import load_weights, save_plain
from kss_mm.errors import MissingFileError


def test_seeds_of_a_config_without_randomness():
    for given, expected in ((dict(seed=3, deterministic=True), dict(seed=3, deterministic=True)),
                            (dict(diff_rank_seed=True), dict(seed=None, diff_rank_seed=True))):
        cfg = Config(dict(model=dict(type='x')))
        set_randomness(cfg, **{**dict(seed=None, diff_rank_seed=False, deterministic=False), **given})
        assert cfg.randomness == expected


def test_no_validation_without_hooks():
    cfg = Config(dict(model=dict(type='x')))
    leave_out_validation(cfg)
    assert cfg.val_cfg is None and 'default_hooks' not in cfg


def test_configs_of_the_hosts_get_the_same_safeguards_once():
    hooks = ['kss_mm.SyncBuffersHook', 'kss_mm.ResumedValidationHook', 'kss_mm.PlainCheckpointHook']
    for given, checkpoint, names in [
            ({}, 'kss_mm.SafeCheckpointHook', hooks),
            (dict(default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval=3)),
                  custom_hooks=[dict(type='SyncBuffersHook')]), 'kss_mm.SafeCheckpointHook',
             ['SyncBuffersHook', *hooks[1:]]),
            (dict(default_hooks=dict(checkpoint=dict(type='MyHook'))), 'MyHook', hooks)]:
        cfg = Config(given)
        for _ in range(2):
            safeguard(cfg)
        assert cfg.default_hooks.checkpoint.type == checkpoint
        assert [hook.type for hook in cfg.custom_hooks] == names
    cfg = Config(dict(default_hooks=dict(checkpoint=None)))
    safeguard(cfg)
    assert cfg.default_hooks.checkpoint is None


def test_a_file_that_a_worker_misses_is_named_without_its_stack():
    text = ("Caught FileNotFoundError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n"
            "  File \"x.py\", line 1\nFileNotFoundError: [Errno 2] No such file or directory: 'a.jpg'")
    with pytest.raises(MissingFileError) as error, translate_errors(Config(dict(data_help='get it'))):
        raise FileNotFoundError(text)
    assert str(error.value) == "[Errno 2] No such file or directory: 'a.jpg'\nget it"


@pytest.mark.parametrize(('missing', 'shown'), [
    ('/mnt/set_v1_train.csv', True), ('/mnt/set_v1/0.mp4', True), ('/mnt/offset_v1/0.mp4', False),
    ('data/toy/a.csv', True), ('data/toy', True), ('/home/me/data/toy/videos/a.mp4', True),
    ('data/toys/a.csv', False), ('data/mine/a.csv', False), ('my-data/toy/a.csv', False), ('data/mine/toy', False),
])
def test_help_for_a_data_set_is_shown_where_its_own_file_is_missing(missing, shown):
    """A config that inherits it may be about other data."""
    cfg = Config(dict(data_help=dict(folder='data/toy/', files=('set_v1*',), text='make it'), data_root='data/mine/'))
    for error in (MissingFileError(f'{missing}: no such file'), FileNotFoundError(2, 'No such file', missing)):
        with pytest.raises(MissingFileError) as caught, translate_errors(cfg):
            raise error
        assert (caught.value.help == 'make it') == shown


def test_a_checkpoint_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(Exception, match='pickle'):
        save_plain(dict(a=torch.ones(1), b=lambda: None), tmp_path / 'a.pth')
    assert not list(tmp_path.iterdir())
    save_plain(dict(a=torch.ones(1)), str(tmp_path / 'a.pth'))
    assert list(load_weights(str(tmp_path / 'a.pth'))) == ['a']


def test_of_frozen_parameters_one_is_named():
    keep, frozen = name_one_frozen(), ' is skipped since its requires_grad=False'
    lines = [f'a{frozen}', 'other', f'b{frozen}']
    records = [logging.LogRecord('x', logging.WARNING, '', 0, line, (), None) for line in lines]
    kept = [record.getMessage() for record in records if keep(record)]
    assert kept == [f'a{frozen}, as are all that are frozen', 'other']
