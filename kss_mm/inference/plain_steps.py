"""The steps of a described pipeline by NumPy, OpenCV and Pillow: what the hosts' steps make, without the hosts.

Each is the host's arithmetic, to the rounding; ``kss_mm.apis.describe_pipeline`` writes the descriptions.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image

from kss_mm.errors import InputError

_BY_OPENCV = {'nearest': cv2.INTER_NEAREST, 'bilinear': cv2.INTER_LINEAR, 'bicubic': cv2.INTER_CUBIC,
              'area': cv2.INTER_AREA, 'lanczos': cv2.INTER_LANCZOS4}
_BY_PILLOW = {'nearest': Image.Resampling.NEAREST, 'bilinear': Image.Resampling.BILINEAR,
              'bicubic': Image.Resampling.BICUBIC, 'box': Image.Resampling.BOX, 'lanczos': Image.Resampling.LANCZOS,
              'hamming': Image.Resampling.HAMMING}


def chosen_frames(step: Mapping, total: int) -> np.ndarray:
    """Numbers of the frames that a step takes of a video: (clips, clip_len)."""
    length, clips = step['clip_len'], step['clips']
    if step['step'] == 'uniform':
        segment = float(total - 1) / length
        starts = np.round(segment * np.arange(length)).astype(int)
        shifts = (segment / (clips + 1) * np.arange(1, clips + 1)).astype(int)
        return starts[None] + shifts[:, None]
    interval = step['interval']
    if length == 1:
        average = total / float(clips)
        first = np.arange(clips) * average
        offsets = np.concatenate([first + average / 2, first]) if step['twice'] else first + average / 2
    else:
        most = max(total - ((length - 1) * interval + 1), 0)
        count = clips * 2 if step['twice'] else clips
        offsets = np.round(np.arange(count) * (most / float(clips - 1))) if count > 1 else np.array([most // 2])
    indices = offsets[:, None] + np.arange(length)[None] * interval
    if step['beyond'] == 'loop':
        indices = np.mod(indices, total)
    else:
        inside = indices < total
        last = np.max(inside * indices, axis=1, keepdims=True)
        indices = np.where(inside, indices, last)
    return indices.astype(np.int32)


def changed(step: Mapping, images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Images (H, W, 3) after a step; a step of several crops makes as many lists of them, one after the other.

    Raises:
        InputError: For a step that is none of the known ones.
    """
    match step['step']:
        case 'resize':
            return [_resized(image, _size(image, step), step) for image in images]
        case 'resize_edge':
            return [_resized(image, _edge_size(image, step), step) for image in images]
        case 'center_crop':
            return [_center(image, *step['size'], step['rounding']) for image in images]
        case 'three_crop':
            return [image[y:y + step['size'][1], x:x + step['size'][0]] for x, y in _three(images[0], *step['size'])
                    for image in images]
        case 'padded_crop':
            return [_padded(image, step) for image in images]
    raise InputError(f'a step {step["step"]!r} is not known; use a newer kss-mm')


def _size(image: np.ndarray, step: Mapping) -> tuple[int, int]:
    if not step['keep_ratio']:
        return tuple(step['size'])
    height, width = image.shape[:2]
    sides = [float('inf') if side is None else side for side in step['size']]
    factor = min(max(sides) / max(height, width), min(sides) / min(height, width))
    return int(width * factor + .5), int(height * factor + .5)


def _edge_size(image: np.ndarray, step: Mapping) -> tuple[int, int]:
    height, width = image.shape[:2]
    size, edge = step['size'], step['edge']
    if edge == 'width' or edge == 'short' and width < height or edge == 'long' and width > height:
        return size, int(size * height / width)
    return int(size * width / height), size


def _resized(image: np.ndarray, size: tuple[int, int], step: Mapping) -> np.ndarray:
    if step['backend'] == 'pillow':
        return np.array(Image.fromarray(image).resize(size, _BY_PILLOW[step['interpolation']]))
    return cv2.resize(image, size, interpolation=_BY_OPENCV[step['interpolation']])


def _center(image: np.ndarray, width: int, height: int, rounding: str) -> np.ndarray:
    rows, columns = image.shape[:2]
    if rounding == 'down':
        left, top = (columns - width) // 2, (rows - height) // 2
        return image[top:top + height, left:left + width]
    width, height = min(width, columns), min(height, rows)
    left, top = (max(0, int(round(free / 2.))) for free in (columns - width, rows - height))
    return image[top:min(rows, top + height), left:min(columns, left + width)]


def _three(image: np.ndarray, width: int, height: int) -> list[tuple[int, int]]:
    rows, columns = image.shape[:2]
    if height == rows:
        step = (columns - width) // 2
        return [(0, 0), (2 * step, 0), (step, 0)]
    if width == columns:
        step = (rows - height) // 2
        return [(0, 0), (0, 2 * step), (0, step)]
    raise InputError(f'frames of {columns} x {rows} are not cropped thrice to {width} x {height}: one side must be the '
                     'same')


def _padded(image: np.ndarray, step: Mapping) -> np.ndarray:
    rows, columns = image.shape[:2]
    side = step['size'] / (step['size'] + step['padding']) * min(rows, columns)
    top, left = (max(0, int(round((free - side) / 2.))) for free in (rows, columns))
    bottom, right = min(int(top + side - 1), rows - 1), min(int(left + side - 1), columns - 1)
    return _resized(np.ascontiguousarray(image[top:bottom + 1, left:right + 1]), (step['size'],) * 2, step)
