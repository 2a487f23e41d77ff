"""A named prediction: NumPy and the standard library only, whatever ran the model."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kss_mm.errors import UserError, short_name

# How many labels a representation shows; a model may have thousands.
_SHOWN, _SHOWN_IN_TABLE = 5, 20


class Label(NamedTuple):
    """One label of one file.

    Args:
        threshold: The probability from which it is predicted; None where the head decides otherwise, by the k highest
            or by the single best.
    """

    name: str
    probability: float
    threshold: float | None
    predicted: bool


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """What a model says of one file, array or clip of a stream.

    Shapes:
        - **scores:** :math:`(K,)`, probabilities in the order of ``classes``
        - **thresholds:** :math:`(K,)`, the probabilities from which labels are predicted; None where the head decides
          otherwise, by the k highest or by the single best
        - **logits, threshold_logits:** :math:`(K,)`, the same as log-odds, which decide; None where there are none

    Args:
        source: The file's name, or words for an array or stream.
        indices: Of the predicted labels.
        error: Why there is no prediction; all but ``source`` is then empty.
    """

    source: str
    classes: Sequence[str] = ()
    scores: np.ndarray | None = None
    indices: Sequence[int] = ()
    thresholds: np.ndarray | None = None
    logits: np.ndarray | None = None
    threshold_logits: np.ndarray | None = None
    error: UserError | None = None

    @property
    def labels(self) -> list[Label]:
        """Every label, the surest first."""
        return self.top(len(self.classes))

    @property
    def predicted(self) -> list[str]:
        """Names of the predicted labels, the surest first."""
        return [label.name for label in self.labels if label.predicted]

    def top(self, count: int) -> list[Label]:
        """The ``count`` surest labels."""
        chosen = set(self.indices)
        return [Label(self.classes[index], float(self.scores[index]),
                      None if self.thresholds is None else float(self.thresholds[index]), index in chosen)
                for index in self.ranked()[:count]]

    def ranked(self) -> list[int]:
        """Indices of all labels, the surest first."""
        if self.scores is None:
            return []
        return np.argsort(-(self.scores if self.logits is None else self.logits), kind='stable').tolist()

    def decision(self, index: int) -> str:
        """A label's probability, and the threshold that it reaches or not; beside them the logits where probabilities
        look equal."""
        text = f'{self.scores[index]:.3f}'
        if self.thresholds is None:
            return text
        other = f'{self.thresholds[index]:.3f}'
        if text == other and self.logits is not None and self.threshold_logits is not None:
            text += f' (logit {self.logits[index]:.7g})'
            other += f' (logit {self.threshold_logits[index]:.7g})'
        return f'{text} {">=" if index in self.indices else "< "} {other}'

    def as_dict(self, top: int | None = None) -> dict:
        """Plain values, as JSON takes them: ``file``, ``labels`` (each with ``name``, ``probability``, ``threshold``
        and ``predicted``, the surest first), ``error``.

        Args:
            top: How many labels; all by default.
        """
        labels = self.labels if top is None else self.top(top)
        return dict(file=self.source, labels=[dict(label._asdict(), probability=_exact(label.probability),
                                                   threshold=_exact(label.threshold)) for label in labels],
                    error=None if self.error is None else str(self.error))

    def __repr__(self) -> str:
        if self.error is not None:
            said = f'error: {self.error}'
        else:
            labels = [label for label in self.labels if label.predicted]
            said = 'no label predicted' if not labels else ', '.join(
                f'{short_name(label.name)} {label.probability:.3f}' for label in labels[:_SHOWN])
            said += f' and {len(labels) - _SHOWN} more' if len(labels) > _SHOWN else ''
        return f'<Prediction {short_name(self.source)}: {said}>'

    def _repr_html_(self) -> str:
        title = f'<b>{html.escape(short_name(self.source))}</b>'
        if self.error is not None:
            return f'{title}<p>{html.escape(str(self.error))}</p>'
        rows = []
        for label in self.top(_SHOWN_IN_TABLE):
            name = html.escape(short_name(label.name))
            cells = (f'<b>{name}</b>' if label.predicted else name, f'{label.probability:.3f}',
                     '' if label.threshold is None else f'{label.threshold:.3f}', '&#10003;' * label.predicted)
            rows.append(f'<tr>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
        more = len(self.classes) - len(rows)
        note = f'<p>and {more} less likely ones</p>' if more > 0 else ''
        heads = ''.join(f'<th>{head}</th>' for head in ('label', 'probability', 'threshold', 'predicted'))
        return f'{title}<table><tr>{heads}</tr>{"".join(rows)}</table>{note}'


def _exact(value: float | None) -> float | None:
    """The shortest number that is the same float32."""
    return None if value is None else float(str(np.float32(value)))
