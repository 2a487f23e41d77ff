"""Names of files as people have them, from the paths and addresses under which annotation tools served them."""

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs, unquote, urlsplit

#: Where Label Studio keeps what was uploaded to it; it puts eight digits before each name.
UPLOADS = '/data/upload/'
_UPLOADED = re.compile(r'/data/upload/(?:\d+/)?(?:[0-9a-f]{8}-)?(?P<name>[^/]+)$')
_LOCAL = '/data/local-files'
_STORAGES = ('s3', 'gs', 'azure-blob', 'http', 'https')


def clean_names(names: Sequence[str]) -> list[str]:
    """Names without what tools put around them; those that would then be one stay as they are.

    >>> clean_names(['/data/upload/3/ab12cd34-a b.mp4', '/data/local-files/?d=x/c.mp4', 's3://bucket/d.mp4', 'e.mp4'])
    ['a b.mp4', 'x/c.mp4', 'd.mp4', 'e.mp4']
    """
    if not any('/data/' in name or '://' in name for name in names):
        return list(names)
    cleaned = {name: _clean(name) for name in dict.fromkeys(names)}
    counts = Counter(cleaned.values())
    return [name if counts[cleaned[name]] > 1 else cleaned[name] for name in names]


def _clean(name: str) -> str:
    try:
        address = urlsplit(name)
        query = parse_qs(address.query)
    except ValueError:  # brackets that are no address
        return name
    if address.path.startswith(_LOCAL) and 'd' in query:
        return query['d'][0]
    if match := _UPLOADED.match(unquote(address.path) if address.scheme else name):
        return match['name']
    if address.scheme not in _STORAGES:
        return name
    if 'youtube.' in address.netloc and 'v' in query:
        return query['v'][0]
    return unquote(address.path).lstrip('/') or name
