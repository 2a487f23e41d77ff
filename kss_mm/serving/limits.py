"""Bounds of what a server takes on."""

from dataclasses import dataclass

from kss_mm.numeric import check_integer, check_number

MIB = 2 ** 20
_DAY = 86_400.


@dataclass(frozen=True)
class Limits:
    """What requests may take.

    Args:
        mebibytes: Size of a request.
        seconds: From its first byte to the answer.
        requests: How many are worked on at once; further ones are sent away until one is done.

    Raises:
        InputError: For numbers out of their ranges.
    """

    mebibytes: int = 256
    seconds: float = 60.
    requests: int = 16

    def __post_init__(self):
        check_integer('max-size (MiB)', self.mebibytes, 1)
        check_number('timeout (seconds)', self.seconds, 0, _DAY, without=0)
        check_integer('max-requests', self.requests, 1)
