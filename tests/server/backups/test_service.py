"""Backups of a real club, made, checked and restored, on both databases."""

import sqlite3
import sys
import zipfile
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import archive, folder, keys, restore, scratch, service
from lovhub.server.backups import second as second_folder
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.database.backup import back_up
from lovhub.server.database.engine import Database
from lovhub.server.database.row_seals import SealKey
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.ledger.check import check_ledger
from tests.server.backups.helpers import SQLITE, make, path_of, url_of
from tests.support.club import OWNER, People, lay_backups_in
from tests.support.tampering import edit

DAY = 24 * 3600


def kinds(club: ClubContext, kind: str) -> list[Event]:
    with club.read() as db:
        return list(db.scalars(select(Event).where(Event.kind == kind)))


def cook_the_books(club: ClubContext) -> None:
    """Money from nowhere, as somebody with the file and a tool would do it."""
    with club.write() as work:
        work.db.execute(text("UPDATE account_balance SET balance = balance + 1 WHERE balance > 0"))


def test_a_backup_is_checked_listed_and_journalled(
    club: ClubContext, people: People, data: Path
) -> None:
    people.customer(balance_tiyn=500_00)
    made = make(club, data)
    assert made.check is not None
    assert made.check.code == "sound", made.check
    assert folder.all_in(service.backups_of(data)) == [made]
    assert (made.kind, made.club_name, made.has_keys) == ("by_hand", "Арена", False)
    assert kinds(club, "club.backup_made")[0].data["name"] == made.name
    if sys.platform != "win32":
        assert path_of(data, made).stat().st_mode & 0o077 == 0
    assert not [path for path in service.backups_of(data).iterdir() if path.suffix == ".part"]
    assert not list(data.glob(f"{scratch.PREFIX}*"))


def test_what_was_backed_up_comes_back_and_what_was_there_is_a_restore_point(
    club: ClubContext, people: People, data: Path
) -> None:
    customer = people.customer(balance_tiyn=500_00)
    made = make(club, data)
    later = people.customer(balance_tiyn=100_00)
    club.database.close()
    done = restore.restore(data, url_of(club), path_of(data, made), files=None, actor=OWNER)
    assert people.balance_tiyn(customer) == 500_00
    with pytest.raises(Exception, match="No row"):
        people.balance_tiyn(later)
    assert kinds(club, "club.restored")[0].data["name"] == made.name
    if not club.database.is_sqlite:
        with club.read() as db:
            known = text("SELECT count(*) FROM pg_stats WHERE tablename = 'ledger_posting'")
            assert db.scalar(known), "PostgreSQL knows what it has"
    point = folder.find(service.backups_of(data), done.restore_point)
    assert point.kind == "restore_point"
    club.database.close()
    restore.restore(data, url_of(club), path_of(data, point), files=None, actor=OWNER)
    assert people.balance_tiyn(later) == 100_00


def test_books_that_do_not_balance_are_found_and_never_restored(
    club: ClubContext, people: People, data: Path
) -> None:
    customer = people.customer(balance_tiyn=500_00)
    cook_the_books(club)
    made = make(club, data)
    assert made.check is not None
    assert made.check.code == "books"
    with club.read() as db:
        assert db.scalars(select(Alarm.kind)).all() == ["backup_unsound"]
    with club.write() as work:
        work.db.execute(text("UPDATE account_balance SET balance = balance - 1 WHERE balance > 0"))
    club.database.close()
    with pytest.raises(scratch.Unsound) as unsound:
        restore.restore(data, url_of(club), path_of(data, made), files=None, actor=OWNER)
    assert unsound.value.code == "books"
    assert unsound.value.flaws is not None
    assert unsound.value.flaws.first.kind == "balance", "what does not"
    assert people.balance_tiyn(customer) == 500_00


