"""AP of every class as a table for terminals and logs."""

from collections.abc import Iterator, Sequence

import numpy as np
from mmengine.logging import MMLogger
from numpy.typing import ArrayLike

from kss_mm.errors import short_name


def class_table(classes: Sequence[str], precisions: ArrayLike, positives: ArrayLike) -> Iterator[str]:
    """Yield a heading and a line for each class, the highest AP first; those without positives come last.

    The name stands at the end of its line, in one line and without control characters, whatever it holds.

    >>> print(*class_table(['dog', 'cat', 'emu'], [.25, 1., float('nan')], [7, 2, 0]), sep='\\n')
        AP  positives  class
    1.0000          2  cat
    0.2500          7  dog
         -          0  emu

    Shapes:
        - **precisions, positives:** :math:`(K,)`, AP in 0..1, NaN without positives; samples that carry each class
    """
    precisions, positives = np.asarray(precisions, dtype=np.float64), np.asarray(positives)
    yield '    AP  positives  class'
    for index in np.argsort(-precisions, kind='stable').tolist():  # NaN is sorted to the end
        value = '-' if np.isnan(precisions[index]) else f'{precisions[index]:.4f}'
        yield f'{value:>6}  {int(positives[index]):9d}  {short_name(str(classes[index]))}'


def log_class_table(classes: Sequence[str], precisions: ArrayLike, positives: ArrayLike) -> None:
    """Log :func:`class_table`."""
    MMLogger.get_current_instance().info('\n'.join(['every class:', *class_table(classes, precisions, positives)]))
