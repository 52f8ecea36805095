"""How a handler closes a connection."""

from lovhub.protocol.channel import Error

FIRST_WORD_SECONDS = 10.0
"""How long a stranger may stay silent."""


class Refused(Exception):
    """The connection is to be closed with this last word."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.code)
        self.error = error
