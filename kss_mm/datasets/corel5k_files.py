"""The annotation files of Corel-5k as they are passed around: words, and the numbers of each picture's words."""

import os

from kss_mm.errors import InputError, MissingFileError, shown
from kss_mm.text_files import read_text

#: The parts of the data set and what their files are called.
SPLITS = {'train': ('labels/training_label', 'train_jpeg'), 'test': ('labels/test_label', 'test_jpeg')}
WORDS = 'labels/words'
#: Ending of the pictures.
ENDING = '.jpeg'


def read_words(root: str) -> list[str]:
    """All words, of which an annotation holds the numbers, counted from 1.

    Raises:
        MissingFileError, InputError: If the file is not there, is empty, or names a word twice.
    """
    path = os.path.join(root, WORDS)
    words = [line.strip() for line in read_text(path, 'list of words').splitlines() if line.strip()]
    if not words:
        raise InputError(f'{path}: holds no words; take the file as it was released')
    if len(set(words)) < len(words):
        twice = next(word for word in words if words.count(word) > 1)
        raise InputError(f'{path}: the word {shown(twice)} stands there twice; take the file as it was released')
    return words


def read_annotations(root: str, split: str, words: int) -> dict[str, list[int]]:
    """Picture -> the numbers of its words, counted from 0, in the file's order.

    Args:
        words: How many words there are.

    Raises:
        MissingFileError, InputError: If the file is not there, or a line is not the name of a picture and numbers.
    """
    path = os.path.join(root, SPLITS[split][0])
    found: dict[str, list[int]] = {}
    for number, line in enumerate(read_text(path, 'annotation file').splitlines(), 1):
        name, *numbers = line.split() or [None]
        if name is None:
            continue
        where = f'{path}:{number}'
        if name in found:
            raise InputError(f'{where}: the picture {shown(name)} stands there twice; remove one of the lines')
        if odd := [text for text in numbers if not (text.isascii() and text.isdecimal())]:
            raise InputError(f'{where}: {shown(odd[0])} is not the number of a word; a line is the name of a picture '
                             'and the numbers of its words')
        labels = [int(text) - 1 for text in numbers]
        if outside := [label + 1 for label in labels if not 0 <= label < words]:
            raise InputError(f'{where}: there is no word {outside[0]}, {WORDS} has {words}')
        found[name] = sorted(set(labels))
    if not found:
        raise InputError(f'{path}: holds no pictures; take the file as it was released')
    return found


def check_folder(root: str) -> None:
    """Raise MissingFileError unless ``root`` is a folder that looks like the release."""
    if not os.path.isdir(root):
        raise MissingFileError(f'{root}: no such folder (data_root of the dataset)')
    for name in (WORDS, *(file for file, _ in SPLITS.values())):
        if not os.path.isfile(os.path.join(root, name)):
            raise MissingFileError(f'{os.path.join(root, name)}: no such file; data_root must hold labels/, '
                                   f'{" and ".join(f"{folder}/" for _, folder in SPLITS.values())} of Corel-5k')
