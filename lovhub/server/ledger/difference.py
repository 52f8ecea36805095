"""What does not add up in the books."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Something that does not add up. `kind` is a code; `subject` an id; both amounts in the unit meant."""

    kind: str
    subject: int
    kept: int
    recomputed: int