@SQLITE
@pytest.mark.parametrize("column", ["created_at", "name"])
def test_what_no_column_can_hold_is_told_of_a_backup(
    club: ClubContext, people: People, data: Path, column: str
) -> None:
    people.customer()
    edit(club, f"UPDATE customer SET {column} = CAST(X'D0FF' AS TEXT)")  # noqa: S608
    made = make(club, data)
    assert made.check is not None
    assert made.check.code == "books"
    assert made.check.flaws is not None
    assert made.check.flaws.first.kind == "misfit_customer"


def test_an_edit_of_a_row_that_only_its_seal_holds_is_never_restored(
    club: ClubContext, people: People, data: Path
) -> None:
    people.computer()
    edit(club, "UPDATE computer SET hostname = 'OTHER'")
    made = make(club, data)
    assert made.check is not None
    assert made.check.code == "books"


def test_rows_that_were_sealed_with_a_key_that_is_lost_are_sealed_anew_and_the_log_says_so(
    club: ClubContext, people: People, data: Path
) -> None:
    people.computer()
    made = make(club, data)
    club.database.close()
    here = SealKey(b"another machine's")
    done = restore.restore(
        data, url_of(club), path_of(data, made), files=None, actor=OWNER, own_key=here
    )
    assert done.backup_name == made.name
    with closing(Database(url_of(club), here)) as restored, restored.read() as db:
        assert check_ledger(db) == []
        taken = db.scalar(select(Event.data).where(Event.kind == "rows.taken_up"))
    assert taken is not None
    assert taken["rows"] > 1


def test_a_restored_database_that_fails_its_check_gives_way_to_what_was_there(
    club: ClubContext, people: People, data: Path
) -> None:
    made = make(club, data)
    customer = people.customer(balance_tiyn=500_00)

    def fails(database: Database) -> None:
        with database.read() as db:
            assert db.scalar(select(Club.name)) == "Арена"
        raise scratch.Unsound("books", "found in place only")

    club.database.close()
    with pytest.raises(scratch.Unsound):
        restore.restore(
            data, url_of(club), path_of(data, made), files=None, actor=OWNER, check=fails
        )
    assert people.balance_tiyn(customer) == 500_00
    assert not restore.undo_unfinished(url_of(club))
    assert kinds(club, "club.restored") == []


def test_a_restore_cut_short_by_the_power_is_undone_at_the_next_start(
    club: ClubContext, people: People, data: Path
) -> None:
    made = make(club, data)
    customer = people.customer(balance_tiyn=500_00)
    club.database.close()

    class PowerGone(BaseException):
        pass

    def power_goes(_database: Database) -> None:
        raise PowerGone

    # What follows the check does not happen, nor does any tidying up: as when the power goes.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore, "_put_file_back", lambda _path: None)
        patch.setattr(restore, "_put_schema_back", lambda _url: None)
        with pytest.raises(PowerGone):
            restore.restore(
                data, url_of(club), path_of(data, made), files=None, actor=OWNER, check=power_goes
            )
    with club.read() as db:
        assert db.scalar(select(Customer.id)) is None  # the backup is in place
    club.database.close()
    assert restore.undo_unfinished(url_of(club))
    assert people.balance_tiyn(customer) == 500_00


def flipped(whole: bytes, where: int) -> bytes:
    """The file with one byte of it damaged."""
    return whole[:where] + bytes([whole[where] ^ 0xFF]) + whole[where + 1 :]


def unpacked(path: Path) -> bytes | None:
    """The database in it, None where it cannot be read.

    Of single bytes one in a thousand damages nothing: a repetition is unpacked from another of its repetitions.
    """
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.read(archive.DATABASE)
    except (zipfile.BadZipFile, zlib.error):
        return None


