"""Numbers in configs and arguments, which may hold a text or NaN just as well."""

import math
from numbers import Integral, Real

from kss_mm.errors import InputError, shown


def check_number(name: str, value: object, low: float = -math.inf, high: float = math.inf, hint: str = '', *,
                 without: float | None = None) -> None:
    """Check that an option is a finite number in low..high, both included.

    Args:
        hint: More for the message, such as usual values.
        without: The end of the range that does not belong to it.

    Raises:
        InputError: If it is not.
    """
    if _is_of(Real, value) and low <= value <= high and math.isfinite(value) and value != without:
        return
    raise InputError(f'{name} must be a number{_range(low, high, without)}, got {shown(value)}{hint and f" ({hint})"}')


def check_integer(name: str, value: object, low: float = -math.inf, high: float = math.inf) -> None:
    """Check that an option is a whole number in low..high, both included.

    Raises:
        InputError: If it is not.
    """
    if not _is_of(Integral, value) or not low <= value <= high:
        raise InputError(f'{name} must be a whole number{_range(low, high)}, got {shown(value)}')


def _is_of(kind: type, value: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _range(low: float, high: float, without: float | None = None) -> str:
    if math.isinf(high):
        return '' if math.isinf(low) else f' {">" if low == without else ">="} {low:g}'
    return f' in {"(" if low == without else "["}{low:g}, {high:g}{")" if high == without else "]"}'
