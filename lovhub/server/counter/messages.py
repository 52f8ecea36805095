"""One message to the players at several PCs."""

from collections.abc import Collection

from lovhub.server.computers import queries as computers
from lovhub.server.errors import OperationRefused
from lovhub.server.sessions.together import Outcome, in_one_order
from lovhub.server.web import current


def send(computer_ids: Collection[int], text: str) -> tuple[Outcome, ...]:
    """Send it to each; PCs that do not answer are named. Refused with `text_missing`."""
    if not text.strip():
        raise OperationRefused("text_missing")
    asked = in_one_order(computer_ids)
    club = current.club()
    with club.read() as db:
        ours = {computer.id for computer in computers.current(db, club.club_id, asked)}
    outcomes = []
    for computer_id in asked:
        refusal = "" if computer_id in ours else "computer_unknown"
        if not refusal:
            try:
                current.server().commands.send_message(computer_id, text, current.actor())
            except OperationRefused as refused:
                refusal = refused.code
        outcomes.append(Outcome(computer_id, refusal=refusal))
    return tuple(outcomes)
