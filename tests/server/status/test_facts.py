"""The facts of a real club, and what `lovhub doctor` makes of them."""

from pathlib import Path

import pytest
from sqlalchemy import event, text, update

from lovhub.clock import ManualClock
from lovhub.server.backups import sealing, service
from lovhub.server.backups.texts import detail_text
from lovhub.server.certificate import VALID_DAYS, ensure_certificate
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import flush_last_seen
from lovhub.server.context import ClubContext
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.journal import service as journal
from lovhub.server.notices import troubles
from lovhub.server.status.board import Board
from lovhub.server.status.facts import gather
from lovhub.server.status.rules import DAY, judge
from tests.support.club import OWNER, People, lay_backups_in
from tests.support.serving import run_lovhub
from tests.support.tampering import edit


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    return path


def numbers(club: ClubContext, data: Path, *, deep: bool = False) -> set[str]:
    found = judge(gather(data, club.database, club.clock, deep=deep))
    # Where the tests run, the computer's own time zone and disk are what they are.
    return {finding.number for finding in found} - {"LV-W002", "LV-W007", "LV-E006"}


def test_a_new_club_is_in_order(club: ClubContext, data: Path, clock: ManualClock) -> None:
    ensure_certificate(data, clock.wall())
    assert numbers(club, data, deep=True) == set()


def test_what_is_wrong_is_seen(
    club: ClubContext, people: People, data: Path, clock: ManualClock, tmp_path: Path
) -> None:
    ensure_certificate(data, clock.wall())
    people.computer("ПК-1")
    assert numbers(club, data) == {"LV-W006"}
    second = lay_backups_in(club, tmp_path / "second")
    second.rmdir()
    with club.write() as work:
        journal.raise_alarm(work, "clock_moved", seconds=60, moved_seconds=60)
        work.db.execute(update(Computer).values(agent_version="0.0.0"))
    clock.wall_shift_seconds = 90
    (data / "config.ini").write_text(
        "[Admin]\nAdminPassword = оставлен\n[Kaspi]\nPublicKey = k1\nPrivateKey = k2\n"
    )
    (data / "config.ini").chmod(0o644)
    assert numbers(club, data) == {
        *("LV-W006", "LV-E005", "LV-W001", "LV-W009", "LV-E001"),
        *("LV-W011", "LV-W012", "LV-W013"),
    }
    clock.advance(8 * DAY)
    assert numbers(club, data) >= {"LV-E003", "LV-W010"}


def test_pcs_that_were_not_heard_for_days_are_named(
    club: ClubContext, people: People, data: Path, clock: ManualClock
) -> None:
    heard, silent, _never = (people.computer(f"ПК-{number}") for number in (1, 2, 3))
    clock.advance(8 * DAY)
    people.computer("ПК-4")
    flush_last_seen(club, {heard: clock.now() - DAY, silent: clock.now() - 8 * DAY})
    facts = gather(data, club.database, club.clock).club
    assert facts is not None
    assert facts.unseen == ("ПК-2", "ПК-3")


@pytest.mark.parametrize(
    ("mode", "option", "warned"),
    [
        ("qr_r3", "CertFile", {"LV-W021"}),
        ("pos", "CaFile", {"LV-W021"}),
        ("qr_r1", "CertFile", set()),
    ],
)
def test_the_certificate_that_payments_stand_on_is_watched(
    club: ClubContext, data: Path, clock: ManualClock, mode: str, option: str, warned: set[str]
) -> None:
    ensure_certificate(data, clock.wall() - (VALID_DAYS - 20) * DAY).cert_path.rename(
        data / "kaspi.pem"
    )
    (data / "key.pem").unlink()
    ensure_certificate(data, clock.wall())
    (data / "config.ini").write_text(f"[Kaspi]\nMode = {mode}\n{option} = kaspi.pem\n")
    (data / "config.ini").chmod(0o600)
    assert numbers(club, data) == warned
    clock.advance(20 * DAY)
    assert ("LV-E010" in numbers(club, data)) == bool(warned)
    (data / "kaspi.pem").unlink()
    assert "LV-E010" not in numbers(club, data), "of what is not there the start tells"


def test_a_backup_is_judged_by_its_check(club: ClubContext, data: Path, people: People) -> None:
    sealing.write_key(data, sealing.derive("длинный пароль для копий"))
    people.customer(balance_tiyn=100)
    service.make(club, data, kind="by_hand", actor=OWNER)
    assert numbers(club, data) == set()
    with club.write() as work:
        work.db.execute(text("UPDATE account_balance SET balance = balance + 1 WHERE balance > 0"))
    club.clock.advance(1)  # type: ignore[attr-defined]
    service.make(club, data, kind="by_hand", actor=OWNER)
    assert numbers(club, data) == {"LV-E004"}


