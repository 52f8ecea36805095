"""What both systems tell."""

from typing import Literal, NamedTuple

Answer = Literal["answers", "doubtful", "silent"]


class Neighbour(NamedTuple):
    """What the system knows of one IPv4 address in a network that it stands in itself.

    `answers`: the card `mac` has confirmed the address within the last minute or so. `doubtful`: `mac` did so
    longer ago, and may have gone since. `silent`: nobody has answered; `mac` is "".
    """

    address: str
    mac: str
    answer: Answer
