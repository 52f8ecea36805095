"""What a backup is called, which ones are removed, and when the nightly one is due."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

KINDS = ("nightly", "by_hand", "restore_point", "before_migration", "uploaded")

CHECKED_KINDS = frozenset({"nightly", "by_hand"})
"""Those that are checked at once, and by which the club's backups are judged."""

_NAME = re.compile(
    rf"lovhub-\d{{4}}-\d{{2}}-\d{{2}}-\d{{6}}-(?P<kind>{'|'.join(KINDS).replace('_', '-')})"
    r"(?:-\d{1,4})?\.zip"
    r"|before-migration-[0-9a-z]{1,40}-\d{1,6}\.(?:sqlite3|dump)"
)
"""Ours, and the plain copies that are made before a migration. Nothing in it can leave the folder."""


@dataclass(frozen=True)
class Kept:
    """As much of a backup as the rules ask for. `sound`: it was checked and found whole."""

    name: str
    kind: str
    made_at: int
    sound: bool


def is_name(text: str) -> bool:
    """Whether `text` could be a backup's name."""
    return _NAME.fullmatch(text) is not None


def is_dated(text: str) -> bool:
    """Whether `text` is the name of a backup that tells when it was made, and so sorts by age."""
    return is_name(text) and text.startswith("lovhub-")


def was_made_by_an_update(name: str) -> bool:
    """Whether it is the plain copy that was made here before a migration; one that somebody brought is not."""
    return name.startswith("before-migration-") and not name.startswith(
        "before-migration-uploaded-"
    )


def kind_of(name: str) -> str:
    """The kind that a backup's name tells of."""
    found = _NAME.fullmatch(name)
    kind = found["kind"] if found is not None else None
    return "before_migration" if kind is None else kind.replace("-", "_")


def name_of(kind: str, made_at: int, number: int = 1) -> str:
    """A backup's name, in UTC so that names sort by age; `number` tells apart two of one second."""
    at = datetime.fromtimestamp(made_at, UTC)
    tail = "" if number == 1 else f"-{number}"
    return f"lovhub-{at:%Y-%m-%d-%H%M%S}-{kind.replace('_', '-')}{tail}.zip"


def made_at_of(name: str) -> int | None:
    """When, by its dated name; None for a day that there is not, which somebody else has laid there."""
    stamp = name.removeprefix("lovhub-")[:17]
    try:
        made = datetime.strptime(stamp, "%Y-%m-%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(made.timestamp()) if 2000 <= made.year < 2200 else None


def newest_up_to(now: int, made: Iterable[int]) -> int | None:
    """The latest of these instants; what is dated ahead of the clock tells nothing of how old it is."""
    return max((at for at in made if at <= now), default=None)


def to_remove(backups: Iterable[Kept], keep: int, now: int) -> list[str]:
    """Names to remove: of each kind the newest `keep` stay, and always the newest sound one of all.

    Those dated ahead of the clock count as older than all others: they must not push out what is made today.
    """
    newest_first = sorted(
        backups, key=lambda kept: (kept.made_at <= now, kept.made_at, kept.name), reverse=True
    )
    spared = next((kept.name for kept in newest_first if kept.sound), None)
    of_kind: defaultdict[str, int] = defaultdict(int)
    removed = []
    for kept in newest_first:
        of_kind[kept.kind] += 1
        if of_kind[kept.kind] > keep and kept.name != spared:
            removed.append(kept.name)
    return removed


def last_due_at(now: int, backup_at: int, time_zone: str) -> int:
    """The last instant up to `now` at which a nightly backup should have been made."""
    zone = ZoneInfo(time_zone)
    local = datetime.fromtimestamp(now, UTC).astimezone(zone)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    at = today + timedelta(seconds=backup_at)
    due = int(at.replace(tzinfo=zone).timestamp())
    if due > now:
        due = int((at - timedelta(days=1)).replace(tzinfo=zone).timestamp())
    return due


def nightly_due(now: int, newest_at: int | None, backup_at: int, time_zone: str) -> bool:
    """Whether what is done every night at `backup_at` has yet to be: it was not since it was due, or ahead of time."""
    return newest_at is None or not last_due_at(now, backup_at, time_zone) <= newest_at <= now


def confirms(typed: str, club_name: str) -> bool:
    """Whether somebody typed the club's name, as the confirmation asks."""
    return " ".join(typed.split()).casefold() == " ".join(club_name.split()).casefold()
