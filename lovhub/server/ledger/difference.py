"""What does not add up in the books."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Something that does not add up. `kind` is a code; `subject` an id; both amounts in the unit meant.

    `detail`: of a row that decides something, its columns with what was told of them and what is there.
    `club`: in a chain, what the club is called whose row that is.
    """

    kind: str
    subject: int
    kept: int
    recomputed: int
    detail: str = ""
    club: str = ""
