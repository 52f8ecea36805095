"""Backups in an S3-compatible store: each sealed whole with the owner's passphrase, for strangers keep it.

Every club has a folder of its own there, named after its identity: two clubs may share a bucket, and neither removes
what is the other's.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lovhub.server.backups import folder, keys, rules, sealed_file, sealing
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.store import Settings, Store, StoreFailed, Told
from lovhub.server.errors import OperationRefused

log = structlog.get_logger("backups")

SUFFIX = ".sealed"

_CLUB = re.compile(r"club-[0-9a-f]{12}")


@dataclass(frozen=True)
class Stored:
    """A backup in the store. `key`: what it is asked for by; `club`: the folder of whose it is."""

    key: str
    club: str
    name: str
    made_at: int
    size_bytes: int


@dataclass(frozen=True)
class Visited:
    """A store that the first run was told of, and what lay there when it was asked."""

    store: Store
    rows: list[Stored]


def lay(data: Path, settings: Settings, backup: Path, keep: int, now: int) -> str:
    """Send a backup that was found sound, and remove what is too old there.

    Returns what came of it: `none` (nobody asked), `made`, or why not: a code of StoreFailed, `settings_wrong`,
    `passphrase_missing`, `disk`.
    """
    if not settings.is_wanted:
        return "none"
    if settings.store is None:
        return "settings_wrong"
    key = sealing.read_key(data)
    if key is None:
        return "passphrase_missing"
    sealed = backup.with_name(f".{backup.name}.sealed.part")
    try:
        sha256 = sealed_file.seal(key, backup, sealed)
        _send(settings.store, own_folder(data), backup.name, sealed, sha256, keep, now)
    except StoreFailed as failure:
        log.warning("store_failed", why=failure.code)
        return failure.code
    except OSError:
        log.exception("store_failed")
        return "disk"
    finally:
        sealed.unlink(missing_ok=True)
    return "made"


def _send(
    store: Store, club: str, name: str, sealed: Path, sha256: str, keep: int, now: int
) -> None:
    key = f"{club}/{name}{SUFFIX}"
    store.put(key, sealed, sha256)
    there = stored(store)
    if all(row.key != key or row.size_bytes != sealed.stat().st_size for row in there):
        raise StoreFailed("refused")
    own = [
        rules.Kept(row.name, rules.kind_of(row.name), row.made_at, sound=True)
        for row in there
        if row.club == club
    ]
    for old in rules.to_remove(own, keep, now):
        store.remove(f"{club}/{old}{SUFFIX}")


def own_folder(data: Path) -> str:
    """The folder of the club in `data`; raises OSError where it has no identity yet."""
    try:
        identity = load_pem_private_key((data / keys.IDENTITY).read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise OSError("an identity that cannot be read") from error
    if not isinstance(identity, Ed25519PrivateKey):
        raise OSError("an identity of another kind")
    # What the keys of a backup bring back keeps this name.
    return "club-" + hashlib.sha256(identity.public_key().public_bytes_raw()).hexdigest()[:12]


def stored(store: Store) -> list[Stored]:
    """All backups there, the newest first; raises StoreFailed."""
    found = []
    for key, size in store.all().items():
        club, _, file = key.rpartition("/")
        name = file.removesuffix(SUFFIX)
        if _CLUB.fullmatch(club) and file.endswith(SUFFIX) and rules.is_dated(name):
            made_at = rules.made_at_of(name)
            if made_at is not None:
                found.append(Stored(key, club, name, made_at, size))
    return sorted(found, key=lambda row: (row.made_at, row.name), reverse=True)


def chosen(rows: list[Stored], named: str, own: str, now: int) -> Stored:
    """The one that `named` means: its name or key, or "" for the newest of the club `own`, or of the only club there.

    Those dated ahead of the clock count as older than all others, as in `rules.to_remove`. Raises
    OperationRefused("backup_unknown"), StoreFailed("many_clubs").
    """
    if named:
        wanted = [row for row in rows if named in {row.name, row.key}]
    else:
        clubs = {row.club for row in rows}
        if own not in clubs and len(clubs) > 1:
            raise StoreFailed("many_clubs")
        wanted = [row for row in rows if row.club == own or own not in clubs]
    if not wanted:
        raise OperationRefused("backup_unknown")
    if len({row.club for row in wanted}) > 1:
        raise StoreFailed("many_clubs")
    return max(wanted, key=lambda row: (row.made_at <= now, row.made_at, row.name))


def fetch(
    data: Path,
    store: Store,
    key: str,
    *,
    passphrase: str,
    now: int,
    told: Told = lambda _bytes, _expected: None,
) -> str:
    """Bring a backup home, opened; returns its name here. `told`: how much of it has come.

    Raises StoreFailed, OSError, OperationRefused: `passphrase_needed`, `invalid_fields` (a wrong passphrase),
    `backup_damaged`.
    """
    home = data / "backups"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed, opened = home / ".fetched.sealed.part", home / ".fetched.part"
    try:
        store.get(key, sealed, told)
        try:
            own = sealing.read_key(data)
            sealed_file.unseal(sealed, opened, passphrase=passphrase, key=own)
        except BadArchive as error:
            raise OperationRefused("backup_damaged") from error
        return folder.take_in(home, opened, now)
    finally:
        sealed.unlink(missing_ok=True)
        opened.unlink(missing_ok=True)
