"""The self-checks: facts in, findings out. Their numbers are described in docs/checks.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

DAY = 24 * 3600
GIGABYTE = 10**9

CLOCK_OFF_SECONDS = 60
CERTIFICATE_DAYS = 30
LEAST_FREE_BYTES = GIGABYTE
LOG_BEHIND_SECONDS = 300
LARGE_WAL_BYTES = 256 * 10**6

NUMBERS = (
    "LV-E001", "LV-W001", "LV-W002", "LV-W003",
    "LV-E002", "LV-W004", "LV-E010", "LV-W021",
    "LV-E003", "LV-E004", "LV-E011", "LV-W005", "LV-W006", "LV-E005",
    "LV-E006", "LV-W007",
    "LV-E007", "LV-E008", "LV-E009", "LV-W008",
    "LV-W009", "LV-W010",
    "LV-W011", "LV-W012", "LV-W013", "LV-W015", "LV-W016",
    "LV-W017", "LV-W018", "LV-W019", "LV-W020",
)  # fmt: skip
"""Every check that there is: E is an error, W a warning. A number is never given to another check."""


@dataclass(frozen=True)
class ClubFacts:
    """What the database says; instants in UTC epoch seconds.

    `backup_elsewhere_at`: of the newest sound backup by whichever server shares the database, if it is fresh;
    `stored_at`: when the newest one went to the S3-compatible store, if any has.
    """

    created_at: int
    time_zone: str
    zone_offset_seconds: int
    clock_jumps: int
    computers: int
    old_agents: tuple[str, ...]
    unseen: tuple[str, ...]
    second_folder: str
    second_folder_works: bool
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int
    second_count: int = 0
    second_newest_at: int | None = None
    backup_elsewhere_at: int | None = None
    stored_at: int | None = None
    notices_failing: int = 0
    fiscal_waiting: int = 0
    fiscal_oldest_seconds: int = 0


@dataclass(frozen=True)
class Facts:
    """What was seen. `club` is None while the database cannot be read or holds no club.

    `ledger_checked_at`: when the books in a backup were last recomputed. `turned_away`: pages and reports within ten
    minutes, because there was more to do than could be done. `log_behind_seconds`: of the continuous copy, if it is on.
    `bank_certificate`: the file with the one that payments by Kaspi stand on, if they stand on any.
    `hidden_computers`: PCs of which this server sees nothing in its networks, while it is asked to (`without_agent`).
    """

    now: int
    wall_ahead_seconds: int = 0
    computer_offset_seconds: int = 0
    test_clock: bool = False
    certificate_ends_at: int | None = None
    bank_certificate: str = ""
    bank_certificate_ends_at: int | None = None
    newest_backup_at: int | None = None
    newest_check: str = ""
    newest_has_other_key: bool = False
    ledger_checked_at: int | None = None
    keys_sealed: bool = True
    disk_free_bytes: int = 10**15
    database_error: str = ""
    database_damage: str = ""
    database_bytes: int = 0
    wal_bytes: int = 0
    revision: str = ""
    head: str = ""
    config_exposed: tuple[str, ...] = ()
    password_in_config: bool = False
    kaspi_keys_unused: bool = False
    turned_away: int = 0
    log_behind_seconds: int | None = None
    hidden_computers: tuple[str, ...] = ()
    club: ClubFacts | None = None


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. `values` go into its sentence."""

    number: str
    values: dict[str, int | str] = field(default_factory=dict)

    @property
    def level(self) -> Literal["error", "warning"]:
        """How bad it is."""
        return "error" if self.number.startswith("LV-E") else "warning"


def judge(facts: Facts) -> list[Finding]:
    """Everything that is not as it should be, errors first, in the order of the checks."""
    found = [
        *_clock(facts),
        *_certificate(facts),
        *_backups(facts),
        *_disk(facts),
        *_database(facts),
        *_computers(facts),
        *_settings(facts),
    ]
    return sorted(found, key=lambda finding: (finding.level, NUMBERS.index(finding.number)))


def _clock(facts: Facts) -> Iterator[Finding]:
    if abs(facts.wall_ahead_seconds) > CLOCK_OFF_SECONDS:
        yield Finding("LV-E001", {"seconds": facts.wall_ahead_seconds})
    if facts.club is not None and facts.club.clock_jumps:
        yield Finding("LV-W001", {"times": facts.club.clock_jumps})
    if facts.club is not None and facts.club.zone_offset_seconds != facts.computer_offset_seconds:
        yield Finding("LV-W002", {"zone": facts.club.time_zone})
    if facts.test_clock:
        yield Finding("LV-W003")


