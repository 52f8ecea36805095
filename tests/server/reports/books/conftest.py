"""The clock begins shortly before the end of a month."""

from datetime import datetime

import pytest

from lovhub.clock import ManualClock
from tests.server.reports.books.busy_club import ALMATY


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(datetime(2027, 3, 28, 9, tzinfo=ALMATY).timestamp()))
