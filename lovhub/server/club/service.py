"""The club: founding it, and its settings."""

import os
import zoneinfo
from dataclasses import asdict, fields, replace
from pathlib import Path

from sqlalchemy import String, and_, bindparam, cast, literal, or_, select
from sqlalchemy import exists as sql_exists
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged
from lovhub.server.club import rules
from lovhub.server.club.models import Club, DemoItem
from lovhub.server.club.rules import Settings
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.moving.models import Move
from lovhub.traces import lines_of

_CLUB = Query(select(Club).where(Club.id == bindparam("club")))


def found(
    work: Work,
    *,
    name: str,
    time_zone: str,
    currency: str = "KZT",
    language: str = "ru",
    minors_rule: bool = False,
) -> Club:
    """Create the club, once, in the set-up's transaction."""
    club = Club(
        id=work.club_id,
        name=name,
        time_zone=time_zone,
        currency=currency,
        language=language,
        minors_rule=minors_rule,
        created_at=work.now,
    )
    work.db.add(club)
    work.db.flush()
    return club


def get(db: Session, club_id: int) -> Club:
    """The club, read once a transaction, which holds it. It exists from the first migration on."""
    held: Club | None = db.info.get(Club)
    if held is None or held.id != club_id:
        (held,) = _CLUB.one(db, club=club_id)
        remember(db, held)
    return held


def remember(db: Session, club: Club) -> None:
    """Whoever asks for this club in this transaction gets what was read beside something else."""
    db.info[Club] = club


def found_if_missing(work: Work) -> None:
    """Found the club with what a club in Kazakhstan starts from; the owner changes it later."""
    if work.db.get(Club, work.club_id) is not None:
        return
    found(
        work,
        name="LoVHub",
        time_zone="Asia/Almaty",
        minors_rule=rules.keeps_minors_home("KZT"),
    )
    ledger.open_club_accounts(work)


def exists(db: Session, club_id: int) -> bool:
    """Whether the club has been founded."""
    return db.get(Club, club_id) is not None


def settings_of(club: Club) -> Settings:
    """The club's settings as they are."""
    return Settings(**{field.name: getattr(club, field.name) for field in fields(Settings)})


def money_was_booked(db: Session, club_id: int) -> bool:
    """Whether anything stands in the books.

    Examples do not count, nor does a move that was taken back: of that, nobody has anything.
    """
    examples = select(DemoItem.row_id).where(DemoItem.club_id == club_id, DemoItem.kind == "move")
    of_nobody = sql_exists().where(
        Move.club_id == club_id,
        or_(Move.state == "taken_back", Move.id.in_(examples)),
        LedgerPosting.key.like(literal("move:") + cast(Move.id, String) + literal(":%")),
    )
    booked = sql_exists().where(LedgerPosting.club_id == club_id, ~of_nobody)
    return bool(db.scalar(select(booked)))


def currency_is_locked(db: Session, club_id: int) -> bool:
    """Whether the currency is what it is: money stands in the books, or balances are one with another club's."""
    is_shared = sql_exists().where(
        or_(and_(Club.id == club_id, Club.customers_of.is_not(None)), Club.customers_of == club_id)
    )
    return bool(db.scalar(select(is_shared))) or money_was_booked(db, club_id)


def change_settings(club: ClubContext, *, settings: Settings, actor: Actor) -> bool:
    """Set everything; it counts from now on. Returns whether anything differs from before.

    Raises OperationRefused("invalid_fields") with a code for each wrong field.
    """
    settings = replace(
        settings,
        name=settings.name.strip(),
        second_backup_folder=settings.second_backup_folder.strip(),
        printer_address=settings.printer_address.strip(),
        traces="\n".join(lines_of(settings.traces)),
    )
    problems = rules.problems(settings, zoneinfo.available_timezones())
    if settings.second_backup_folder and not can_be_written(settings.second_backup_folder):
        problems["second_backup_folder"] = "folder_not_writable"
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        row = get(work.db, work.club_id)
        changes = rules.changes(settings_of(row), settings)
        if "currency" in changes and currency_is_locked(work.db, work.club_id):
            raise OperationRefused("invalid_fields", currency="currency_locked")
        if not changes:
            return False
        for field, value in asdict(settings).items():
            setattr(row, field, value)
        journal.record(
            work,
            "club.settings_changed",
            actor,
            changes={field: list(pair) for field, pair in changes.items()},
        )
        work.tell(CatalogChanged())
    return True


def put_checklist_away(club: ClubContext, *, actor: Actor) -> bool:
    """Take the first evening's list off the dashboard, or put it back; returns whether it is shown now."""
    with club.write() as work:
        row = get(work.db, work.club_id)
        row.checklist_closed_at = work.now if row.checklist_closed_at is None else None
        shown = row.checklist_closed_at is None
        journal.record(work, "club.checklist_shown" if shown else "club.checklist_closed", actor)
    return shown


def can_be_written(folder: str) -> bool:
    """Whether `folder` is the full path of a folder that the server can put files into."""
    path = Path(folder)
    try:
        return path.is_absolute() and path.is_dir() and os.access(path, os.W_OK)
    except (OSError, ValueError):
        return False
