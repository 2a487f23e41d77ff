"""Read from a pickle what it would build, without building it.

A pickle of a few kB can name a class of 100,000 letters (over whose refusal torch ponders for minutes), nest tuples
until Python crashes, repeat its parts until memory ends, or claim storages that its file does not hold.
"""

import pickletools
import re
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from kss_mm.errors import shown

# Names of classes and functions in a pickle; those that torch allows have 45 letters at most.
_LONGEST_NAME = 200
# Of tuples, lists and dicts within each other; a checkpoint of a run has less than ten.
_DEEPEST = 100
# How often a pickle may repeat its parts: values that it builds, to its bytes.
_REPEATED, _FREE_VALUES = 64, 1_000_000
_GLOBAL = re.compile(r'[\w.]+ [\w.]+')


class BadPickle(ValueError):
    """A pickle that is damaged, or built to harm."""


class UnsafeName(BadPickle):
    """A pickle that names a class or function which no checkpoint needs."""


class Storage(NamedTuple):
    """A storage that a pickle asks for: name of its class, key, and number of elements."""

    kind: str
    key: str
    numel: int


class _Global(str):
    """A class or function, by its name."""


@dataclass(slots=True)
class _Value:
    """A value on the pickle machine's stack: how deep it nests, how many values are in it, and it itself if needed."""

    depth: int = 0
    size: int = 1
    known: Any = None


_MARK = object()


_CONSTANTS = frozenset(('BININT', 'BININT1', 'BININT2', 'BINFLOAT', 'BINUNICODE', 'SHORT_BINUNICODE',
                        'SHORT_BINSTRING', 'BINSTRING', 'LONG1', 'INT', 'LONG', 'NONE', 'NEWTRUE', 'NEWFALSE'))
# Stands for every constant but the few that a storage is named by.
_CONSTANT = _Value()


def scan(file: BinaryIO) -> list[Storage]:
    """The storages that the pickle at a file's position asks for; the position is behind it then.

    Args:
        file: A BytesIO or a mapped file; it is read in tiny pieces, so it must be in memory.

    Raises:
        BadPickle: Naming what is wrong.
    """
    start = file.tell()
    stack, memo, storages = [], {}, []
    push = stack.append
    try:
        for operation, argument, _ in pickletools.genops(file):
            if operation.name in _CONSTANTS:  # most of a long log, so without any ado
                push(_CONSTANT if argument.__class__ is float or argument is None else _Value(known=argument))
            else:
                _step(operation, argument, stack, memo, storages)
                if stack and stack[-1] is not _MARK:
                    _check(stack[-1], file.tell() - start)
    except BadPickle:
        raise
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise BadPickle(f'its pickle is damaged ({shown(str(error))})') from error
    return storages


def _check(value: _Value, read: int) -> None:
    if value.depth > _DEEPEST:
        raise BadPickle('its values are nested too deeply')
    if value.size > _FREE_VALUES and value.size > _FREE_VALUES + _REPEATED * read:
        raise BadPickle('its values repeat each other without end')


def _step(operation: pickletools.OpcodeInfo, argument: Any, stack: list, memo: dict, storages: list[Storage]) -> None:
    """One operation of the pickle machine."""
    name = operation.name
    if name in ('BINPUT', 'LONG_BINPUT', 'PUT', 'MEMOIZE'):
        memo[len(memo) if argument is None else argument] = stack[-1]
    elif name in ('BINGET', 'LONG_BINGET', 'GET'):
        stack.append(memo[argument])
    elif name == 'MARK':
        stack.append(_MARK)
    elif name in ('GLOBAL', 'STACK_GLOBAL', 'INST'):
        _push_global(name, argument, stack)
    else:
        items = _popped(operation, stack)
        if name in ('REDUCE', 'NEWOBJ') and not isinstance(items[0].known, _Global):
            raise BadPickle('its pickle calls something other than a class or function')
        if name == 'BINPERSID':
            storages += _storage(items[0].known)
        if operation.stack_after:
            stack.append(_built(name, items))


def _built(name: str, items: list[_Value]) -> _Value:
    """The result of an operation on the values that it took from the stack."""
    if name in _FILLING:  # a container that may stand elsewhere, too
        whole, *parts = items
        if whole is _CONSTANT or whole.known is not None:
            raise BadPickle('its pickle fills something other than a container')
        whole.depth = max(whole.depth, 1 + max((part.depth for part in parts), default=0))
        whole.size += sum(part.size for part in parts)
        return whole
    known = tuple(item.known for item in items) if name.startswith('TUPLE') and len(items) <= 6 else None
    return _Value(1 + max((item.depth for item in items), default=0), 1 + sum(item.size for item in items), known)


_FILLING = ('APPEND', 'APPENDS', 'SETITEM', 'SETITEMS', 'ADDITEMS', 'BUILD')


def _push_global(name: str, argument: Any, stack: list) -> None:
    if name == 'STACK_GLOBAL':
        function, module = stack.pop().known, stack.pop().known
        argument = f'{module} {function}'
    if not _GLOBAL.fullmatch(argument) or len(argument) > _LONGEST_NAME:
        raise UnsafeName(f'it asks for {shown(argument)}')
    if name == 'INST':
        while stack.pop() is not _MARK:
            pass
    stack.append(_Value(known=_Global(argument)))


def _popped(operation: pickletools.OpcodeInfo, stack: list) -> list[_Value]:
    """The values that an operation takes from the stack, in order."""
    taken = []
    before = operation.stack_before
    if pickletools.markobject in before:
        while (item := stack.pop()) is not _MARK:
            taken.append(item)
        before = before[:before.index(pickletools.markobject)]
    for _ in before:
        item = stack.pop()
        if item is _MARK:
            raise BadPickle('its pickle is damaged')
        taken.append(item)
    return taken[::-1]


def _storage(reference: Any) -> list[Storage]:
    """The storage of a persistent reference, as torch.save writes it."""
    match reference:
        case ('storage', _Global() as kind, str() as key, _, int() as numel, *_) if numel >= 0:
            return [Storage(kind.rpartition(' ')[2], key, numel)]
        case ('module', _Global() as kind, *_):  # a whole network, as Python code
            raise UnsafeName(f'it asks for {kind}')
    raise BadPickle(f'it refers to {shown(reference)}, which is not a storage')
