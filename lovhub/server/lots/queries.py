"""Questions about bought time."""

from sqlalchemy import ColumnElement, SQLColumnExpression, case

from lovhub.server.lots.models import Lot


def playable(
    seconds: SQLColumnExpression[int], now: SQLColumnExpression[int] | int
) -> ColumnElement[int]:
    """Of a lot's `seconds`, those that can still be played before it expires."""
    until_expiry = Lot.expires_at - now
    return case(
        (Lot.expires_at.is_(None), seconds),
        (until_expiry <= 0, 0),
        (until_expiry < seconds, until_expiry),
        else_=seconds,
    )
