"""Predictions over time, as a part of the :class:`~kss_mm.inference.predictor.Predictor`."""

from collections.abc import Iterator
from contextlib import closing

from kss_mm.errors import InputError
from kss_mm.inference.moving_sources import Moving, opened_in_time
from kss_mm.inference.over_time import Window, collect_timeline, predict_windows
from kss_mm.inference.window_plan import STRIDE_SHARE, check_window
from kss_mm.timeline.timeline import Timeline


class PredictsWindows:
    """What a predictor says of the windows of a video, by its ``network`` and ``predict_sources``."""

    def windows(self, source: object, *, window: float, stride: float | None = None, fps: float | None = None,
                seconds: float | None = None) -> Iterator[Window]:
        """Predictions of the windows of a video, one after the other, in constant memory however long it is.

        Every frame is decoded once, while the model runs, and only those that the test pipeline takes are held. The
        scores of a window are those of a call for its frames as an array, and of a file that holds these frames.

        Args:
            source: A file, uint8 RGB frames (T, H, W, 3), an open ``cv2.VideoCapture``, or the number of a camera.
            window: Length in seconds.
            stride: Seconds from the start of a window to that of the next; by default half a window.
            fps: Frames a second of frames in memory, or of a stream that does not say.
            seconds: Windows that end later are left out.

        Raises:
            UserError: For an image model, numbers out of their ranges, a file that cannot be read, and, after the
                windows before it, for a place where it is damaged.
        """
        stride = self._stride(window, stride)
        with opened_in_time(source, window, stride, fps, self.network.path) as moving:
            yield from self._windows(moving, seconds)

    def timeline(self, source: object, *, window: float, stride: float | None = None, fps: float | None = None,
                 seconds: float | None = None) -> Timeline:
        """When each label happens in a video: all its :meth:`windows`.

        A file that is damaged in its middle gives a warning, and the windows before the damage; the timeline's
        ``error`` says up to where they reach.

        Raises:
            UserError: As :meth:`windows`, and for a stream that tells of no end, without ``seconds``.
        """
        stride = self._stride(window, stride)
        with opened_in_time(source, window, stride, fps, self.network.path) as moving:
            if not moving.ends and seconds is None:
                raise InputError(f'{moving.name}: tells of no end; say by seconds=... how long to look, or take '
                                 'windows() in place of timeline()')
            with closing(self._windows(moving, seconds)) as windows:
                return collect_timeline(moving, windows, self.classes, self.thresholds.probabilities)

    def _stride(self, window: float, stride: float | None) -> float:
        if self.kind != 'video':
            raise InputError(f'{self.network.path}: reads images, and a timeline is of a video; give a model of videos')
        check_window(window, stride)
        return window * STRIDE_SHARE if stride is None else stride

    def _windows(self, moving: Moving, seconds: float | None) -> Iterator[Window]:
        # What comes live is predicted at once.
        predict = self.predict_sources if moving.count is not None else self.predict_one_by_one
        return predict_windows(moving, self.network, predict, seconds)