def test_damage_in_the_file_is_found(club: ClubContext, people: People, data: Path) -> None:
    people.customer(balance_tiyn=500_00)
    made = make(club, data)
    path = path_of(data, made)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        start = opened.getinfo(archive.DATABASE).header_offset
    database = unpacked(path)
    for first in (start + 200, len(whole) // 2):
        where = first
        path.write_bytes(flipped(whole, where))
        while unpacked(path) == database:
            where += 1
            path.write_bytes(flipped(whole, where))
        check = service.check_backup(club, data, made.name)
        assert check.code == "damaged", where
    path.write_bytes(whole[: len(whole) // 2])
    (shown,) = folder.all_in(service.backups_of(data))
    assert shown.check is not None
    assert shown.check.code == "damaged"


def test_a_backup_of_a_newer_version_is_refused(club: ClubContext, data: Path) -> None:
    with club.write() as work:
        work.db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made = make(club, data)
    assert made.check is not None
    assert (made.check.code, made.check.detail) == ("too_new", "9999")


def test_another_machines_own_settings_stay_and_the_secret_key_comes_along(data: Path) -> None:
    (data / "config.ini").write_text(
        "[Flask]\nSecretKey = ffffffffffffffff\n\n[Database]\nUrl = sqlite:////here.sqlite3\n"
    )
    (data / "cert.pem").write_bytes(b"its own")
    brought = b"[Flask]\nSecretKey = 0123456789abcdef\n[Database]\nUrl = sqlite:////there.sqlite3\n"
    keys.put_back(data, {"config.ini": brought, "cert.pem": b"theirs", "key.pem": b"theirs"})
    settings = (data / "config.ini").read_text()
    assert "0123456789abcdef" in settings
    assert "here.sqlite3" in settings
    assert "there.sqlite3" not in settings
    assert (data / "cert.pem").read_bytes() == b"its own"


def test_a_second_folder_gets_the_same_copy_and_its_loss_is_an_alarm(
    club: ClubContext, data: Path, tmp_path: Path
) -> None:
    second = lay_backups_in(club, tmp_path / "second")
    made = make(club, data)
    assert (second / made.name).read_bytes() == path_of(data, made).read_bytes()
    assert second_folder.seen(second, club.clock.now()) == (1, made.made_at)
    (second / made.name).unlink()
    (second / (made.name + folder.SUFFIX_OF_CHECK)).unlink()
    second.rmdir()
    assert make(club, data).check is not None
    with club.read() as db:
        assert db.scalars(select(Alarm.kind)).all() == ["backup_second_copy"]


@pytest.mark.parametrize("name", ["../club.sqlite3", "identity.pem", "", "/etc/passwd", "a\0b"])
def test_no_name_leads_out_of_the_folder(data: Path, name: str) -> None:
    service.backups_of(data).mkdir()
    (data / "identity.pem").write_bytes(b"secret")
    with pytest.raises(OperationRefused, match="backup_unknown"):
        folder.path_of(service.backups_of(data), name)


def test_a_link_in_the_folder_is_no_backup(data: Path) -> None:
    backups = service.backups_of(data)
    backups.mkdir()
    (data / "secret").write_bytes(b"SQLite format 3\0secret")
    link = backups / "before-migration-0001-1.sqlite3"
    link.symlink_to(data / "secret")
    assert folder.all_in(backups) == []
    with pytest.raises(OperationRefused, match="backup_unknown"):
        folder.path_of(backups, link.name)


def test_what_is_uploaded_must_be_a_backup(club: ClubContext, data: Path) -> None:
    made = make(club, data)
    backups = service.backups_of(data)
    uploaded = data / "upload.part"
    uploaded.write_bytes(path_of(data, made).read_bytes())
    name = folder.take_in(backups, uploaded, club.clock.now())
    assert name.endswith("-uploaded.zip")
    assert service.check_backup(club, data, name).sound
    for nonsense in (b"", b"nonsense", b"PK\x03\x04 broken"):
        uploaded.write_bytes(nonsense)
        with pytest.raises(OperationRefused, match="backup_damaged"):
            folder.take_in(backups, uploaded, club.clock.now())
        assert not uploaded.exists()


def test_the_nightly_backup_is_made_once_a_night(
    club: ClubContext, clock: ManualClock, data: Path
) -> None:
    keeper = Keeper(club, data, Restorations())
    (job,) = keeper.jobs()
    for _ in range(4):  # a day has passed since the founding, then looks within one night
        clock.advance(24 * 3600 if not keeper.backups() else 600)
        job.work()
        keeper.wait()
    assert [backup.kind for backup in keeper.backups()] == ["nightly"]
    clock.advance(24 * 3600)
    job.work()
    keeper.wait()
    assert [backup.kind for backup in keeper.backups()] == ["nightly", "nightly"]


def test_a_clock_that_went_ahead_stops_no_nightly_backup_once_it_is_right_again(
    club: ClubContext, clock: ManualClock, data: Path
) -> None:
    keeper = Keeper(club, data, Restorations())
    (job,) = keeper.jobs()
    with club.write() as work:
        work.db.get_one(Club, 1).backups_kept = 1
    clock.advance(400 * DAY)
    job.work()
    keeper.wait()
    (ahead,) = keeper.backups()
    clock.advance(-398 * DAY)
    job.work()
    keeper.wait()
    (made,) = keeper.backups()
    assert (ahead.made_at > clock.now(), made.made_at) == (True, clock.now())
    job.work()
    keeper.wait()
    assert keeper.backups() == [made]


def test_the_copy_made_before_an_update_is_checked_once_the_server_runs(
    club: ClubContext, data: Path
) -> None:
    made = back_up(club.database, service.backups_of(data), "0001")
    brought = made.with_name(f"before-migration-uploaded-1{made.suffix}")
    brought.write_bytes(made.read_bytes())
    keeper = Keeper(club, data, Restorations())
    (job,) = keeper.jobs()
    for _ in range(2):
        job.work()
        keeper.wait()
    checks = {backup.name: backup.check for backup in keeper.backups()}
    assert checks[brought.name] is None, "nobody runs what somebody brought, unasked"
    check = checks[made.name]
    assert check is not None
    assert check.sound
    back_up(club.database, service.backups_of(data), "0002").write_bytes(made.read_bytes()[:5000])
    job.work()
    keeper.wait()
    with club.read() as db:
        assert db.scalars(select(Alarm.kind)).all() == ["backup_unsound"]


def test_a_nightly_backup_that_fails_is_an_alarm_and_leaves_nothing(
    club: ClubContext, clock: ManualClock, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.server.database.backup._copy_sqlite", _no_room)
    monkeypatch.setenv("PATH", str(data))
    with pytest.raises(OperationRefused, match="backup_failed"):
        service.make(club, data, kind="nightly", actor=SYSTEM)
    with club.read() as db:
        assert db.scalars(select(Alarm.kind)).all() == ["backup_failed"]
    assert list(service.backups_of(data).iterdir()) == []


def _no_room(_database: Database, target: Path) -> None:
    target.write_bytes(b"half a copy")
    raise OSError(28, "No space left on device")


@SQLITE
def test_a_damaged_database_can_be_replaced_and_is_kept(
    people: People, club: ClubContext, data: Path
) -> None:
    customer = people.customer(balance_tiyn=500_00)
    made = make(club, data)
    club.database.close()
    path = Path(url_of(club).removeprefix("sqlite:///"))
    path.write_bytes(b"SQLite format 3\0" + b"torn" * 5000)
    done = restore.restore(data, url_of(club), path_of(data, made), files=None, actor=OWNER)
    assert done.restore_point == ""
    assert people.balance_tiyn(customer) == 500_00
    (kept,) = path.parent.glob("*.damaged-*")
    assert b"torn" in kept.read_bytes()


@SQLITE
def test_a_file_without_a_club_is_no_backup_of_one(club: ClubContext, data: Path) -> None:
    backups = service.backups_of(data)
    backups.mkdir()
    foreign = backups / "before-migration-0001-1.sqlite3"
    with closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE something (id INTEGER)")
        database.commit()
    club.database.close()
    with pytest.raises(scratch.Unsound):
        restore.restore(data, url_of(club), foreign, files=None, actor=OWNER)
    with club.read() as db:
        assert db.scalar(select(Club.name)) == "Арена"
