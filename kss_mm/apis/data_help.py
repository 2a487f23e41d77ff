"""Directions to a data set, told where a file of it is missing."""

import fnmatch
import os
import re

from mmengine.config import Config


def data_help_for(cfg: Config, message: str) -> str:
    """The config's ``data_help``, if the message of a missing file is about the data set that it tells of.

    A config that inherits it may use other data. So as a dict it names its data set: ``folder``, where its files are
    expected, and ``files``, patterns of the names that files and folders of its release have anywhere. As a text it is
    about whatever is missing.
    """
    help = cfg.get('data_help') or ''
    if not isinstance(help, dict):
        return str(help)
    folder = re.escape(os.path.normpath(str(help.get('folder'))))
    names = re.split(r"[/\s':,]+", message)
    about = (re.search(rf'(?<![\w-]){folder}(?![\w-])', message) or
             any(fnmatch.filter(names, str(pattern)) for pattern in help.get('files') or ()))
    return str(help.get('text') or '') if about else ''
