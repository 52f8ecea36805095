"""Leads that are kept, and up to when."""

from dataclasses import dataclass
from typing import Literal, Self

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lovhub.server.suspicious.models import Lead, LeadsUntil

Kind = Literal["again", "unproven"]


@dataclass(frozen=True)
class Leads:
    """A period of a club: leads are kept of it before `rest_at`, and what came since must be looked for."""

    club_id: int
    from_at: int
    until_at: int
    rest_at: int

    @classmethod
    def read(cls, db: Session, club_id: int, from_at: int, until_at: int) -> Self:
        """One statement."""
        kept_until = db.scalar(select(LeadsUntil.until_at).where(LeadsUntil.club_id == club_id))
        rest_at = min(until_at, max(from_at, kept_until or 0))
        return cls(club_id, from_at, until_at, rest_at)

    def kept(self, kind: Kind) -> Select[int]:
        """What those that are kept lead to."""
        return select(Lead.ref_id).where(
            Lead.club_id == self.club_id,
            Lead.kind == kind,
            Lead.at >= self.from_at,
            Lead.at < self.rest_at,
        )
