"""The look of Toy Charades: every object is a sprite, every verb a motion; drawn with OpenCV, written as MPEG-4."""

import errno
import os
from collections.abc import Iterable

import cv2
import numpy as np

from kss_mm.datasets.toy.scripts import LABELS, OBJECTS, SCENES, Script
from kss_mm.files import PathLike, whole_path

SIZE = 80  # pixels, width and height
FPS = 12
SPRITE = .13  # half the width of a sprite, as a share of the picture
NOISE = 8.  # standard deviation of the pixel noise, of 255
# An object stands still for this long before and after its action, in seconds.
REST = .25

# Hue (OpenCV: 0..179) and outline of each object. Neighbours in hue differ in form.
_HUES = dict(zip(OBJECTS, (0, 15, 30, 55, 85, 110, 130, 155)))
_OUTLINES = {
    'cup': [(-1, -1), (1, -1), (.6, 1), (-.6, 1)],
    'book': [(-1, -.6), (1, -.6), (1, .6), (-1, .6)],
    'box': [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    'phone': [(-.45, -1), (.45, -1), (.45, 1), (-.45, 1)],
    'pillow': [(0, -1), (1, 0), (0, 1), (-1, 0)],
    'shoe': [(-1, -1), (0, -1), (0, 0), (1, 0), (1, 1), (-1, 1)],
    'bag': [(0, -1), (1, 1), (-1, 1)],
    'laptop': [(-1, -.25), (-.25, -.25), (-.25, -1), (.25, -1), (.25, -.25), (1, -.25), (1, .25), (.25, .25), (.25, 1),
               (-.25, 1), (-.25, .25), (-1, .25)],
}


def _motion(verb: str, progress: float) -> tuple[float, float, float, float]:
    """Shift in x and y (shares of the picture), scale and angle (radians) at a progress of 0..1."""
    wave = np.sin(progress * 6 * np.pi)
    return {
        'lift': (0., .16 - .32 * progress, 1., 0.),
        'drop': (0., -.16 + .32 * progress, 1., 0.),
        'shake': (.13 * wave, 0., 1., 0.),
        'turn': (0., 0., 1., 2 * np.pi * progress),
        'open': (0., 0., .5 + 1.1 * progress, 0.),
        'close': (0., 0., 1.6 - 1.1 * progress, 0.),
    }[verb]


def _draw(frame: np.ndarray, thing: str, place: tuple[float, float], motion: tuple[float, float, float, float],
          colour: tuple[int, int, int]) -> None:
    shift_x, shift_y, scale, angle = motion
    cos, sin = np.cos(angle), np.sin(angle)
    points = np.array(_OUTLINES[thing]) @ np.array([[cos, sin], [-sin, cos]]) * (SPRITE * scale)
    points = (points + np.array(place) + (shift_x, shift_y)) * SIZE
    cv2.fillPoly(frame, [np.round(points * 16).astype(np.int32)], colour, cv2.LINE_AA, shift=4)


def frames(script: Script) -> np.ndarray:
    """All pictures of a video, uint8 BGR of shape (T, H, W, 3)."""
    rng = np.random.default_rng([script.seed, 1])

    def colour(thing: str) -> tuple[int, int, int]:
        hue = (_HUES[thing] + rng.integers(-4, 5)) % 180
        hsv = np.uint8([[[hue, rng.integers(170, 256), rng.integers(170, 256)]]])
        return tuple(int(value) for value in cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0])

    # A dim, blurred backdrop whose hue hints at the scene.
    backdrop = cv2.GaussianBlur(rng.integers(0, 90, (SIZE, SIZE, 3)).astype(np.float32), (0, 0), 6)
    backdrop[..., list(SCENES).index(script.scene) % 3] += rng.uniform(0, 40)
    actors = [(event, colour(LABELS[event.label].thing)) for event in script.events]
    standing = [(thing, place, colour(thing)) for thing, place in script.distractors]

    video = []
    for time in np.arange(int(script.seconds * FPS)) / FPS:
        frame = backdrop.astype(np.uint8)
        for thing, place, paint in standing:
            _draw(frame, thing, place, (0., 0., 1., 0.), paint)
        for event, paint in actors:
            if event.start - REST <= time <= event.end + REST:
                label = LABELS[event.label]
                progress = float(np.clip((time - event.start) / (event.end - event.start), 0., 1.))
                _draw(frame, label.thing, event.place, _motion(label.verb, progress), paint)
        noisy = frame + rng.normal(0, NOISE, frame.shape)
        video.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(video)


def write_video(script: Script, folder: PathLike) -> None:
    """Write ``{folder}/{id}.mp4``; a file under that name is whole or not there."""
    write_joined([script], os.path.join(folder, f'{script.id}.mp4'))


def write_joined(scripts: Iterable[Script], path: PathLike) -> list[float]:
    """Write a video of scripts, one after the other; the seconds at which each begins.

    In memory is one script's video at a time.
    """
    begin, count = [], 0
    with whole_path(path) as part:
        writer = cv2.VideoWriter(part, cv2.VideoWriter_fourcc(*'mp4v'), FPS, (SIZE, SIZE))
        for script in scripts:
            begin.append(count / FPS)
            for picture in frames(script):
                writer.write(picture)
                count += 1
        writer.release()
        # OpenCV says nothing of a disk that is full or of a codec that it lacks.
        if cv2.VideoCapture(part).get(cv2.CAP_PROP_FRAME_COUNT) != count:
            raise OSError(errno.EIO, 'OpenCV could not write all of an MPEG-4 video; is the disk full?', path)
    return begin
