"""Sending what waits, one after the other, in a thread of its own; no transaction is held while an operator answers."""

import threading
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.fiscal import rules
from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.fiscal.providers.contract import (
    Document,
    FiscalProvider,
    Line,
    Refused,
    Registered,
    Unknown,
)
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.jobs.scheduler import Job
from lovhub.server.journal import service as journal

SEND_SECONDS = 2.0
MOST_AT_ONCE = 50
LONGEST_PROBLEM = 200

log = structlog.get_logger("fiscal")


@dataclass(frozen=True)
class _Due:
    """A document that is to be sent. `may_have_arrived`: it was under way before."""

    id: int
    document: Document
    may_have_arrived: bool


class Sender:
    """Works the queue through, the oldest first."""

    def __init__(self, club: ClubContext, fiscal: Fiscal) -> None:
        self._club = club
        self._provider = fiscal.provider
        self._stop = threading.Event()

    def jobs(self) -> list[Job]:
        """What the scheduler is to do; nothing where there is no operator."""
        return [Job("fiscal", SEND_SECONDS, self.send)] if self._provider is not None else []

    def stop(self) -> None:
        """Send nothing more."""
        self._stop.set()

    def send(self) -> None:
        """Send what is due."""
        if self._provider is None:
            return
        with self._club.read() as db:
            due = db.scalars(
                select(FiscalDocument.id)
                .where(
                    FiscalDocument.club_id == self._club.club_id,
                    FiscalDocument.state.in_(("queued", "sent")),
                    FiscalDocument.next_try_at <= self._club.clock.now(),
                )
                .order_by(FiscalDocument.next_try_at, FiscalDocument.id)
                .limit(MOST_AT_ONCE)
            ).all()
        for document_id in due:
            if self._stop.is_set():
                return
            self._send_one(self._provider, document_id)

    def _send_one(self, provider: FiscalProvider, document_id: int) -> None:
        due = _take(self._club, document_id)
        if due is None:
            return
        try:
            found = provider.find(due.document.key) if due.may_have_arrived else None
            registered = found or provider.send(due.document)
        except Refused as error:
            _fail(self._club, document_id, str(error))
        except Unknown as error:
            _note_silence(self._club, document_id, str(error))
        else:
            _confirm(self._club, document_id, registered)


def send_again(club: ClubContext, *, document_id: int, actor: Actor) -> None:
    """A person wants another attempt now. Raises OperationRefused: `fiscal_unknown`, `fiscal_confirmed`."""
    with club.write() as work:
        row = work.db.scalars(
            select(FiscalDocument)
            .where(FiscalDocument.id == document_id, FiscalDocument.club_id == work.club_id)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise OperationRefused("fiscal_unknown")
        if not rules.may_be_sent_again(row.state):
            raise OperationRefused("fiscal_confirmed")
        # What was refused may be right by now; whether an earlier try arrived is asked first all the same.
        row.state = "sent" if row.attempts else "queued"
        row.next_try_at = work.now
        journal.record(work, "fiscal.sent_again", actor, document_id=row.id)


def _take(club: ClubContext, document_id: int) -> _Due | None:
    """From now on it may have arrived, whatever becomes of us; None if another node was quicker."""
    with club.write() as work:
        row = work.db.scalars(
            select(FiscalDocument).where(FiscalDocument.id == document_id).with_for_update()
        ).one()
        if row.state not in {"queued", "sent"} or (row.next_try_at or 0) > work.now:
            return None
        due = _Due(row.id, _document(row), may_have_arrived=row.state == "sent")
        row.state = "sent"
        row.sent_at = work.now
        row.attempts += 1
        row.next_try_at = work.now + rules.pause_seconds(row.attempts)
        return due


def _document(row: FiscalDocument) -> Document:
    return Document(
        key=row.key,
        kind="sale" if row.kind == "sale" else "refund",
        number=row.receipt_number or row.id,
        made_at=row.made_at,
        lines=[Line(line["title"], line["quantity"], line["price_tiyn"]) for line in row.lines],
        cash_tiyn=row.cash_tiyn,
        card_tiyn=row.card_tiyn,
        kaspi_tiyn=row.kaspi_tiyn,
        total_tiyn=row.total_tiyn,
        vat_percent=row.vat_percent,
        vat_tiyn=row.vat_tiyn,
        original_key=row.original_key,
    )


def _confirm(club: ClubContext, document_id: int, registered: Registered) -> None:
    with club.write() as work:
        row = work.db.get_one(FiscalDocument, document_id)
        row.state, row.next_try_at, row.problem = "confirmed", None, ""
        row.confirmed_at = work.now
        row.fiscal_number, row.check_url = registered.fiscal_number, registered.check_url


def _fail(club: ClubContext, document_id: int, problem: str) -> None:
    with club.write() as work:
        row = work.db.get_one(FiscalDocument, document_id)
        row.state, row.next_try_at = "failed", None
        row.problem = problem[:LONGEST_PROBLEM]
        journal.record(work, "fiscal.failed", SYSTEM, document_id=row.id, problem=row.problem)


def _note_silence(club: ClubContext, document_id: int, problem: str) -> None:
    with club.write() as work:
        work.db.get_one(FiscalDocument, document_id).problem = problem[:LONGEST_PROBLEM]
    log.info("fiscal_not_answered", document_id=document_id)
