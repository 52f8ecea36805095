"""Pairing, naming and revoking PCs, and what they say of themselves when they come and go."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from sqlalchemy import select, text

from lovhub.protocol.channel import Hello
from lovhub.server.actor import Actor
from lovhub.server.bus import ComputerChanged
from lovhub.server.computers import rules, tokens
from lovhub.server.computers.models import COMPUTERS_IN_A_ROW, Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal

LONGEST_NAME = 40
_LONGEST_HOSTNAME = 64
PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True)
class Pairing:
    """What the PC is told once. The server keeps only the token's hash."""

    computer_id: int
    computer_name: str
    token: str


def token_hash(token: str) -> bytes:
    """How a PC's token is kept. It is long and random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


def clean_name(text: str, longest: int) -> str:
    """One line of printable text, no longer than `longest` characters."""
    printable = "".join(
        " " if unicodedata.category(character).startswith(("C", "Z")) else character
        for character in text
    )
    return " ".join(printable.split())[:longest].strip()


def pair(
    club: ClubContext,
    *,
    hostname: str,
    public_key: bytes,
    actor: Actor,
    name: str = "",
    token_id: int = 0,
) -> Pairing:
    """Make a PC one of the club's. A PC that was paired before keeps its row and name, and gets a new token.

    `name`: what people call it from now on; without one a new PC is called as it calls itself.
    `token_id`: the bulk token that it has shown.
    Raises OperationRefused: `public_key_invalid`, `name_taken`, `token_over`.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise OperationRefused("public_key_invalid")
    token = secrets.token_urlsafe(32)
    hostname = clean_name(hostname, _LONGEST_HOSTNAME) or "PC"
    name = clean_name(name, LONGEST_NAME)
    with club.write() as work:
        computer = work.db.scalar(
            select(Computer).where(
                Computer.club_id == work.club_id,
                Computer.public_key == public_key,
                Computer.revoked_at.is_(None),
            )
        )
        if name and _is_taken(work, name, computer.id if computer else None):
            raise OperationRefused("name_taken")
        if computer is None:
            computer = Computer(
                club_id=work.club_id,
                name=name or hostname[:LONGEST_NAME],
                hostname=hostname,
                public_key=public_key,
                token_hash=token_hash(token),
                paired_at=work.now,
            )
            work.db.add(computer)
        else:
            computer.name = name or computer.name
            computer.hostname = hostname
            computer.token_hash = token_hash(token)
            computer.paired_at = work.now
        work.db.flush()
        shown = {}
        if token_id:
            tokens.use(work, token_id)
            shown = {"token_id": token_id}
        journal.record(
            work, "computer.paired", actor, computer_id=computer.id, hostname=hostname, **shown
        )
        work.tell(ComputerChanged(computer.id))
        return Pairing(computer.id, computer.name, token)


def rename(club: ClubContext, *, computer_id: int, name: str, actor: Actor) -> None:
    """Give the PC the name that people use.

    Raises OperationRefused: `computer_unknown`, `name_missing`, `name_taken`.
    """
    name = clean_name(name, LONGEST_NAME)
    if not name:
        raise OperationRefused("name_missing")
    with club.write() as work:
        computer = _current(work, computer_id)
        if _is_taken(work, name, computer_id):
            raise OperationRefused("name_taken")
        if computer.name == name:
            return
        journal.record(
            work,
            "computer.renamed",
            actor,
            computer_id=computer_id,
            old_name=computer.name,
            new_name=name,
        )
        computer.name = name
        work.tell(ComputerChanged(computer_id))


def revoke(club: ClubContext, *, computer_id: int, actor: Actor) -> None:
    """Take the PC out of the club: its token opens nothing from now on. Its history stays.

    Raises OperationRefused: `computer_unknown`, `computer_busy` while a session is on it.
    """
    # Sessions import nothing of this module; the one question asked here must not make a ring of imports.
    from lovhub.server.sessions.models import IS_LIVE, PlaySession  # noqa: PLC0415

    with club.write() as work:
        computer = _current(work, computer_id)
        live = work.db.scalar(
            select(PlaySession.id).where(PlaySession.computer_id == computer_id, IS_LIVE)
        )
        if live is not None:
            raise OperationRefused("computer_busy")
        computer.revoked_at = work.now
        journal.record(work, "computer.revoked", actor, computer_id=computer_id, name=computer.name)
        work.tell(ComputerChanged(computer_id))


def said_hello(work: Work, computer: Computer, hello: Hello, *, address: str) -> None:
    """Note what the PC says of itself; a journal begun anew (a new disk) counts from one again."""
    if computer.journal_id != hello.journal_id:
        computer.journal_number = 0
    if computer.memory_lasts and not hello.memory_lasts:
        journal.raise_alarm_once(work, "memory_forgets", computer_id=computer.id)
    if computer.is_guarded and not hello.is_guarded:
        journal.raise_alarm_once(work, "guarded_in_part", computer_id=computer.id)
    if computer.last_address and computer.last_address != address:
        _note_another_address(work, computer, address)
    for name, value in _told(computer, hello, address).items():
        setattr(computer, name, value)


