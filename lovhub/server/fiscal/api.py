"""Fiscal documents, for programs."""

from http import HTTPStatus
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.fiscal import queries, sending
from lovhub.server.web import current
from lovhub.server.web.api import Done, Id, Question, answer, blueprint, done

api = blueprint("fiscal", "fiscal")


class DocumentPath(BaseModel):
    """Which document."""

    document_id: int


class ListQuery(Question):
    """What part, the newest first. `before` is the `next_before` of the part before."""

    before: Id | None = None
    only: Literal["", "open"] = ""


class DocumentShown(BaseModel):
    """A document. `vat_tiyn` is contained in the total."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    kind: Literal["sale", "refund"]
    posting_id: int
    original_key: str
    receipt_number: int | None
    made_at: int
    total_tiyn: int
    cash_tiyn: int
    card_tiyn: int
    kaspi_tiyn: int
    vat_percent: int | None
    vat_tiyn: int
    lines: list[dict[str, Any]]
    state: Literal["queued", "sent", "confirmed", "failed"]
    attempts: int
    confirmed_at: int | None
    fiscal_number: str
    check_url: str
    problem: str


class DocumentList(BaseModel):
    """Part of the documents, and what waits in all. `provider` "": nobody asks for documents here."""

    provider: str
    waiting: int
    failed: int
    oldest_waiting_seconds: int
    documents: list[DocumentShown]
    next_before: int | None


@api.get("/fiscal/documents", responses={HTTPStatus.OK: DocumentList})
def list_documents(query: ListQuery) -> Response:
    """Fiscal documents and their states."""
    club = current.club()
    provider = current.server().fiscal.provider
    with club.read() as db:
        waiting = queries.waiting(db, club.club_id, club.clock.now())
        rows, older = queries.page(
            db, club.club_id, before=query.before, only_open=query.only == "open"
        )
    return answer(
        DocumentList(
            provider="" if provider is None else provider.name,
            waiting=waiting.count,
            failed=waiting.failed,
            oldest_waiting_seconds=waiting.oldest_seconds,
            documents=[DocumentShown.model_validate(row) for row in rows],
            next_before=older,
        )
    )


@api.post("/fiscal/documents/<int:document_id>/send", responses={HTTPStatus.OK: Done})
def send_again(path: DocumentPath) -> Response:
    """Another attempt now."""
    sending.send_again(current.club(), document_id=path.document_id, actor=current.actor())
    return done()