def test_that_rows_are_sealed_with_another_key_is_told(
    club: ClubContext, data: Path, people: People
) -> None:
    """Who takes the seals away hides with them which rows were edited."""
    sealing.write_key(data, sealing.derive("длинный пароль для копий"))
    edit(club, f"UPDATE computer SET hostname = 'OTHER' WHERE id = {people.computer()}")  # noqa: S608
    with club.write() as work:
        for table in SEALED:
            work.db.execute(text(f"UPDATE {table} SET row_seal = NULL"))  # noqa: S608
    made = service.make(club, data, kind="nightly", actor=OWNER)
    assert made.check is not None
    assert made.check.sound, "it is to be restored all the same"
    assert numbers(club, data) == {"LV-E011"}
    assert troubles.trouble_of_finding("LV-E011", made.check.code) == "books"
    assert "запечатаны другим ключом" in detail_text(made.check.detail, made.check.flaws)
    journal.accept_rows(club)
    club.clock.advance(1)  # type: ignore[attr-defined]
    service.make(club, data, kind="nightly", actor=OWNER)
    assert numbers(club, data) == set()


def test_a_backup_by_another_server_of_the_database_counts_while_it_is_fresh(
    club: ClubContext, data: Path, clock: ManualClock, tmp_path: Path
) -> None:
    ensure_certificate(data, clock.wall())
    clock.advance(2 * DAY)
    assert numbers(club, data) == {"LV-E003"}
    service.make(club, tmp_path / "another", kind="nightly", actor=OWNER)
    is_shared = not club.database.is_sqlite
    assert numbers(club, data) == (set() if is_shared else {"LV-E003"})
    clock.advance(2 * DAY)
    assert numbers(club, data) == {"LV-E003"}


def test_a_backup_dated_ahead_of_the_clock_does_not_count(
    club: ClubContext, data: Path, clock: ManualClock, tmp_path: Path
) -> None:
    ensure_certificate(data, clock.wall())
    lay_backups_in(club, tmp_path / "second")
    clock.advance(400 * DAY)
    service.make(club, data, kind="nightly", actor=OWNER)
    clock.advance(-398 * DAY)
    assert numbers(club, data) == {"LV-E003"}
    facts = gather(data, club.database, clock)
    assert (facts.newest_backup_at, facts.ledger_checked_at) == (None, None)
    assert facts.club is not None
    assert (facts.club.second_count, facts.club.second_newest_at) == (1, None)
    assert facts.club.backup_elsewhere_at is None


def test_looking_asks_the_same_few_questions_however_many_pcs(
    club: ClubContext, people: People, data: Path
) -> None:
    def statements() -> int:
        asked: list[str] = []

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(club.database.engine, "before_cursor_execute", note)
        gather(data, club.database, club.clock)
        event.remove(club.database.engine, "before_cursor_execute", note)
        return len(asked)

    few = statements()
    for _ in range(20):
        people.computer()
    assert statements() == few <= 12


def test_pages_read_what_was_found_at_most_a_minute_ago(
    club: ClubContext, people: People, data: Path, clock: ManualClock
) -> None:
    board = Board(club, data)
    assert board.known == []
    board.look()
    people.computer()
    assert "LV-W006" not in {finding.number for finding in board.look()[1]}
    clock.advance(61)
    board.look()
    assert "LV-W006" in {finding.number for finding in board.known}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_doctor_speaks_from_the_console(club: ClubContext, data: Path, tmp_path: Path) -> None:
    club.database.close()
    (tmp_path / "club.sqlite3").rename(data / "lovhub.sqlite3")
    healthy = run_lovhub("doctor", "--data", str(data))
    assert healthy.returncode in {0, 1}, healthy
    assert "LV-E00" not in healthy.stdout.replace("LV-E003", "").replace("LV-E006", "")
    pages = bytearray((data / "lovhub.sqlite3").read_bytes())
    pages[8192:12288] = b"\xff" * 4096
    (data / "lovhub.sqlite3").write_bytes(pages)
    broken = run_lovhub("doctor", "--data", str(data))
    assert broken.returncode == 1, broken
    assert "LV-E007" in broken.stdout or "LV-E009" in broken.stdout
    missing = run_lovhub("doctor", "--data", str(tmp_path / "nowhere"))
    assert missing.returncode == 2
    assert "нет базы LoVHub" in missing.stderr
