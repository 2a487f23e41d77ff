"""Reading images by mmcv so that a bad file is named."""

from mmcv.image.io import imread_flags, supported_backends
from mmcv.transforms import LoadImageFromFile
from mmengine import fileio

from kss_mm.datasets.media.file_client import fetch
from kss_mm.datasets.media.image_reader import image_problem
from kss_mm.datasets.media.quiet import quiet_opencv
from kss_mm.errors import BadImageError, InputError, MissingImageError, MissingPackageError
from kss_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SafeLoadImage(LoadImageFromFile):
    """mmcv's LoadImageFromFile, with errors that name the file.

    What decodes is what mmcv decodes, in the same way: CMYK becomes BGR, 16 bits become 8, transparency is dropped,
    EXIF's orientation is followed, and of an animated WebP the first picture is taken.

    Raises:
        BadImageError: For a file that is missing, empty, cut short, damaged, or no image.
        InputError: For a way of decoding that mmcv does not have.
        MissingPackageError, StorageError: For a storage (``backend_args``) or a decoder that lacks its package, or a
            storage that does not give the file.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, allowed in (('imdecode_backend', supported_backends), ('color_type', imread_flags)):
            if getattr(self, name) not in (*allowed, *[None] * (name == 'imdecode_backend')):
                raise InputError(f'{name}={getattr(self, name)!r}: must be one of {", ".join(map(repr, allowed))}')

    def transform(self, results: dict) -> dict | None:
        if 'img' in results and 'img_path' not in results:
            return results  # MMPretrain's inferencer has read the image, and takes out only the step named as mmcv's is
        try:
            with quiet_opencv():
                return super().transform(results)
        except MemoryError:
            raise
        except Exception as error:  # of mmcv, or of any storage or decoder that it uses
            name = str(results['img_path'])
            try:
                content = self._fetch(name)
            except FileNotFoundError as missing:
                raise MissingImageError(f'{name}: no such file') from missing
            if isinstance(error, ImportError):
                raise MissingPackageError(f'imdecode_backend={self.imdecode_backend!r}: {error}') from error
            raise BadImageError(f'{name}: {image_problem(content)}') from error

    def _fetch(self, name: str) -> bytes:
        if self.file_client_args is not None:
            return fetch(lambda name: fileio.FileClient.infer_client(self.file_client_args, name).get(name), name,
                         f'file_client_args={self.file_client_args}')
        return fetch(lambda name: fileio.get(name, backend_args=self.backend_args), name,
                     f'backend_args={self.backend_args}')
