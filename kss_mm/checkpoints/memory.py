"""A limit to the memory that a model may take, where its config came from others: 100 kB can ask for 100 GB."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.config import Config

try:
    import resource
except ImportError:  # Windows
    resource = None

# A model needs its weights, which are in the file, and less than as much again several times while it is built; the
# rest is what frameworks, threads and drivers take for themselves.
_TIMES_FILE, _ALWAYS = 8, 4 * 1024 ** 3


@contextmanager
def bounded_memory(cfg: Config) -> Iterator[None]:
    """Around building the model of a config: what it may take is bounded by the file that the config came from.

    Beyond it, allocating fails as on a machine without more memory. Linux only, as only there a process has a limit of
    its private memory; other configs are not limited.
    """
    size = getattr(cfg, 'file_size', 0) if type(cfg) is not Config else 0
    used = _private_bytes() if size and resource else None
    if used is None:
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = used + _TIMES_FILE * size + _ALWAYS
    known = [value for value in (limit, before, hard) if value != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _private_bytes() -> int | None:
    """What RLIMIT_DATA counts, at the moment; None where the system does not say."""
    try:
        with open('/proc/self/status') as file:
            kibibytes = [line.split()[1] for line in file if line.startswith('VmData:')]
    except OSError:
        return None
    return int(kibibytes[0]) * 1024 if kibibytes else None