def _certificate(facts: Facts) -> Iterator[Finding]:
    if facts.certificate_ends_at is not None:
        left = facts.certificate_ends_at - facts.now
        if left <= 0:
            yield Finding("LV-E002")
        elif left < CERTIFICATE_DAYS * DAY:
            yield Finding("LV-W004", {"days": left // DAY})
    if facts.bank_certificate_ends_at is not None:
        left = facts.bank_certificate_ends_at - facts.now
        if left <= 0:
            yield Finding("LV-E010", {"file": facts.bank_certificate})
        elif left < CERTIFICATE_DAYS * DAY:
            yield Finding("LV-W021", {"file": facts.bank_certificate, "days": left // DAY})


def _backups(facts: Facts) -> Iterator[Finding]:
    club = facts.club
    if club is None:
        return
    last = facts.newest_backup_at
    hours = (facts.now - (club.created_at if last is None else last)) // 3600
    if hours >= club.warn_backup_hours and club.backup_elsewhere_at is None:
        yield Finding("LV-E003", {"hours": hours})
    if last is not None:
        yield from _newest_check(facts)
    if club.computers and not facts.keys_sealed:
        yield Finding("LV-W006")
    if club.second_folder and not club.second_folder_works:
        yield Finding("LV-E005", {"folder": club.second_folder})
    elif club.second_folder and hours < club.warn_backup_hours:
        newest = club.created_at if club.second_newest_at is None else club.second_newest_at
        if facts.now - newest >= club.warn_backup_hours * 3600:
            yield Finding("LV-W018", {"hours": (facts.now - newest) // 3600})
    if facts.log_behind_seconds is not None and facts.log_behind_seconds >= LOG_BEHIND_SECONDS:
        yield Finding("LV-W019", {"minutes": facts.log_behind_seconds // 60})


def _newest_check(facts: Facts) -> Iterator[Finding]:
    if facts.newest_check not in {"", "sound"}:
        yield Finding("LV-E004")
    if facts.newest_has_other_key:
        yield Finding("LV-E011")
    if not facts.newest_check:
        yield Finding("LV-W005")


def _disk(facts: Facts) -> Iterator[Finding]:
    warn_below = facts.club.warn_disk_free_gb * GIGABYTE if facts.club is not None else 0
    free_mb = facts.disk_free_bytes // 10**6
    if facts.disk_free_bytes < LEAST_FREE_BYTES:
        yield Finding("LV-E006", {"megabytes": free_mb})
    elif facts.disk_free_bytes < warn_below:
        yield Finding("LV-W007", {"megabytes": free_mb})


def _database(facts: Facts) -> Iterator[Finding]:
    if facts.database_damage:
        yield Finding("LV-E007", {"detail": facts.database_damage})
    if facts.revision != facts.head and not facts.database_error:
        yield Finding("LV-E008", {"revision": facts.revision or "0000", "head": facts.head})
    if facts.database_error:
        yield Finding("LV-E009", {"detail": facts.database_error})
    if facts.wal_bytes > LARGE_WAL_BYTES:
        yield Finding("LV-W008", {"megabytes": facts.wal_bytes // 10**6})


def _computers(facts: Facts) -> Iterator[Finding]:
    if facts.hidden_computers:
        yield Finding("LV-W020", _names(facts.hidden_computers))
    if facts.club is None:
        return
    if facts.club.old_agents:
        yield Finding("LV-W009", _names(facts.club.old_agents))
    if facts.club.unseen:
        yield Finding("LV-W010", {**_names(facts.club.unseen), "days": facts.club.warn_unseen_days})


def _names(names: tuple[str, ...]) -> dict[str, int | str]:
    shown = ", ".join(names[:5])
    return {"count": len(names), "names": shown if len(names) <= 5 else f"{shown}…"}


def _settings(facts: Facts) -> Iterator[Finding]:
    if facts.config_exposed:
        yield Finding("LV-W011", {"files": ", ".join(facts.config_exposed)})
    if facts.password_in_config:
        yield Finding("LV-W012")
    if facts.kaspi_keys_unused:
        yield Finding("LV-W013")
    if facts.club is not None and facts.club.notices_failing:
        yield Finding("LV-W015", {"count": facts.club.notices_failing})
    if facts.club is not None and facts.club.fiscal_waiting:
        hours = facts.club.fiscal_oldest_seconds // 3600
        yield Finding("LV-W016", {"count": facts.club.fiscal_waiting, "hours": hours})
    if facts.turned_away:
        yield Finding("LV-W017", {"count": facts.turned_away})


def is_older(version: str, than: str) -> bool:
    """Whether a version is older; what is no version is not judged."""
    return version[:1].isdigit() and _parts(version) < _parts(than)


def _parts(version: str) -> tuple[int, ...]:
    numbers = [int(found) for found in re.findall(r"\d+", version)[:3]]
    return (*numbers, 0, 0)[:3]
