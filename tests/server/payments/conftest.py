"""Payments move money: every test of this folder that has a database runs on both."""

from pathlib import Path

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.payments import polling, rules
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.biller import BillerProvider
from tests.server.payments.bank_month import month
from tests.server.payments.scripted import Scripted, at_work
from tests.support.club import People
from tests.support.databases import each_database as database_url

__all__ = ["database_url", "month"]

SECRET = "path-secret-0123456789"


@pytest.fixture(autouse=True)
def the_bank_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a turn is over its questions are answered, on a busy machine as well."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 30.0)


@pytest.fixture
def biller() -> BillerProvider:
    """Kaspi at its documented addresses."""
    return BillerProvider(
        allowed=rules.networks("194.187.247.152, 194.187.245.108"),
        proxies=rules.networks("10.0.0.5"),
        path_secret=SECRET,
    )


@pytest.fixture
def customer_id(club: ClubContext, people: People) -> int:
    """A customer without money."""
    return people.customer(name="Ерлан Серик")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder."""
    return tmp_path


@pytest.fixture
def bank() -> Scripted:
    """Says what the test tells it to say."""
    return Scripted()


@pytest.fixture
def poller(club: ClubContext, bank: Scripted) -> Poller:
    """Asks the bank how its payments stand."""
    return Poller(club, at_work(bank))
