"""News between processes on one PostgreSQL."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from sqlalchemy.engine import Connection

from lovhub.clock import ManualClock
from lovhub.server.backups import command as backup_command
from lovhub.server.bus import (
    AlarmChanged,
    Bus,
    ComputerChanged,
    CustomerChanged,
    GroupsChanged,
    News,
    NewsMissed,
    StaffSessionRevoked,
)
from lovhub.server.club.models import Club
from lovhub.server.nodes import bus as bus_module
from lovhub.server.nodes.bus import PostgresBus, bus_of
from lovhub.server.staff import service as staff_service
from tests.support.club import found_club
from tests.support.serving import run_lovhub
from tests.support.waiting import eventually


def cut(url: str, application: str) -> None:
    """As if the network had gone for a moment."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE %s"
            " AND datname = current_database()",
            [application],
        )


class Ear:
    """A process on the database, and all that it has heard."""

    def __init__(self, url: str, club_id: int = 1) -> None:
        self.bus = bus_of(url, club_id)
        self.heard: list[News] = []
        self.bus.listen(self.heard.append)
        self.bus.start()


@pytest.fixture
def ears(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ear, Ear]]:
    monkeypatch.setattr(bus_module, "HEAR_SECONDS", 0.05)
    monkeypatch.setattr(bus_module, "RETRY_SECONDS", 0.02)
    with ExitStack() as stack:
        first, second = Ear(postgres_url), Ear(postgres_url)
        stack.enter_context(closing(first.bus))
        stack.enter_context(closing(second.bus))
        yield first, second


def test_each_process_hears_each_kind_of_news_once_and_in_order(ears: tuple[Ear, Ear]) -> None:
    first, second = ears
    told = [
        kind(*(range(7, 7 + len(fields(kind)))))  # type: ignore[arg-type]
        for kind in get_args(News)
    ]
    for news in told:
        first.bus.publish(news)
    eventually(lambda: len(second.heard) >= len(told))
    second.bus.publish(AlarmChanged(1))
    eventually(lambda: first.heard[-1] == AlarmChanged(1))
    assert second.heard == [*told, AlarmChanged(1)]
    assert first.heard == [*told, AlarmChanged(1)]


def test_who_was_deaf_for_a_moment_reads_all_anew(ears: tuple[Ear, Ear], postgres_url: str) -> None:
    first, second = ears
    cut(postgres_url, f"lovhub-news-{second.bus._origin}")  # type: ignore[attr-defined]
    eventually(lambda: NewsMissed() in second.heard)
    first.bus.publish(ComputerChanged(2))
    eventually(lambda: ComputerChanged(2) in second.heard)
    assert NewsMissed() not in first.heard


def test_news_that_could_not_be_sent_are_told_as_missed(
    ears: tuple[Ear, Ear], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ears
    first.bus.publish(ComputerChanged(1))
    eventually(lambda: ComputerChanged(1) in second.heard)
    # Only what sends is cut: whoever listens has missed nothing, as far as they know.
    monkeypatch.setattr(bus_module, "_SEND", bus_module.text("SELECT no_such_function(:channels)"))
    first.bus.publish(ComputerChanged(2))
    eventually(lambda: first.bus._has_lost)  # type: ignore[attr-defined]
    monkeypatch.undo()
    eventually(lambda: NewsMissed() in second.heard)
    first.bus.publish(ComputerChanged(3))
    eventually(lambda: ComputerChanged(3) in second.heard)
    assert ComputerChanged(2) not in second.heard


def test_more_than_can_be_sent_is_told_as_missed(
    ears: tuple[Ear, Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ears
    monkeypatch.setattr(bus_module, "MOST_UNSENT", 0)
    first.bus.publish(ComputerChanged(1))
    monkeypatch.setattr(bus_module, "MOST_UNSENT", 10)
    first.bus.publish(CustomerChanged(2))
    eventually(lambda: CustomerChanged(2) in second.heard)
    assert second.heard == [NewsMissed(), CustomerChanged(2)]


def test_what_is_lost_while_a_loss_is_told_is_told_after_it(
    ears: tuple[Ear, Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ears
    bus = first.bus
    assert isinstance(bus, PostgresBus)
    send, losses = bus._send, iter([True])

    def losing_more(connection: Connection, pieces: Iterable[str]) -> None:
        send(connection, pieces)
        bus._has_lost |= next(losses, False)

    monkeypatch.setattr(bus, "_send", losing_more)
    bus._has_lost = True
    bus.publish(CustomerChanged(2))
    eventually(lambda: second.heard.count(NewsMissed()) == 2)


def test_what_another_version_tells_may_be_anything(
    ears: tuple[Ear, Ear], postgres_url: str
) -> None:
    first, _ = ears
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_notify('lovhub_news', %s)", ['["x", "WeatherChanged", {}]'])
    eventually(lambda: first.heard == [NewsMissed()])


def test_an_embedded_database_has_the_bus_of_its_one_process(tmp_path: Path) -> None:
    assert type(bus_of(f"sqlite:///{tmp_path}/lovhub.sqlite3")) is Bus


def test_the_command_line_tells_the_running_server(
    migrated_postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    club = found_club(migrated_postgres_url, clock)
    staff_service.create_owner_from_config(club, login="owner", password="owner's password")
    staff_service.sign_in(
        club, login="owner", password="owner's password", address="127.0.0.1", user_agent=""
    )
    club.database.close()
    config = tmp_path / "config.ini"
    config.write_text(f"[Database]\nUrl = {migrated_postgres_url}\n", encoding="utf-8")
    server = Ear(migrated_postgres_url)
    with closing(server.bus):
        done = run_lovhub("staff", "reset-password", "owner", "--data", str(tmp_path))
        assert done.returncode == 0, done
        eventually(lambda: any(isinstance(news, StaffSessionRevoked) for news in server.heard))


def test_a_backup_from_the_command_line_tells_the_running_servers_what_is_wrong(
    migrated_postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    club = found_club(migrated_postgres_url, clock)
    no_folder = tmp_path / "second"
    no_folder.write_text("a file where the folder of second copies should be", encoding="utf-8")
    with club.write() as work:
        row = work.db.get(Club, club.club_id)
        assert row is not None
        row.second_backup_folder = str(no_folder)
    club.database.close()
    config = tmp_path / "config.ini"
    config.write_text(f"[Database]\nUrl = {migrated_postgres_url}\n", encoding="utf-8")
    server = Ear(migrated_postgres_url)
    with closing(server.bus):
        assert backup_command.main(["create", "--data", str(tmp_path)]) == 0
        eventually(lambda: any(isinstance(news, AlarmChanged) for news in server.heard))


def test_news_stay_in_the_club_but_those_of_customers_and_their_groups(
    ears: tuple[Ear, Ear], postgres_url: str
) -> None:
    first, second = ears
    elsewhere = Ear(postgres_url, club_id=2)
    with closing(elsewhere.bus):
        first.bus.publish(ComputerChanged(1))
        first.bus.publish(CustomerChanged(7))
        first.bus.publish(GroupsChanged())
        eventually(lambda: len(second.heard) == 3)
        eventually(lambda: len(elsewhere.heard) == 2)
        assert elsewhere.heard == [CustomerChanged(7), GroupsChanged()]
        elsewhere.bus.publish(ComputerChanged(2))
        elsewhere.bus.publish(CustomerChanged(8))
        eventually(lambda: CustomerChanged(8) in second.heard)
        assert ComputerChanged(2) not in second.heard
