"""When PCs were last heard, as it is written down for a whole hall at once."""

from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.computers import queries, service
from lovhub.server.computers.models import COMPUTERS_IN_A_ROW, SignsOfLife
from lovhub.server.context import ClubContext
from tests.support.club import found_another_club, found_club
from tests.support.databases import each_database as database_url

__all__ = ["database_url"]

FAR = 10 * COMPUTERS_IN_A_ROW
HALL = range(1, FAR, COMPUTERS_IN_A_ROW // 4)


def written(club: ClubContext) -> dict[int, int]:
    with club.read() as db:
        return dict(queries.last_seen(db, club.club_id))


def rows(club: ClubContext) -> int:
    with club.read() as db:
        return len(db.scalars(select(SignsOfLife.part)).all())


def test_each_pc_keeps_what_was_last_written_of_it(club: ClubContext) -> None:
    service.flush_last_seen(club, {1: 100, 2: 100, FAR: 100})
    service.flush_last_seen(club, {})
    service.flush_last_seen(club, {2: 105, FAR + 1: 106})
    assert written(club) == {1: 100, 2: 105, FAR: 100, FAR + 1: 106}
    service.flush_last_seen(club, {1: 90})  # the clock was set back
    assert written(club) == {1: 90, 2: 105, FAR: 100, FAR + 1: 106}


def test_one_pc_and_some_are_found_among_all(club: ClubContext) -> None:
    service.flush_last_seen(club, {number: 1_000 + number for number in HALL})
    with club.read() as db:
        assert {pc: queries.last_seen_at(db, club.club_id, pc) for pc in HALL} == written(club)
        assert queries.last_seen_at(db, club.club_id, 2) is None
        assert queries.last_seen_at(db, club.club_id, FAR + 1) is None
        some = (HALL[0], HALL[-1], 2, FAR)
        assert queries.last_seen(db, club.club_id, some) == {
            HALL[0]: 1_000 + HALL[0],
            HALL[-1]: 1_000 + HALL[-1],
        }
        assert queries.last_seen(db, club.club_id, []) == {}


def test_the_last_of_all_is_when_the_server_last_heard(club: ClubContext) -> None:
    with club.read() as db:
        assert queries.last_heard_at(db, club.club_id) is None
    service.flush_last_seen(club, {1: 7, FAR: 9, 2: 8})
    with club.read() as db:
        assert queries.last_heard_at(db, club.club_id) == 9


def test_a_hall_takes_few_rows(club: ClubContext) -> None:
    """A row costs its seal, and these are written every few seconds."""
    service.flush_last_seen(club, dict.fromkeys(range(1, 2_001), 7))
    assert rows(club) == 8


def test_clubs_of_one_database_have_their_own(database_url: str, clock: ManualClock) -> None:
    first = found_club(database_url, clock)
    second = found_another_club(first.database, clock, club_id=2)
    service.flush_last_seen(first, {1: 100})
    service.flush_last_seen(second, {2: 200})
    assert (written(first), written(second)) == ({1: 100}, {2: 200})
    first.database.close()
