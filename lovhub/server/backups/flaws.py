"""What the check of a backup's books has found, kept as data: put into words for whoever reads it (`texts.py`)."""

import msgspec

from lovhub.server.ledger.difference import Difference


class Flaws(msgspec.Struct, frozen=True):
    """How many differences there are, and the first of them."""

    number: int
    first: Difference
