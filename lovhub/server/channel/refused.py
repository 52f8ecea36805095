"""How a handler closes a connection."""

from sqlalchemy.exc import DataError

from lovhub.protocol.channel import Error

FIRST_WORD_SECONDS = 10.0
"""How long a stranger may stay silent."""


BEYOND_ANY_COLUMN = (OverflowError, DataError)
"""A number or text that is of the right kind and that no database holds: the frame's fault, not the program's."""


class Refused(Exception):
    """The connection is to be closed with this last word."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.code)
        self.error = error
