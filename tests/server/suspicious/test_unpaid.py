"""A debt that nobody has paid for a week stands in the report, with who let the customer play so."""

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.suspicious.happened import Finding
from lovhub.server.suspicious.telling import tell
from tests.server.sessions.test_in_debt import OnCredit
from tests.support.club import CASHIER, People
from tests.support.statements import asked
from tests.support.suspicious import told

DAY = 24 * 3600


def old_debts(club: ClubContext, from_at: int = 0, until_at: int = 1 << 40) -> list[Finding]:
    return [one for one in told(club, from_at, until_at) if one.judged.group == "unpaid"]


def plays_and_leaves(visit: OnCredit) -> None:
    """Ten minutes, for 100 ₸."""
    session = visit.seat(key=f"seat {visit.customer} {visit.clock.now()}")
    visit.play(600)
    visit.leave(session)


def test_a_debt_is_told_once_it_is_a_week_old_and_while_it_is_owed(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    visit = OnCredit(club, people, clock)
    for tenge in (100, 0):  # one that was paid, long ago, and one that is not
        begun_at = clock.now()
        plays_and_leaves(visit)
        if tenge:
            visit.pay_in(tenge)
        clock.advance(30)
    clock.advance(begun_at + 7 * DAY - 1 - clock.now())
    assert old_debts(club) == []
    clock.advance(1)
    [line] = old_debts(club)
    assert (line.at, line.person, line.person_id, line.customer_id, line.judged.amount_tiyn) == (
        begun_at + 7 * DAY,
        CASHIER.name,
        CASHIER.id,
        visit.customer,
        -100_00,
    )
    with club.read() as db:
        assert tell(db, [line])[0].row.customer_login == "player1"
    assert old_debts(club, line.at, line.at + 1) == [line], "on that day"
    assert old_debts(club, line.at + 1) == old_debts(club, 0, line.at) == [], "and on no other"
    visit.pay_in(40)
    assert [one.judged.amount_tiyn for one in old_debts(club)] == [-60_00]
    visit.pay_in(60)
    assert old_debts(club) == []


def test_however_many_owe_it_is_read_at_once(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    counts = []
    for _visit in range(2):
        visit = OnCredit(club, people, clock)
        plays_and_leaves(visit)
        clock.advance(7 * DAY)
        with asked(club) as statements:
            found = old_debts(club)
        counts.append((len(found), len(statements)))
    assert [lines for lines, _statements in counts] == [1, 2]
    assert counts[0][1] == counts[1][1] <= 14
