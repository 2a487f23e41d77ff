"""From frames in their order to the clips of windows: only what the model looks at is held."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator

import numpy as np

from kss_mm.inference.network import Clip, Network
from kss_mm.inference.window_plan import Span


class WindowFrames:
    """Frames that windows wait for, each held once whatever many windows take it, and only as long as one does.

    Args:
        network: Says which frames of a window it takes, and makes them smaller.
        spans: The windows, by their start.
        fps: Frames a second.
    """

    def __init__(self, network: Network, spans: Iterable[Span], fps: float):
        self.network, self.fps = network, fps
        self.spans = iter(spans)
        self.next = next(self.spans, None)
        self.waiting: deque[tuple[Span, np.ndarray]] = deque()  # with the numbers of the frames that it takes
        self.uses: Counter[int] = Counter()
        self.held: dict[int, object] = {}

    @property
    def done(self) -> bool:
        """True when no window waits for frames any more."""
        return self.next is None and not self.waiting

    def wants(self, index: int) -> bool:
        """Tell whether a frame is taken by a window; to be asked for every frame, in order."""
        while self.next is not None and self.next.first <= index:
            span, self.next = self.next, next(self.spans, None)
            chosen = span.first + self.network.chosen(span.after - span.first, self.fps)
            self.waiting.append((span, chosen))
            self.uses.update(set(chosen.tolist()))
        return index in self.uses

    def add(self, index: int, frame: np.ndarray) -> Iterator[tuple[Span, Clip]]:
        """Take a frame that is wanted; gives the windows that have all of theirs now."""
        self.held[index] = self.network.reduced(frame)
        while self.waiting and self.waiting[0][1].max() <= index:
            span, chosen = self.waiting.popleft()
            yield span, Clip([self.held[number] for number in chosen.tolist()], span.after - span.first, self.fps)
            for number in set(chosen.tolist()):
                self.uses[number] -= 1
                if not self.uses[number]:
                    del self.uses[number], self.held[number]
