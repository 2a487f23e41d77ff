"""Where picture and panel stand, and how large the letters are: readable on 128 pixels and on 1080 lines alike."""

from typing import NamedTuple

from kss_mm.drawing.panel import panel_height
from kss_mm.drawing.track import Track
from kss_mm.errors import InputError

# A smaller picture is enlarged until its longer side has so many pixels.
_LONGEST = 640
# The font is this share of the shorter side, and no smaller; the least where many labels need room.
_FONT, _SMALLEST_FONT, _LEAST_FONT = 1 / 38, 13, 9
# Of the height of the picture: a panel below it that is higher gets a smaller font.
_HIGHEST = .8
# Taller pictures than this, width to height, have the panel on their right, so many font sizes wide.
_UPRIGHT, _BESIDE = .8, 36
# So many times as large is the font where there is room for it beside a picture.
_LARGER = 1.5
#: Pixels of a side that decoders of H.264 take.
LARGEST = 8192


class Layout(NamedTuple):
    """Pixels, all even.

    Args:
        picture: Its size.
        panel: Its corner and size: left, top, width, height.
        size: Of both together.
        font: Its size.
    """

    picture: tuple[int, int]
    panel: tuple[int, int, int, int]
    size: tuple[int, int]
    font: int


def lay_out(width: int, height: int, track: Track) -> Layout:
    """Places for a picture of a size and the panel of a track.

    Raises:
        InputError: For so many labels that the whole would be too large.
    """
    scale = max(1., _LONGEST / max(width, height))
    width, height = _even(width * scale), _even(height * scale)
    font = max(_SMALLEST_FONT, round(_FONT * min(width, height)))
    largest = font * _LARGER
    beside = width < _UPRIGHT * height
    room = height if beside else _HIGHEST * height
    while beside and font < largest and panel_height(track, font) < room / 2:
        font += 1
    while font > _LEAST_FONT and panel_height(track, font) > room:
        font -= 1
    needed = panel_height(track, font)
    if beside:
        panel = (width, 0, _even(_BESIDE * font), _even(max(height, needed)))
        size = width + panel[2], panel[3]
    else:
        panel = (0, height, width, _even(needed))
        size = width, height + panel[3]
    if max(size) > LARGEST:
        raise InputError(f'{len(track.names)} labels make a picture of {size[0]} x {size[1]} pixels, and players '
                         f'take at most {LARGEST}; draw fewer (--top)')
    return Layout((width, height), panel, size, font)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)
