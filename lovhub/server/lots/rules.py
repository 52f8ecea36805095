"""In which order bought time is played, and what becomes of it when the player leaves. Pure."""

from typing import Literal, cast

WhenLeaving = Literal["kept", "runs_on", "expires", "refunded"]

ORDER_OF_KINDS = ("fixed_end", "package", "bundle", "per_minute")
"""What ends by itself first, then packages, then what keeps for days, and last the balance."""


def order_of_use(
    kind: str, expires_at: int | None, sold_at: int, lot_id: int
) -> tuple[int, bool, int, int, int]:
    """The key to sort lots by: by kind, of one kind what expires first, then what was sold first."""
    place = ORDER_OF_KINDS.index(kind)
    return place, expires_at is None, expires_at or 0, sold_at, lot_id


def when_leaving(kind: str, rest_rule: str, *, begun: bool) -> WhenLeaving:
    """What becomes of the rest: a fixed end runs on, and a package that was begun follows its rule."""
    if kind == "fixed_end":
        return "runs_on"
    if kind == "package" and begun:
        return cast("WhenLeaving", rest_rule)
    return "kept"
