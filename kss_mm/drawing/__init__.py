"""Videos and images drawn again with their labels on them, and contact sheets of videos.

    found = predictor.timeline('video.mp4', window=4)
    kss_mm.drawing.draw_video('video.mp4', found, 'labelled.mp4')
"""

from kss_mm.lazy import lazy_names

_NAMES = {'draw_image': 'draw', 'draw_sheet': 'sheet', 'draw_video': 'draw'}
__all__ = [*_NAMES]
__getattr__ = lazy_names(__name__, _NAMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
