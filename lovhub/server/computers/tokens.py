"""Bulk tokens: with one of them many PCs are installed, and show at the desk that they were.

What a token does, and no more: a PC that shows one has made sure of the club by it, and the desk need not compare its
code. It still waits for the desk: whoever steals a token from an installation script gets their machine into the list,
beside the others, and not into the club.
"""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.protocol import pairing
from lovhub.server.actor import Actor
from lovhub.server.computers.models import PairingToken
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal

MOST_COMPUTERS = 200
MOST_HOURS = 24
LISTED = 20


@dataclass(frozen=True)
class Made:
    """A new token; its text is told once."""

    token_id: int
    text: str


def make(club: ClubContext, *, computers: int, hours: int, actor: Actor) -> Made:
    """A token for so many PCs and hours.

    Raises OperationRefused: `token_computers_out_of_range`, `token_hours_out_of_range`.
    """
    if not 1 <= computers <= MOST_COMPUTERS:
        raise OperationRefused("token_computers_out_of_range")
    if not 1 <= hours <= MOST_HOURS:
        raise OperationRefused("token_hours_out_of_range")
    identity_key = club.identity.public_key().public_bytes_raw()
    text = pairing.bulk_token(secrets.token_urlsafe(24), identity_key)
    with club.write() as work:
        token = PairingToken(
            club_id=work.club_id,
            token_hash=_hash(text),
            made_by=actor.name,
            made_at=work.now,
            expires_at=work.now + hours * 3600,
            most_computers=computers,
        )
        work.db.add(token)
        work.db.flush()
        journal.record(
            work, "computer.token_made", actor, token_id=token.id, computers=computers, hours=hours
        )
        return Made(token.id, text)


def revoke(club: ClubContext, *, token_id: int, actor: Actor) -> None:
    """It counts no more from now on, also for PCs that wait; twice is once.

    Raises OperationRefused: `token_unknown`.
    """
    with club.write() as work:
        token = _locked(work, token_id)
        if token is None:
            raise OperationRefused("token_unknown")
        if token.revoked_at is None:
            token.revoked_at = work.now
            journal.record(work, "computer.token_revoked", actor, token_id=token_id)


def usable(club: ClubContext, text: str) -> int:
    """The id of the token if it counts now, else 0."""
    with club.read() as db:
        token = db.scalar(
            select(PairingToken).where(
                PairingToken.club_id == club.club_id,
                PairingToken.token_hash == _hash(text),
            )
        )
        return token.id if token is not None and counts(token, club.clock.now()) else 0


def use(work: Work, token_id: int) -> None:
    """A PC that has shown it is taken in. Raises OperationRefused: `token_over` if it counts no more."""
    token = _locked(work, token_id)
    if token is None or not counts(token, work.now):
        raise OperationRefused("token_over")
    token.used += 1


def counts(token: PairingToken, now: int) -> bool:
    """Whether it is neither revoked nor too old nor used up."""
    return token.revoked_at is None and now < token.expires_at and token.used < token.most_computers


def newest(db: Session, club_id: int) -> list[PairingToken]:
    """The newest first."""
    query = select(PairingToken).where(PairingToken.club_id == club_id)
    return list(db.scalars(query.order_by(PairingToken.id.desc()).limit(LISTED)))


def _hash(text: str) -> bytes:
    """How a token is kept. It is long and random, so a plain SHA-256 is enough."""
    return hashlib.sha256(text.encode()).digest()


def _locked(work: Work, token_id: int) -> PairingToken | None:
    return work.db.scalars(
        select(PairingToken)
        .where(PairingToken.id == token_id, PairingToken.club_id == work.club_id)
        .with_for_update()
    ).one_or_none()
