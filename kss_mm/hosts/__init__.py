"""The host frameworks: which versions work, and every repair of them, each with its reason and what ends it.

One function puts repairs in place, :func:`repair`: each once in a process, told to the log at debug level. An import of
this project makes a single one, which only answers imports that would fail:

- ``missing_modules``, what MMAction2's wheel lacks: at ``import kss_mm``, so that ``import mmaction.models`` works;
- ``decoding``, ``image_loading``, ``label_indices``, ``checkpoint_loading``: when a part of this project is built, or
  one of its tools builds a run; they act in that run only, see :mod:`~kss_mm.hosts.runs`;
- ``config_bases``, bases of ours by name in configs of others: when the first config is read from a file;
- ``name_lookup``, names in configs from others: when the first config is read from a checkpoint;
- ``swin_batch``, Swin with a free batch: when a network is exported.
"""

from kss_mm.hosts.missing_modules import stand_in_for_missing_modules
from kss_mm.hosts.repairs import repair
from kss_mm.hosts.versions import HOSTS, is_usable, require

__all__ = ['HOSTS', 'is_usable', 'repair', 'require', 'stand_in_for_missing_modules']
