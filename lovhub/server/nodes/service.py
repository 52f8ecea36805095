"""What nodes write of themselves, of their PCs and to each other. PostgreSQL only."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from lovhub.server.bus import LetterCame, LinkChanged, NewsMissed, WaitingChanged
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.advisory_locks import LINE
from lovhub.server.nodes import queries
from lovhub.server.nodes.models import ComputerLink, Node, NodeLetter
from lovhub.server.refusal import StartRefused

MOST_APART_MS = 5_000
"""So far may the clocks of two nodes differ: a session's instants come from both."""

_NONCE_BYTES = 12

_SIGHTS = text(
    """
    UPDATE computer_link SET lock = seen.lock, application_id = seen.application_id
    FROM jsonb_to_recordset(CAST(:sights AS jsonb))
      AS seen (computer_id bigint, lock text, application_id bigint)
    WHERE computer_link.computer_id = seen.computer_id AND computer_link.node_id = :node
      AND (computer_link.lock, computer_link.application_id)
        IS DISTINCT FROM (seen.lock, seen.application_id)
    RETURNING computer_link.computer_id
    """
)


def _keys_hash(club: ClubContext) -> bytes:
    public = club.identity.public_key().public_bytes_raw()
    return hmac.digest(club.secret_key, b"lovhub nodes" + public, hashlib.sha256)


def join(club: ClubContext, *, name: str, is_first: bool) -> int:
    """Be one of the club's nodes; returns the number. The first has found nobody, and clears what the dead have left.

    Raises StartRefused: `node_keys_differ`, `node_clock_differs`.
    """
    with club.write() as work:
        if is_first:
            of_club = select(Node.id).where(Node.club_id == work.club_id)
            for table in (NodeLetter, ComputerLink):
                work.db.execute(delete(table).where(table.node_id.in_(of_club)))
            work.db.execute(delete(Node).where(Node.club_id == work.club_id))
        own_ms = time.time_ns() // 1_000_000
        their_ms = int(
            work.db.scalar(text("SELECT extract(epoch FROM clock_timestamp()) * 1000")) or 0
        )
        node = Node(
            club_id=work.club_id,
            name=name,
            keys_hash=_keys_hash(club),
            ahead_ms=own_ms - their_ms,
            waiting=[],
        )
        for other in queries.nodes(work.db, work.club_id):
            if other.keys_hash != node.keys_hash:
                raise StartRefused("node_keys_differ")
            if abs(other.ahead_ms - node.ahead_ms) > MOST_APART_MS:
                raise StartRefused("node_clock_differs")
        work.db.add(node)
        work.db.flush()
        return node.id


@dataclass(frozen=True)
class Shown:
    """A PC as it comes: see `ComputerLink`."""

    address: str
    lock: str
    commands: list[str]
    takes_updates: bool


def take_link(
    club: ClubContext,
    *,
    node_id: int,
    computer_id: int,
    shown: Shown,
) -> str:
    """The PC's channel is here now; returns the address from which another node has it still, "" for none.

    Raises IntegrityError if the others count this node among the dead.
    """
    values = {"node_id": node_id, "application_id": None, **asdict(shown)}
    with club.write() as work:
        before = work.db.execute(
            select(ComputerLink.node_id, ComputerLink.address).where(
                ComputerLink.computer_id == computer_id
            )
        ).one_or_none()
        work.db.execute(
            insert(ComputerLink)
            .values(computer_id=computer_id, **values)
            .on_conflict_do_update(index_elements=["computer_id"], set_=values)
        )
        work.tell(LinkChanged(computer_id))
    return "" if before is None or before.node_id == node_id else str(before.address)


def let_go(work: Work, *, node_id: int, computer_id: int) -> bool:
    """The PC's channel is no longer here; False if another node has it by now.

    Whoever begins a session there has locked the PC before asking whether it is linked, and so does this: one of the
    two sees what the other has done.
    """
    work.db.execute(
        select(Computer.id).where(Computer.id == computer_id).with_for_update(key_share=True)
    )
    gone = work.db.scalar(
        delete(ComputerLink)
        .where(ComputerLink.computer_id == computer_id, ComputerLink.node_id == node_id)
        .returning(ComputerLink.computer_id)
    )
    if gone is None:
        # Nobody may have it, either: it was at another node for a moment, while a link here was dead unnoticed.
        return not queries.has_link(work.db, computer_id)
    work.tell(LinkChanged(computer_id))
    return True


def note_sights(
    club: ClubContext, *, node_id: int, sights: Mapping[int, tuple[str, int | None]]
) -> None:
    """PCs of this node have another lock or another program, by PC: by one statement, however many they are."""
    seen = [
        {"computer_id": pc, "lock": lock, "application_id": application_id}
        for pc, (lock, application_id) in sights.items()
    ]
    with club.write() as work:
        changed = work.db.scalars(_SIGHTS, {"node": node_id, "sights": json.dumps(seen)})
        for computer_id in sorted(changed):
            work.tell(LinkChanged(computer_id))


def note_waiting(club: ClubContext, *, node_id: int, waiting: list[dict[str, Any]]) -> None:
    """These PCs wait at this node for approval."""
    with club.write() as work:
        work.db.execute(update(Node).where(Node.id == node_id).values(waiting=waiting))
        work.tell(WaitingChanged(node_id))


def bury(club: ClubContext, node_id: int) -> None:
    """The node is dead, and its PCs are let go; whatever it may not have told is read anew by all."""
    with club.write() as work:
        work.db.execute(delete(NodeLetter).where(NodeLetter.node_id == node_id))
        work.db.execute(delete(Node).where(Node.id == node_id))
        work.tell(NewsMissed())


def send_letter(club: ClubContext, *, to_node_id: int, content: bytes) -> None:
    """Another node gets this, once, if it lives; raises IntegrityError if it is known to be dead."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher(club).encrypt(nonce, content, None)
    with club.write() as work:
        work.db.add(NodeLetter(node_id=to_node_id, sealed=sealed))
        work.tell(LetterCame(to_node_id))


def take_letters(club: ClubContext, node_id: int) -> list[bytes]:
    """What the others ask of this node, in their order; each is given out once."""
    with club.read() as db:
        if not db.scalar(select(func.count()).where(NodeLetter.node_id == node_id)):
            return []
    with club.write() as work:
        rows = work.db.execute(
            delete(NodeLetter)
            .where(NodeLetter.node_id == node_id)
            .returning(NodeLetter.id, NodeLetter.sealed)
        ).all()
    return [opened for _id, sealed in sorted(rows) if (opened := _opened(club, sealed)) is not None]


def stand_in_line(work: Work) -> None:
    """Until this operation ends, no other that stands in this line goes on, at whichever server."""
    if work.db.get_bind().dialect.name == "postgresql":
        work.db.execute(select(func.pg_advisory_xact_lock(LINE)))


def _opened(club: ClubContext, sealed: bytes) -> bytes | None:
    nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher(club).decrypt(nonce, hidden, None)
    except (InvalidTag, ValueError):
        return None


def _cipher(club: ClubContext) -> AESGCM:
    key = hmac.digest(club.secret_key, b"lovhub letters between nodes", hashlib.sha256)
    return AESGCM(key)
