"""Errors that the user can mend: the command-line tools show them as one line, without a stack."""


class UserError(Exception):
    """Base of all errors that name a bad input and its remedy."""


class InputError(UserError, ValueError):
    """A value, file or config that cannot be used as it is."""


class MissingFileError(UserError, FileNotFoundError):
    """A file or folder that is not where it should be."""


class MissingCheckpointError(MissingFileError):
    """A checkpoint that is not where it should be."""


class BadVideoError(InputError):
    """A video file that cannot be read."""


class MissingHostError(UserError, ImportError):
    """A framework that the requested component belongs to is absent or of an unsupported version."""
