"""XML files from anyone: read whole, or refused in one line; no entity or document type is ever followed."""

import os
from xml.etree import ElementTree

from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import PathLike


class _WithoutDoctype(ElementTree.TreeBuilder):
    """Stops before the declarations in which entities that grow without end, or name other files, would stand."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise InputError('it declares a document type, as no annotation tool does; take the <!DOCTYPE ...> out')


def read_xml(path: PathLike, what: str = 'XML file') -> ElementTree.Element:
    """The root element of an XML file.

    Args:
        what: Kind of file that is expected, for messages.

    Raises:
        MissingFileError: If it is not there.
        InputError: Naming the file: no XML, or with a document type.
    """
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such {what}')
    parser = ElementTree.XMLParser(target=_WithoutDoctype())
    try:
        with open(path, 'rb') as file:
            return ElementTree.parse(file, parser).getroot()
    except InputError as error:
        raise InputError(f'{path}: {error}') from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise InputError(f'{path}: not a whole {what} ({error})') from error
