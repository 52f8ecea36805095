"""What an operation tells after its commit."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import ComputerChanged, CustomerChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from tests.support.club import found_club


@pytest.fixture
def club(database_url: str) -> Iterator[ClubContext]:
    club = found_club(database_url, ManualClock())
    yield club
    club.database.close()


def test_each_piece_of_news_is_told_once_in_the_order_in_which_it_came(club: ClubContext) -> None:
    told: list[News] = []
    club.bus.listen(told.append)
    with club.write() as work:
        for number in (2, 1, 2):
            work.tell(ComputerChanged(number))
        work.tell(CustomerChanged(2))
        assert not told
    assert told == [ComputerChanged(2), ComputerChanged(1), CustomerChanged(2)]


def test_news_of_a_part_that_is_undone_are_not_told(club: ClubContext) -> None:
    told: list[News] = []
    club.bus.listen(told.append)
    with club.write() as work:
        work.tell(ComputerChanged(1))
        with suppress(OperationRefused), work.attempt():
            work.tell(ComputerChanged(2))
            raise OperationRefused("no_time_left")
        with work.attempt():
            work.tell(ComputerChanged(3))
    assert told == [ComputerChanged(1), ComputerChanged(3)]
