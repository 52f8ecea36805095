"""Another disk, or a folder in the network: the same backups, whole, and no more of them than at home."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from lovhub.clock import ManualClock
from lovhub.server.backups import archive, folder, second, service
from lovhub.server.backups.folder import Check
from lovhub.server.context import ClubContext
from tests.support.databases import new_sqlite

CHECK = Check(at=1, code="sound")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """What is in a backup matters to nobody here."""
    return new_sqlite(tmp_path / "club.sqlite3")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    path = tmp_path / "second"
    path.mkdir()
    return path


def made(club: ClubContext, data: Path) -> Path:
    """A backup at home."""
    name = service.pack(
        club.database, data, kind="nightly", club_name="Арена", made_at=club.clock.now()
    )
    club.clock.advance(60)  # type: ignore[attr-defined]
    return service.backups_of(data) / name


def test_it_keeps_as_many_and_leaves_what_is_not_ours(
    club: ClubContext, data: Path, there: Path, clock: ManualClock
) -> None:
    assert second.seen(there, clock.now()) == (0, None)
    paths = [made(club, data) for _ in range(3)]
    removed = [second.lay(there, path, CHECK, keep=2, now=clock.now()) for path in paths]
    assert removed == [0, 0, 1]
    assert second.seen(there, clock.now()) == (2, clock.now() - 60)
    found = folder.all_in(there)
    assert {backup.name for backup in found} == {path.name for path in paths[1:]}
    assert {backup.check for backup in found} == {CHECK}
    for path in paths[1:]:  # from now on they are another club's
        manifest = archive.read_manifest(path)
        assert manifest is not None
        archive.extract_database(path, data / "copy")
        archive.pack(
            there / path.name, data / "copy", structs.replace(manifest, club_name="Другой"), None
        )
    with pytest.raises(second.NotTheSame):
        second.lay(there, paths[2], None, keep=2, now=clock.now())
    second.lay(there, paths[0], None, keep=1, now=clock.now())
    assert len(folder.all_in(there)) == 3


def test_what_is_dated_ahead_or_on_no_day_is_not_the_newest(
    there: Path, clock: ManualClock
) -> None:
    for stamp in ("2026-01-02-030405", "2199-01-01-000000", "2026-13-45-000000"):
        (there / f"lovhub-{stamp}-nightly.zip").write_bytes(b"?")
    assert second.seen(there, clock.now()) == (
        3,
        int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()),
    )


def test_a_disk_that_gives_back_something_else_is_found_out(
    club: ClubContext, data: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(club, data)
    copyfile = shutil.copyfile

    def spoil(source: Path, target: Path) -> None:
        copyfile(source, target)
        with target.open("rb+") as file:
            file.seek(100)
            file.write(b"?")

    monkeypatch.setattr(shutil, "copyfile", spoil)
    with pytest.raises(second.NotTheSame):
        second.lay(there, path, None, keep=14, now=club.clock.now())
    assert list(there.iterdir()) == []
