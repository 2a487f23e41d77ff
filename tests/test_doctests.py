"""The examples in docstrings give what they say, and the functions that users call have one."""

import doctest
import importlib
import inspect
import pkgutil

import pytest
from conftest import ROOT

import kss_mm.graph

# What only the tools print, and how a file is packed.
WITHOUT = {'archive', 'report', 'report_warnings', 'text_vectors', 'label_readers'}
DOCUMENTED = [f'kss_mm.graph.{module.name}' for module in pkgutil.iter_modules(kss_mm.graph.__path__)
              if module.name not in WITHOUT] + [
    f'kss_mm.evaluation.{name}' for name in (
        'annotation_protocol', 'bootstrap', 'calibration', 'functional', 'label_pairs', 'localization', 'match_classes',
        'thresholds')]
WITH_EXAMPLES = sorted('.'.join(path.relative_to(ROOT).with_suffix('').parts) for path in ROOT.glob('kss_mm/**/*.py')
                       if '>>> ' in path.read_text(encoding='utf-8'))


@pytest.mark.parametrize('name', WITH_EXAMPLES)
def test_examples(name):
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried and not failed  # the differences stand in the captured output


@pytest.mark.parametrize('name', DOCUMENTED)
def test_public_functions_have_an_example(name):
    module = importlib.import_module(name)
    functions = [value for key, value in vars(module).items() if inspect.isfunction(value) and not key.startswith('_')
                 and value.__module__ == name]
    assert not [function.__name__ for function in functions if '>>> ' not in (inspect.getdoc(function) or '')]


def test_exported_classes_have_an_example():
    assert '>>> ' in kss_mm.graph.LabelGraph.__doc__
    assert {'statistics', 'knowledge', 'superimpose', 'label_files'} <= {name.rpartition('.')[2] for name in DOCUMENTED}
