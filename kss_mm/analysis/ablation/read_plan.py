"""The YAML file of a plan; every mistake in it is told in one line, before anything is trained."""

import os
from dataclasses import MISSING, fields

import yaml

from kss_mm.analysis.ablation.options import as_text, checked
from kss_mm.analysis.ablation.plan import Choice, Plan, Row, check_folders
from kss_mm.errors import InputError, MissingFileError
from kss_mm.package_files import package_config


def read_plan(path: str) -> Plan:
    """The plan in a YAML file.

    Raises:
        MissingFileError, InputError: It, or a config in it, is not there; or it is not a plan.
    """
    path = package_config(path)
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such list of runs')
    try:
        with open(path, encoding='utf-8') as file:
            return _plan(yaml.safe_load(file))
    except (InputError, MissingFileError) as error:
        raise type(error)(f'{path}: {error}') from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: bytes that are not UTF-8, impossible dates
        raise InputError(f'{path}: no YAML in UTF-8 ({" ".join(str(error).split())})') from error


def _plan(content) -> Plan:
    content = _content(content, Plan, 'the plan', optional='columns')
    return Plan(**{
        **content,
        'seeds': tuple(_list(content['seeds'], 'seeds')),
        'also': tuple(_list(content.get('also', []), 'also')),
        'rows': tuple(_row(name, row) for name, row in _named(content['rows'], 'rows').items()),
        'columns': _columns(content.get('columns'), 'columns') or {'all': {}},
        'options': _options(content.get('options'), 'options'),
        'choice': _choice(content['choice']) if 'choice' in content else None,
    })


def _row(name: str, content) -> Row:
    where = f'row {name!r}'
    content = _content(content, Row, where)
    return Row(name, content['config'], _options(content.get('options'), f'{where}: options'),
               _columns(content.get('columns'), f'{where}: columns'),
               str(content['choice_of']) if 'choice_of' in content else None,
               tuple(map(str, _list(content['only'], f'{where}: only'))) if 'only' in content else None)


def _choice(content) -> Choice:
    content = _content(content, Choice, 'choice')
    option, values = str(content['option']), _list(content['values'], 'choice: values')
    texts = [as_text(value) for value in values]
    check_folders('choice values', texts)
    changes = {text: checked({option: value}, 'choice: values') for text, value in zip(texts, values)}
    return Choice(option, changes, content['seed'], _options(content.get('options'), 'choice: options'))


def _columns(content, where: str) -> dict[str, dict]:
    return {name: _options(options, f'{where}: {name}') for name, options in _named(content, where).items()}


def _options(content, where: str) -> dict:
    return checked(_named(content, where), where)


def _content(content, kind: type, where: str, optional: str = '') -> dict:
    """The values that a mapping gives for the fields of ``kind``; a field left empty counts as left out."""
    content = {name: value for name, value in _named(content, where).items() if value is not None}
    known = [entry for entry in fields(kind) if entry.name != 'name']  # a row's name stands before its fields
    required = [entry.name for entry in known if entry.default is entry.default_factory is MISSING]
    if missing := [name for name in required if name not in content and name != optional]:
        raise InputError(f'{where} has no {", ".join(missing)}')
    if unknown := content.keys() - {entry.name for entry in known}:
        raise InputError(f'{where} has {", ".join(sorted(unknown))}, which is none of '
                         f'{", ".join(entry.name for entry in known)}')
    return content


def _named(content, where: str) -> dict:
    """A mapping with text for names, such as 600; an empty one where nothing stands."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f'{where}: expected lines of NAME: VALUE, got {content!r}')
    named = {str(name): value for name, value in content.items()}
    if len(named) < len(content):
        raise InputError(f'{where}: two names are the same text: {", ".join(map(repr, content))}')
    return named


def _list(content, where: str) -> list:
    if not isinstance(content, list):
        raise InputError(f'{where}: expected a list, got {content!r}')
    return content
