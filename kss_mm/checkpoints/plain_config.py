"""The config inside a checkpoint, read as data: a file of weights must not run code."""

import ast
import keyword
import warnings
from typing import Any

from kss_mm.errors import shown

# The config of 10,000 labels has a few hundred kB. Python's parser takes some 100 times a text's bytes of memory.
LONGEST_CONFIG = 8_000_000
# Brackets within each other; configs have less than 20.
_DEEPEST = 60


def parse_plain(text: str) -> dict[str, Any]:
    """Names and values of a config in Python's syntax, as MMEngine writes it into checkpoints, without running it.

    Only assignments of numbers, texts, None, dicts (also as ``dict(...)``), lists, tuples and sets are read. Keys are
    such that MMEngine writes them down as it reads them.

    Raises:
        ValueError: For anything else, naming it; also for text that is not Python, is too long, or nested too deeply.
    """
    if len(text) > LONGEST_CONFIG:
        raise ValueError(f'it has {len(text):,} characters')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # of odd escapes, which Python would print with the text
            statements = ast.parse(text).body
    except SyntaxError as error:
        raise ValueError(f'line {error.lineno or 1} is not Python: {error.msg}') from None
    except (RecursionError, MemoryError):  # the parser's own limits
        raise ValueError('its values are nested too deeply') from None
    except (ValueError, OverflowError) as error:  # NUL bytes, lone surrogates, numbers of 5,000 digits
        raise ValueError(f'it is not Python: {shown(str(error))}') from None
    values: dict[str, Any] = {}
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                _add(values, name, _value(statement.value), statement)
            case _:
                raise ValueError(_not_plain(statement))
    return values


def _value(node: ast.expr, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f'line {node.lineno} has values that are nested too deeply')
    match node:
        case ast.Call(func=ast.Name(id='dict'), args=[]) if all(item.arg for item in node.keywords):
            return _dict([(item.arg, item.value) for item in node.keywords], node, depth)
        case ast.Call(func=ast.Name(id='dict'), args=[ast.Dict() as inner], keywords=[]):  # keys that are not names
            return _value(inner, depth)
        case ast.Dict() if None not in node.keys:
            return _dict([(_key(key), value) for key, value in zip(node.keys, node.values)], node, depth)
        case ast.List():
            return [_value(item, depth + 1) for item in node.elts]
        case ast.Tuple():
            return tuple(_value(item, depth + 1) for item in node.elts)
        case ast.Set(elts=items) if all(isinstance(item, ast.Constant) for item in items):
            return {_constant(item) for item in items}
        case ast.Name(id='inf' | 'nan'):  # as repr() writes them
            return float(node.id)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id='inf')):
            return -float('inf')
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if number is not True:
            return -number
        case ast.Constant():
            return _constant(node)
    raise ValueError(_not_plain(node))


def _dict(items: list[tuple[str | int, ast.expr]], node: ast.AST, depth: int) -> dict[str | int, Any]:
    content: dict[str | int, Any] = {}
    for key, value in items:
        _add(content, key, _value(value, depth + 1), node)
    return content


def _constant(node: ast.Constant) -> Any:
    if isinstance(node.value, str | int | float | None):
        return node.value
    raise ValueError(_not_plain(node))


def _key(node: ast.expr) -> str | int:
    """A key that MMEngine can write down again: it puts texts between quotes as they are, so that others would end
    these and go on as code in the config that a run leaves in its folder."""
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.Constant(value=str() as text) if text.isprintable() and not set(text) & set('\'"\\{}'):
            return text
    raise ValueError(f'line {node.lineno} has a key that is not a plain one: {shown(ast.unparse(node))}')


def _add(content: dict, key: str | int, value: Any, node: ast.AST) -> None:
    if key in content:
        raise ValueError(f'line {node.lineno} gives {shown(key)} twice')
    if isinstance(key, str) and keyword.iskeyword(key):
        raise ValueError(f'line {node.lineno} names a value {shown(key)}, a word of Python')
    content[key] = value


def _not_plain(node: ast.AST) -> str:
    try:
        code = ast.unparse(node)
    except RecursionError:  # it goes deeper than the parser
        code = type(node).__name__
    return f'line {node.lineno} is code, not a plain value: {shown(code)}'
