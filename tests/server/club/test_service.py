"""Changing the club's settings."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lovhub.server.channel.telling import catalogs_by_zone
from lovhub.server.club import service
from lovhub.server.club.rules import Settings
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from tests.support.club import OWNER, People


def settings(club: ClubContext) -> Settings:
    with club.read() as db:
        return service.settings_of(service.get(db, club.club_id))


def events(club: ClubContext) -> list[dict[str, Any]]:
    with club.read() as db:
        found = select(Event).where(Event.kind == "club.settings_changed").order_by(Event.id)
        return [event.data["changes"] for event in db.scalars(found)]


def change(club: ClubContext, **values: Any) -> bool:
    wanted = replace(settings(club), **values)
    return service.change_settings(club, settings=wanted, actor=OWNER)


def test_a_change_is_kept_and_told_with_old_and_new(club: ClubContext) -> None:
    assert settings(club).day_starts_at == 8 * 3600
    assert change(club, name="  Гонка ", day_starts_at=6 * 3600)
    assert (settings(club).name, settings(club).day_starts_at) == ("Гонка", 6 * 3600)
    assert events(club) == [{"name": ["Арена", "Гонка"], "day_starts_at": [8 * 3600, 6 * 3600]}]


def test_no_change_is_no_event(club: ClubContext) -> None:
    assert not change(club)
    assert events(club) == []


def test_the_currency_is_locked_once_money_was_booked(club: ClubContext, people: People) -> None:
    assert change(club, currency="RUB")
    people.customer(balance_tiyn=100)
    with pytest.raises(OperationRefused) as refused:
        change(club, currency="KZT", name="Другой")
    assert refused.value.values == {"currency": "currency_locked"}
    assert (settings(club).currency, settings(club).name) == ("RUB", "Арена")


def test_a_second_folder_must_be_one_that_can_be_written(club: ClubContext, tmp_path: Path) -> None:
    for wrong in ("relative", str(tmp_path / "missing"), "/\0", str(Path(__file__))):
        with pytest.raises(OperationRefused) as refused:
            change(club, second_backup_folder=wrong)
        assert refused.value.values == {"second_backup_folder": "folder_not_writable"}
    assert change(club, second_backup_folder=f" {tmp_path} ")
    assert settings(club).second_backup_folder == str(tmp_path)


def test_the_lease_counts_for_the_next_session(club: ClubContext, people: People) -> None:
    change(club, lease_seconds=600)
    pc, tariff = people.computer(), people.tariff()
    sessions.seat_guest(
        club, computer_id=pc, tariff_id=tariff, method="cash", guest_name="", actor=OWNER, key="k1"
    )
    with club.read() as db:
        row = db.scalars(select(PlaySession)).one()
        assert row.lease_not_after is not None
        assert 600 <= row.lease_not_after - club.clock.now() < 900  # a little over: the PC's grace


def test_what_is_cleared_away_is_told_to_every_pc(club: ClubContext) -> None:
    assert catalogs_by_zone(club, {None}).of(1, None).traces == ()
    change(club, traces=" Downloads \r\n\r\n.mozilla/firefox\n")
    assert catalogs_by_zone(club, {None}).of(1, None).traces == ("Downloads", ".mozilla/firefox")


def test_whether_players_may_go_on_without_a_server_is_told_to_every_pc(club: ClubContext) -> None:
    assert not catalogs_by_zone(club, {None}).of(1, None).cached_sign_ins
    change(club, cached_sign_ins=True)
    assert catalogs_by_zone(club, {None}).of(1, None).cached_sign_ins
