"""Numbers as the page's data holds them: short, and null where there is none."""

import numpy as np
from numpy.typing import ArrayLike

_DIGITS = 4


def compact(values: ArrayLike, digits: int = _DIGITS) -> list | float | None:
    """Rounded numbers, nested as the array is; None for what is not finite.

    >>> compact([[.123456, float('nan')], [1, 0]])
    [[0.1235, None], [1.0, 0.0]]
    """
    values = np.asarray(values)
    if values.dtype.kind != 'f':
        return values.tolist()
    rounded = np.round(values.astype(np.float64), digits)
    return np.where(np.isfinite(rounded), rounded.astype(object), None).tolist()
