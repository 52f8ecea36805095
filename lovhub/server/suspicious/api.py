"""The suspicious report, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.suspicious import telling
from lovhub.server.suspicious.pages import words
from lovhub.server.suspicious.queries import Report
from lovhub.server.suspicious.telling import Line
from lovhub.server.web import current
from lovhub.server.web.api import Question, answer, blueprint

api = blueprint("suspicious", "suspicious")


class Stretch(Question):
    """Instants in UTC epoch seconds; `until_at` is not included."""

    from_at: Annotated[int, Field(ge=0, le=current.LARGEST_ID)]
    until_at: Annotated[int, Field(ge=0, le=current.LARGEST_ID)]


class SuspicionShown(BaseModel):
    """One line.

    `by_watch`: nobody did it; it happened in this person's shift, or (`by_sign_in`) while there was none, and they had
    signed in last. `times`: how many alike it stands for.
    """

    at: int
    group: str
    person_id: int | None
    person: str
    by_watch: bool
    by_sign_in: bool
    text: str
    amount_tiyn: int
    seconds: int
    customer_id: int | None
    computer_id: int | None
    shift_id: int | None
    payment_id: int | None
    times: int


class Findings(BaseModel):
    """The newest first. `cut`: there are more; from `whole_from_at` on (null: in the whole stretch) these are all.

    Older ones are asked for with that instant as `until_at`; some of them may be among these, and of what was put on
    one account again and again across it both tell. Where it is `until_at` itself, more than is read at once is of one
    second.
    """

    findings: list[SuspicionShown]
    cut: bool
    whole_from_at: int | None


@api.get("/suspicious", responses={HTTPStatus.OK: Findings})
def show(query: Stretch) -> Response:
    """Corrections, voids, time without money, differences and alarms, each with a person."""
    club = current.club()
    with club.read() as db:
        report = Report(db, club.club_id, query.from_at, query.until_at, club.clock.now())
        found = report.find()
        lines = telling.tell(db, found.findings)
    since = found.whole_from_at
    return answer(
        Findings(
            findings=[_shown(line) for line in lines], cut=since is not None, whole_from_at=since
        )
    )


def _shown(line: Line) -> SuspicionShown:
    one = line.finding
    return SuspicionShown(
        at=one.at,
        group=one.judged.group,
        person_id=one.person_id,
        person=one.person,
        by_watch=one.by_watch,
        by_sign_in=one.by_sign_in,
        text=words(line),
        amount_tiyn=one.judged.amount_tiyn,
        seconds=one.judged.seconds,
        customer_id=one.customer_id,
        computer_id=one.computer_id,
        shift_id=line.shift_id,
        payment_id=line.payment_id,
        times=1 if one.burst is None else one.burst.times,
    )
