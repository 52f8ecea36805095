"""What the suspicious report says, for tests of what belongs into it."""

from lovhub.server.context import ClubContext
from lovhub.server.suspicious.happened import Finding
from lovhub.server.suspicious.queries import Report


def told(club: ClubContext, from_at: int = 0, until_at: int | None = None) -> list[Finding]:
    """The lines of this period, the newest first; without an end, up to now."""
    now = club.clock.now()
    until_at = now + 1 if until_at is None else until_at
    with club.read() as db:
        return Report(db, club.club_id, from_at, until_at, now).find().findings


def told_by_whom(club: ClubContext, from_at: int = 0) -> list[tuple[str, str, int]]:
    """Of each line its group, its person and how long it lasted, in seconds."""
    return [(one.judged.group, one.person, one.judged.seconds) for one in told(club, from_at)]
