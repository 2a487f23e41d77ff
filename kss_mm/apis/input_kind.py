"""The kind of input that a config reads, video or image, and a file's."""

from mmengine.config import Config

from kss_mm.apis.config import evaluation_pipeline, name_of
from kss_mm.apis.pipeline_steps import opens, step_name
from kss_mm.datasets.media.file_kind import check_kind
from kss_mm.errors import InputError

_HOSTS = {'mmpretrain': 'image', 'mmaction': 'video'}


def input_kind(cfg: Config) -> str:
    """'video' or 'image', whichever the evaluation pipeline of a config opens, else what its host is for.

    Raises:
        InputError: For a config that shows neither.
    """
    for step in evaluation_pipeline(cfg):
        if (name := step_name(step)).startswith('RawFrame'):
            raise InputError(f'{name_of(cfg)}: reads folders of frames ({name}), not video files; put '
                             'kss_mm.SafeDecordInit and kss_mm.SafeDecordDecode in its test pipeline')
        if kind := opens(step):
            return kind
    try:
        return _HOSTS[cfg.get('default_scope')]
    except KeyError:
        raise InputError(f'{name_of(cfg)}: neither its test pipeline nor its default_scope says whether it reads '
                         'videos or images; give it a test_dataloader') from None


def check_input(cfg: Config, path: str) -> str:
    """Check that a file is what a config reads; the kind, see :func:`input_kind`.

    A file whose content says nothing passes: what opens it says what is wrong with it.

    Raises:
        MissingFileError: If it is not there.
        InputError: If it is of the other kind.
    """
    wanted = input_kind(cfg)
    check_kind(path, wanted, name_of(cfg))
    return wanted
