"""The host frameworks: which versions work, and every repair of them, each with its reason and what ends it.

One function puts repairs in place, :func:`repair`: each once, told to the log at debug level, and where its subject is
used for the first time. An import of this project puts in one only, which nothing can notice that worked before:

| repair | when |
|---|---|
| ``missing_modules``: what MMAction2's wheel lacks | ``import kss_mm``, so that ``import mmaction.models`` works |
| ``decoding``, ``image_loading``, ``label_indices``, ``checkpoint_loading`` | a part of this project is built or one of its tools builds a run; they act in that run only, see :mod:`~kss_mm.hosts.runs` |
| ``name_lookup``: names in configs from others | the first config is read from a checkpoint |
| ``swin_batch``: Swin with a free batch | a network is exported |
"""  # noqa: E501 (a table's row is one line)

from kss_mm.hosts.missing_modules import stand_in_for_missing_modules
from kss_mm.hosts.repairs import repair
from kss_mm.hosts.versions import HOSTS, is_usable, require

__all__ = ['HOSTS', 'is_usable', 'repair', 'require', 'stand_in_for_missing_modules']
