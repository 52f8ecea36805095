"""`lovhub staff …`: the way back in."""

from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.staff import queries, service
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.serving import refused, run_lovhub
from tests.support.staff import StaffMaker


def _sign_in(club: ClubContext, password: str) -> str:
    return service.sign_in(
        club, login="Айгуль", password=password, address="127.0.0.1", user_agent="test"
    )


def test_a_forgotten_password_is_replaced_by_a_fresh_one(tmp_path: Path) -> None:
    club = found_club(new_sqlite(tmp_path / "lovhub.sqlite3"), ManualClock())
    service.create_owner_from_config(club, login="Айгуль", password="the old password")
    answers = [
        run_lovhub("staff", "reset-password", "айгуль", "--data", str(tmp_path)) for _ in range(2)
    ]
    passwords = [answer.stdout.strip().rsplit(": ", 1)[1] for answer in answers]
    assert [answer.returncode for answer in answers] == [0, 0]
    assert passwords[0] != passwords[1]
    assert len(passwords[1]) >= 12
    for gone in ("the old password", passwords[0]):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            _sign_in(club, gone)
    assert _sign_in(club, passwords[1])
    club.database.close()


def test_a_lost_telephone_is_no_longer_asked_for(tmp_path: Path) -> None:
    club = found_club(new_sqlite(tmp_path / "lovhub.sqlite3"), ManualClock())
    service.create_owner_from_config(club, login="Айгуль", password="the old password")
    with club.read() as db:
        owner = queries.by_login(db, club.club_id, "айгуль")
    assert owner is not None
    StaffMaker(club).give_second_factor(owner.id)
    with pytest.raises(OperationRefused, match="second_factor_needed"):
        _sign_in(club, "the old password")
    answer = run_lovhub("staff", "reset-second-factor", "АЙГУЛЬ", "--data", str(tmp_path))
    assert answer.returncode == 0
    assert "Второй фактор «АЙГУЛЬ» сброшен" in answer.stdout
    assert _sign_in(club, "the old password")
    club.database.close()


def test_an_unknown_login(tmp_path: Path) -> None:
    found_club(new_sqlite(tmp_path / "lovhub.sqlite3"), ManualClock()).database.close()
    words = ("staff", "reset-password", "nobody", "--data", str(tmp_path))
    assert "«nobody»" in refused(run_lovhub(*words))


def test_a_folder_without_a_club(tmp_path: Path) -> None:
    words = ("staff", "reset-password", "owner", "--data", str(tmp_path))
    assert "нет базы LoVHub" in refused(run_lovhub(*words))
