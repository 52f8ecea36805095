"""In which order bought time is played. Pure."""

ORDER_OF_KINDS = ("fixed_end", "package", "bundle")
"""What ends by itself first, then packages, then what keeps for days."""


def order_of_use(
    kind: str, expires_at: int | None, sold_at: int, lot_id: int
) -> tuple[int, bool, int, int, int]:
    """The key to sort lots by: by kind, of one kind what expires first, then what was sold first."""
    place = ORDER_OF_KINDS.index(kind)
    return place, expires_at is None, expires_at or 0, sold_at, lot_id
