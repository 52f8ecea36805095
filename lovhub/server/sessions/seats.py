"""A PC as the live hall shows it, for the pages that seat people there."""

from collections.abc import Iterable

from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallRow
from lovhub.server.web import current


def row(computer_id: int | None) -> HallRow:
    """The PC; refused with `computer_unknown`."""
    only = frozenset() if computer_id is None else frozenset({computer_id})
    for shown in current.server().hall.snapshot(only).rows:
        if shown.computer_id == computer_id:
            return shown
    raise OperationRefused("computer_unknown")


def row_of(session_id: int, rows: Iterable[HallRow] | None = None) -> HallRow:
    """The PC where the session runs, of these or of all; refused with `session_over`."""
    for shown in current.server().hall.snapshot().rows if rows is None else rows:
        if shown.session is not None and shown.session.session_id == session_id:
            return shown
    raise OperationRefused("session_over")


def require_link(pc: HallRow) -> None:
    """Nobody pays for a PC that does not answer: its lock would stay shut."""
    if pc.link != "linked":
        raise OperationRefused("computer_silent")
