from collections import OrderedDict

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from kss_mm.checkpoints.to_plain import to_plain
from kss_mm.engine import PlainCheckpointHook


def test_a_checkpoint_survives_weights_only(tmp_path):
    buffer = HistoryBuffer([1., 2.], [1, 1])
    state = OrderedDict(weight=torch.ones(2))
    state._metadata = OrderedDict({'': dict(version=1)})
    checkpoint = dict(meta=dict(classes=('a', 'b'), best=np.float64(.5), sizes=np.arange(3)), state_dict=state,
                      message_hub=dict(log_scalars=OrderedDict(loss=buffer), runtime_info={}, resumed_keys={}))
    hook = PlainCheckpointHook()
    hook.before_save_checkpoint(None, checkpoint)
    torch.save(checkpoint, tmp_path / 'a.pth')
    loaded = torch.load(tmp_path / 'a.pth', weights_only=True)
    assert loaded['meta'] == dict(classes=('a', 'b'), best=.5, sizes=[0, 1, 2])
    assert loaded['state_dict']._metadata[''] == dict(version=1)
    hook.after_load_checkpoint(None, loaded)
    back = loaded['message_hub']['log_scalars']['loss']
    assert isinstance(back, HistoryBuffer)
    np.testing.assert_array_equal(back.data, buffer.data)


def test_tensors_are_not_copied():
    tensor = torch.ones(2)
    assert to_plain({'a': [tensor]})['a'][0] is tensor


def test_a_foreign_checkpoint_without_logs_passes():
    PlainCheckpointHook().after_load_checkpoint(None, {'state_dict': {}})


def test_methods_in_a_schedulers_state_are_left_out():
    assert to_plain(dict(last_step=3, anneal_func='cos'.join)) == dict(last_step=3)
