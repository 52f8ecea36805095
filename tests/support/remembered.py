"""What is remembered of the books, held against the books after each test of what changes them."""

from collections.abc import Iterator

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.reports import remembered


@pytest.fixture(autouse=True)
def remembered_as_counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Time left and debts were counted before anything happened; what has moved since makes what stands there now."""
    if "club" not in request.fixturenames:
        yield
        return
    club: ClubContext = request.getfixturevalue("club")
    with club.read() as db:
        remembered.left(db, club.club_id)
    yield
    with club.read() as db:
        counted = remembered.counted(db, club.club_id)
        assert remembered.left(db, club.club_id) == counted
