"""The PCs that a dialog of the counter is about."""

from dataclasses import dataclass

from flask import request

from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallRow
from lovhub.server.sessions.together import MOST_COMPUTERS
from lovhub.server.web import current


@dataclass(frozen=True)
class Chosen:
    """The PCs that a dialog is about: those chosen, or all where somebody plays.

    `ids` are those that were asked for, also when the hall no longer shows one: the operation then says so,
    rather than the amount being another than the one that was shown.
    """

    ids: list[int]
    rows: list[HallRow]
    everybody: bool


def chosen_computers() -> Chosen:
    """The PCs named in the address or in the form; all that play, if `all` is asked for."""
    hall = current.server().hall
    if request.values.get("all"):
        playing = [row for row in hall.snapshot().rows if row.session is not None]
        return Chosen([row.computer_id for row in playing], playing, everybody=True)
    texts_sent = request.values.getlist("pc")[: MOST_COMPUTERS + 1]
    asked = {number for text in texts_sent if (number := current.number(text)) is not None}
    if not asked and request.method == "POST":
        raise OperationRefused("no_computers_chosen")
    shown = hall.snapshot(frozenset(asked)).rows
    rows = [row for row in shown if row.computer_id in asked]
    return Chosen(sorted(asked), rows, everybody=False)
