"""The folder with the backups. The files are the truth: a restored database must not forget later backups."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lovhub.config_loader import write_private
from lovhub.server.backups import archive, rules
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.flaws import Flaws
from lovhub.server.errors import OperationRefused

SUFFIX_OF_CHECK = ".check.json"


class Check(msgspec.Struct, frozen=True):
    """What came of restoring a backup into a scratch database.

    `code`: `sound`, or why not: `damaged`, `books`, `too_new`, `other_database`, `no_scratch`, `sealed_otherwise`.
    `detail` is for the technician. `flaws`: what does not add up in the books; of a sound one, that its rows are sealed
    with another key.
    """

    at: int
    code: str
    detail: str = ""
    took_seconds: int = 0
    flaws: Flaws | None = None

    @property
    def sound(self) -> bool:
        """Whether it can be relied on."""
        return self.code == "sound"

    @property
    def has_other_key(self) -> bool:
        """Whether the rows in a sound one are sealed with another key."""
        return self.sound and self.flaws is not None


@dataclass(frozen=True)
class Backup:
    """A backup in the folder. `club_name` and `revision` are empty for a plain copy."""

    name: str
    kind: str
    made_at: int
    size_bytes: int
    has_keys: bool
    is_sealed: bool
    club_name: str
    revision: str
    check: Check | None

    @property
    def kept(self) -> rules.Kept:
        """What the rules ask for."""
        return rules.Kept(
            self.name, self.kind, self.made_at, self.check is not None and self.check.sound
        )


def all_in(folder: Path) -> list[Backup]:
    """The backups in the folder, the newest first; one that cannot be read stands there as damaged."""
    if not folder.is_dir():
        return []
    found = [
        _describe(path)
        for path in folder.iterdir()
        if rules.is_name(path.name) and path.is_file() and not path.is_symlink()
    ]
    return sorted(found, key=lambda backup: (backup.made_at, backup.name), reverse=True)


def any_sound(folder: Path) -> bool:
    """Whether any backup was checked and found whole; quick, however large the backups."""
    return any(
        check is not None and check.sound
        for check in map(_check_in, folder.glob(f"*{SUFFIX_OF_CHECK}"))
    )


def path_of(folder: Path, name: str) -> Path:
    """Where the backup of that name is; OperationRefused("backup_unknown") if there is none."""
    path = folder / name
    # A name of ours has no separators; a link in the folder could lead out of it all the same.
    if not rules.is_name(name) or path.is_symlink() or not path.is_file():
        raise OperationRefused("backup_unknown")
    return path


def find(folder: Path, name: str) -> Backup:
    """The backup of that name; OperationRefused("backup_unknown")."""
    return _describe(path_of(folder, name))


def _describe(path: Path) -> Backup:
    status = path.stat()
    check = _check_in(path.with_name(path.name + SUFFIX_OF_CHECK))
    manifest, has_keys = None, False
    try:
        manifest = archive.read_manifest(path)
        has_keys = manifest is not None and _has_keys(path)
    except (OSError, BadArchive) as error:
        check = Check(at=int(status.st_mtime), code="damaged", detail=str(error)[:200])
    return Backup(
        name=path.name,
        kind=rules.kind_of(path.name),
        made_at=manifest.made_at if manifest is not None else int(status.st_mtime),
        size_bytes=status.st_size,
        has_keys=has_keys,
        is_sealed=manifest is not None and manifest.is_sealed,
        club_name=manifest.club_name if manifest is not None else "",
        revision=manifest.revision if manifest is not None else "",
        check=check,
    )


def _has_keys(path: Path) -> bool:
    with zipfile.ZipFile(path) as opened:
        return archive.KEYS in opened.namelist()


def free_name(folder: Path, kind: str, made_at: int) -> str:
    """A name that no backup in the folder has yet."""
    number = 1
    while (folder / rules.name_of(kind, made_at, number)).exists():
        number += 1
    return rules.name_of(kind, made_at, number)


def write_check(folder: Path, name: str, check: Check) -> None:
    """Note beside the backup what came of the check."""
    write_private(folder / (name + SUFFIX_OF_CHECK), msgspec.json.encode(check))


def _check_in(path: Path) -> Check | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Check)
    except (OSError, msgspec.DecodeError):
        return None


def remove(folder: Path, name: str) -> None:
    """Remove a backup and what is noted beside it."""
    path_of(folder, name).unlink()
    (folder / (name + SUFFIX_OF_CHECK)).unlink(missing_ok=True)


def remove_old(folder: Path, keep: int, now: int) -> list[str]:
    """Remove what is too old; returns the names."""
    names = rules.to_remove((backup.kept for backup in all_in(folder)), keep, now)
    for name in names:
        remove(folder, name)
    return names


def take_in(folder: Path, uploaded: Path, now: int) -> str:
    """Make an uploaded file a backup of the folder; returns its name.

    Raises OperationRefused("backup_damaged") for what is no backup; the file is gone then.
    """
    try:
        archive.read_manifest(uploaded)
        plain = archive.plain_dialect(uploaded)
    except (OSError, BadArchive) as error:
        uploaded.unlink(missing_ok=True)
        raise OperationRefused("backup_damaged") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if plain is not None:
        return _take_in_plain(folder, uploaded, plain)
    name = free_name(folder, "uploaded", now)
    uploaded.chmod(0o600)
    uploaded.replace(folder / name)
    return name


def _take_in_plain(folder: Path, uploaded: Path, dialect: archive.Dialect) -> str:
    ending = "sqlite3" if dialect == "sqlite" else "dump"
    number = 1
    while (folder / f"before-migration-uploaded-{number}.{ending}").exists():
        number += 1
    name = f"before-migration-uploaded-{number}.{ending}"
    uploaded.chmod(0o600)
    uploaded.replace(folder / name)
    return name
