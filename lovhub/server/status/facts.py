"""Gathering the facts of the self-checks. It may be slow (a dead network folder): never on the event loop."""

import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lovhub import __version__, config_loader
from lovhub.clock import Clock, FileClock
from lovhub.config_loader import Config, ConfigError
from lovhub.server.backups import folder, keys, sealing, second, service
from lovhub.server.backups.rules import CHECKED_KINDS, newest_up_to
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.computers.queries import last_seen
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import current_revision, head_revision
from lovhub.server.fiscal import queries as fiscal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.notices import queries as notices
from lovhub.server.payments import settings as payments_settings
from lovhub.server.status.rules import DAY, ClubFacts, Facts, is_older

CLOCK_ALARM_DAYS = 7
_LATEST_BACKUPS = 60
"""Among so many of the latest it is looked for one that went to the store: two months of nights."""


def gather(
    data: Path, database: Database, clock: Clock, *, club_id: int = 1, deep: bool = False
) -> Facts:
    """The facts about the club in the folder `data`. `deep`: read the whole database for damage, too."""
    now = clock.now()
    error, revision, club = _of_database(database, now, club_id)
    config = _config(data)
    bank_certificate = payments_settings.certificate_file(config, data)
    backups = folder.all_in(service.backups_of(data))
    newest = next(
        (one for one in backups if one.kind in CHECKED_KINDS and one.made_at <= now), None
    )
    newest_check = newest.check if newest is not None else None
    size, wal = _sizes(database)
    return Facts(
        now=now,
        wall_ahead_seconds=round(clock.wall() - clock.now()),
        computer_offset_seconds=_offset(datetime.fromtimestamp(clock.now(), UTC).astimezone()),
        test_clock=isinstance(clock, FileClock),
        certificate_ends_at=_certificate_ends_at(data / "cert.pem"),
        bank_certificate=bank_certificate.name if bank_certificate is not None else "",
        bank_certificate_ends_at=(
            _certificate_ends_at(bank_certificate) if bank_certificate is not None else None
        ),
        newest_backup_at=newest.made_at if newest is not None else None,
        newest_check=newest_check.code if newest_check is not None else "",
        newest_has_other_key=newest_check is not None and newest_check.has_other_key,
        ledger_checked_at=newest_up_to(
            now, (backup.check.at for backup in backups if backup.check is not None)
        ),
        keys_sealed=sealing.read_key(data) is not None,
        disk_free_bytes=shutil.disk_usage(data).free,
        database_error=error,
        database_damage=_damage(database) if deep and not error else "",
        database_bytes=size,
        wal_bytes=wal,
        revision=revision,
        head=head_revision(),
        config_exposed=_exposed(data),
        password_in_config=bool(config.admin_password),
        kaspi_keys_unused=bool(config.kaspi_public_key or config.kaspi_private_key)
        and config.kaspi_mode in {"", "off"},
        club=club,
    )


def _of_database(database: Database, now: int, club_id: int) -> tuple[str, str, ClubFacts | None]:
    try:
        with database.engine.connect() as connection:
            revision = current_revision(connection) or ""
        if revision != head_revision():
            return "", revision, None
        with database.read() as db:
            row = db.get(Club, club_id)
            return "", revision, None if row is None else _club(db, row, now)
    except DBAPIError as error:
        return str(error.orig)[:200], "", None


def _club(db: Session, row: Club, now: int) -> ClubFacts:
    jumps = db.scalar(
        select(func.count()).where(
            Alarm.club_id == row.id,
            Alarm.kind == "clock_moved",
            Alarm.at > now - CLOCK_ALARM_DAYS * DAY,
        )
    )
    computers = db.execute(
        select(Computer.id, Computer.name, Computer.agent_version, Computer.paired_at)
        .where(Computer.club_id == row.id, Computer.revoked_at.is_(None))
        .order_by(Computer.name)
    ).all()
    seen = last_seen(db, row.id)
    since = now - row.warn_unseen_days * DAY
    works, count, newest_at = _second(row.second_backup_folder, now)
    fiscal_waiting, fiscal_oldest_seconds = fiscal.trouble(db, row.id, now)

    return ClubFacts(
        created_at=row.created_at,
        time_zone=row.time_zone,
        zone_offset_seconds=_offset(datetime.fromtimestamp(now, ZoneInfo(row.time_zone))),
        clock_jumps=jumps or 0,
        computers=len(computers),
        old_agents=tuple(
            name for _id, name, version, _paired in computers if is_older(version, __version__)
        ),
        unseen=tuple(
            name for pc, name, _version, paired in computers if seen.get(pc, paired) < since
        ),
        second_folder=row.second_backup_folder,
        second_folder_works=works,
        second_count=count,
        second_newest_at=newest_at,
        warn_unseen_days=row.warn_unseen_days,
        warn_disk_free_gb=row.warn_disk_free_gb,
        warn_backup_hours=row.warn_backup_hours,
        backup_elsewhere_at=service.made_elsewhere_at(db, now - row.warn_backup_hours * 3600, now),
        stored_at=_stored_at(db, row.id, now),
        notices_failing=notices.trouble(db, row.id, now),
        fiscal_waiting=fiscal_waiting,
        fiscal_oldest_seconds=fiscal_oldest_seconds,
    )


def _stored_at(db: Session, club_id: int, now: int) -> int | None:
    """When one of the latest backups went to the store: the store itself is not asked every minute."""
    made = db.execute(
        select(Event.at, Event.data)
        .where(Event.club_id == club_id, Event.kind == "club.backup_made", Event.at <= now)
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(_LATEST_BACKUPS)
    )
    return next((at for at, told in made if told.get("store") == "made"), None)


def _second(folder: str, now: int) -> tuple[bool, int, int | None]:
    """Whether the second folder can be used, how many backups lie there, and when the newest was made."""
    if not folder:
        return True, 0, None
    if not club_service.can_be_written(folder):
        return False, 0, None
    try:
        return True, *second.seen(Path(folder), now)
    except OSError:
        return False, 0, None


def _offset(at: datetime) -> int:
    offset = at.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _certificate_ends_at(path: Path) -> int | None:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    return int(certificate.not_valid_after_utc.timestamp())


def _sizes(database: Database) -> tuple[int, int]:
    if not database.is_sqlite:
        return 0, 0
    path = Path(str(database.engine.url.database))
    wal = path.with_name(path.name + "-wal")
    return tuple(file.stat().st_size if file.exists() else 0 for file in (path, wal))  # type: ignore[return-value]


def _damage(database: Database) -> str:
    if not database.is_sqlite:
        return ""
    try:
        with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)[:200]
    return "" if found == ("ok",) else str(found[0])[:200]


def _config(data: Path) -> Config:
    try:
        return config_loader.read(data / config_loader.FILE_NAME)
    except ConfigError:
        return Config()


if sys.platform == "win32":

    def _exposed(_data: Path) -> tuple[str, ...]:
        return ()  # who may read a file there stands in no bits

else:

    def _exposed(data: Path) -> tuple[str, ...]:
        names = ("config.ini", keys.IDENTITY, "key.pem", sealing.FILE_NAME)
        return tuple(
            name
            for name in names
            if (data / name).exists() and stat.S_IMODE((data / name).stat().st_mode) & 0o077
        )
