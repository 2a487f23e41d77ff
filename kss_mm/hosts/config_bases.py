"""Configs that inherit one of ours by ``_base_ = 'kss_mm::_base_/own_videos.py'``, wherever they lie."""

import functools
import os

from mmengine.config import Config

from kss_mm.package_files import package_folder

PREFIX = 'kss_mm::'


def find_own_bases() -> None:
    """MMEngine looks up bases in the packages that it knows by name, of which this project is none.

    Ends with an MMEngine that asks any package. The scope of such a base is that of the config that inherits it.
    """
    original = Config._get_cfg_path

    @functools.wraps(original)
    def get_cfg_path(cfg_path: str, filename: str) -> tuple[str, str | None]:
        if isinstance(cfg_path, str) and cfg_path.startswith(PREFIX):
            return os.path.join(package_folder('configs'), cfg_path.removeprefix(PREFIX)), None
        return original(cfg_path, filename)

    Config._get_cfg_path = staticmethod(get_cfg_path)
