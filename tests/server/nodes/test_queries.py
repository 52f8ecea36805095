"""What a server reads of the PCs that others may have."""

from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.nodes import queries
from tests.support.club import People
from tests.support.databases import each_database as database_url

__all__ = ["database_url"]


def test_with_each_pc_stands_when_it_was_last_heard(club: ClubContext, people: People) -> None:
    heard, never, other = (people.computer() for _ in range(3))
    computers.flush_last_seen(club, {heard: 7, other: 8})
    with club.read() as db:
        found = {row.computer_id: row.last_seen_at for row in queries.links(db, club.club_id)}
        some = queries.links(db, club.club_id, [other])
    assert found == {heard: 7, never: None, other: 8}
    assert [(row.computer_id, row.last_seen_at) for row in some] == [(other, 8)]
