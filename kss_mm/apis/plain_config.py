"""The config inside a checkpoint, read as data: a file of weights must not run code."""

import ast
from typing import Any


def parse_plain(text: str) -> dict[str, Any]:
    """Names and values of a config in Python's syntax, as MMEngine writes it into checkpoints, without running it.

    Only assignments of numbers, texts, None, dicts (also as ``dict(...)``), lists, tuples and sets are read.

    Raises:
        ValueError: for anything else, naming it.
        SyntaxError: for text that is no Python.
    """
    values = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                values[name] = _value(statement.value)
            case _:
                raise ValueError(_not_plain(statement))
    return values


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Call(func=ast.Name(id='dict'), args=[]) if all(keyword.arg for keyword in node.keywords):
            return {keyword.arg: _value(keyword.value) for keyword in node.keywords}
        case ast.Call(func=ast.Name(id='dict'), args=[ast.Dict() as content], keywords=[]):  # keys that are no names
            return _value(content)
        case ast.Dict() if None not in node.keys:
            return {ast.literal_eval(key): _value(value) for key, value in zip(node.keys, node.values)}
        case ast.List():
            return [_value(item) for item in node.elts]
        case ast.Tuple():
            return tuple(_value(item) for item in node.elts)
        case ast.Name(id='inf' | 'nan'):  # as repr() writes them
            return float(node.id)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id='inf')):
            return -float('inf')
        case ast.Constant() | ast.Set() | ast.UnaryOp() | ast.BinOp():
            return ast.literal_eval(node)  # numbers with a sign, complex ones
    raise ValueError(_not_plain(node))


def _not_plain(node: ast.AST) -> str:
    return f'line {node.lineno} is code, not a plain value: {ast.unparse(node)[:60]}'