def _note_another_address(work: Work, computer: Computer, address: str) -> None:
    """A token that is used from elsewhere may be a stolen one: a line in the log; an alarm from another network."""
    journal.record(
        work,
        "computer.address_changed",
        Actor(kind="computer", id=computer.id, name=computer.name, address=address),
        computer_id=computer.id,
        before=computer.last_address,
        now=address,
    )
    if rules.is_another_network(computer.last_address, address):
        journal.raise_alarm_once(work, "computer_elsewhere", computer_id=computer.id)


def is_news(computer: Computer, hello: Hello, *, address: str) -> bool:
    """Whether `said_hello` would change anything.

    After a restart of the server the whole hall says hello at once, and hardly any of it is news.
    """
    told = _told(computer, hello, address)
    return any(getattr(computer, name) != value for name, value in told.items())


def _told(computer: Computer, hello: Hello, address: str) -> dict[str, object]:
    return {
        "journal_id": hello.journal_id,
        "boot_id": hello.boot_id,
        "agent_version": clean_name(hello.agent_version, 40),
        "operating_system": clean_name(hello.operating_system, 80),
        "hostname": clean_name(hello.hostname, _LONGEST_HOSTNAME) or computer.hostname,
        "last_address": address,
        "said_goodbye": False,
        "memory_lasts": hello.memory_lasts,
        "is_guarded": hello.is_guarded,
    }


def said_goodbye(club: ClubContext, *, computer_id: int, reason: str, address: str) -> None:
    """The PC went off in an orderly way."""
    with club.write() as work:
        computer = work.db.get(Computer, computer_id)
        if computer is None or computer.revoked_at is not None:
            return
        computer.said_goodbye = True
        actor = Actor(kind="computer", id=computer_id, name=computer.name, address=address)
        journal.record(work, "computer.switched_off", actor, computer_id=computer_id, reason=reason)


_SEEN = {
    "sqlite": text(
        "INSERT INTO signs_of_life (club_id, part, seen)"
        " SELECT :club, CAST(key AS INTEGER) / :computers, json_group_object(key, value)"
        " FROM json_each(:seen_at) WHERE true GROUP BY 2"
        " ON CONFLICT (club_id, part) DO UPDATE SET seen = json_patch(signs_of_life.seen, excluded.seen)"
    ),
    # In the order of their parts: two servers that came from different ends would wait for each other.
    "postgresql": text(
        "INSERT INTO signs_of_life (club_id, part, seen)"
        " SELECT :club, CAST(key AS bigint) / :computers, json_object_agg(key, CAST(value AS bigint))"
        " FROM json_each_text(CAST(:seen_at AS json)) GROUP BY 2 ORDER BY 2"
        " ON CONFLICT (club_id, part) DO UPDATE"
        " SET seen = CAST(CAST(signs_of_life.seen AS jsonb) || CAST(excluded.seen AS jsonb) AS json)"
    ),
}


def flush_last_seen(club: ClubContext, seen_at: dict[int, int]) -> None:
    """Write down when PCs were last heard: by one statement, however many they are. What is written last, holds."""
    if not seen_at:
        return
    told = msgspec.json.encode(seen_at).decode()
    with club.write() as work:
        work.db.execute(
            _SEEN[work.db.get_bind().dialect.name],
            {"club": work.club_id, "computers": COMPUTERS_IN_A_ROW, "seen_at": told},
        )


def lock_computers(work: Work, computer_ids: Collection[int]) -> list[Computer]:
    """The PCs, locked for this operation; refused with `computer_unknown` if one of them is none of the club's.

    Refused with `no_computers_chosen` if none is named.
    """
    wanted = set(computer_ids)
    if not wanted:
        raise OperationRefused("no_computers_chosen")
    found = list(
        work.db.scalars(
            select(Computer)
            .where(
                Computer.club_id == work.club_id,
                Computer.id.in_(wanted),
                Computer.revoked_at.is_(None),
            )
            .order_by(Computer.id)
            .with_for_update(key_share=True)
        )
    )
    if len(found) != len(wanted):
        raise OperationRefused("computer_unknown")
    return found


def _is_taken(work: Work, name: str, computer_id: int | None) -> bool:
    """Whether another PC is called so."""
    taken = select(Computer.id).where(
        Computer.club_id == work.club_id, Computer.name == name, Computer.revoked_at.is_(None)
    )
    if computer_id is not None:
        taken = taken.where(Computer.id != computer_id)
    return work.db.scalar(taken.limit(1)) is not None


def computer_with_key(club: ClubContext, *, public_key: bytes) -> int | None:
    """The PC of the club that was paired with this key."""
    with club.read() as db:
        return db.scalar(
            select(Computer.id).where(
                Computer.club_id == club.club_id,
                Computer.public_key == public_key,
                Computer.revoked_at.is_(None),
            )
        )


def note_doubled_key(club: ClubContext, *, computer_id: int | None) -> None:
    """Two machines have one key: the disk of one (the PC named, or none of the club's yet) was copied with it."""
    with club.write() as work:
        journal.raise_alarm(work, "key_doubled", computer_id=computer_id)


def _current(work: Work, computer_id: int) -> Computer:
    computer = work.db.get(Computer, computer_id)
    if computer is None or computer.club_id != work.club_id or computer.revoked_at is not None:
        raise OperationRefused("computer_unknown")
    return computer


def note_refused_pairing(club: ClubContext, *, hostname: str, actor: Actor) -> None:
    """The desk sent a PC away that wanted to be paired."""
    with club.write() as work:
        journal.record(work, "computer.pairing_refused", actor, hostname=hostname)
