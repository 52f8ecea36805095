"""Fiscal documents as the owner sees them."""

from dataclasses import replace

from playwright.sync_api import expect
from sqlalchemy import select

from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.fiscal.providers.contract import Document, Registered
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.ledger.models import LedgerPosting
from tests.server.web.conftest import OpenAs
from tests.support.club import People
from tests.support.live_desk import LiveDesk


class Operator:
    """Is there, and that is all."""

    name = "played"

    def send(self, document: Document) -> Registered:
        return Registered(document.key)

    def find(self, _key: str) -> Registered | None:
        return None


def test_what_waits_and_what_was_refused_is_seen_and_sent_again(
    open_as: OpenAs, live: LiveDesk, people: People
) -> None:
    club = live.web.club
    for _customer in range(2):
        people.customer(balance_tiyn=500_00)
    owner = open_as("owner")
    owner.goto(f"{live.address}/admin/fiscal")
    expect(owner.locator("[role=note]")).to_contain_text("Оператор не подключён")
    expect(owner.locator("nav a[href='/admin/fiscal']")).to_have_count(0)
    with club.write() as work:
        postings = work.db.scalars(select(LedgerPosting.id).order_by(LedgerPosting.id)).all()
        for posting_id, state in zip(postings, ("failed", "confirmed"), strict=True):
            work.db.add(
                FiscalDocument(
                    club_id=work.club_id,
                    key=state,
                    kind="sale",
                    posting_id=posting_id,
                    made_at=work.now,
                    total_tiyn=500_00,
                    cash_tiyn=500_00,
                    card_tiyn=0,
                    kaspi_tiyn=0,
                    vat_tiyn=0,
                    state=state,
                    attempts=1,
                    problem="касса закрыта" if state == "failed" else "",
                    fiscal_number="" if state == "failed" else "F-77",
                    lines=[{"title": "1 час", "quantity": 1, "price_tiyn": 500_00}],
                )
            )
    extensions = live.web.app.extensions
    extensions["lovhub"] = replace(extensions["lovhub"], fiscal=Fiscal(Operator()))
    owner.reload()
    expect(owner.locator("nav a[href='/admin/fiscal']")).to_have_count(1)
    expect(owner.locator("[data-test=waiting]")).to_contain_text("Не принято: 1")
    owner.locator("[data-test=only-open]").click()
    expect(owner.locator("[data-document]")).to_have_count(1)
    expect(owner.locator("[data-document]")).to_contain_text("касса закрыта")
    owner.locator("[data-test=send-again]").click()
    expect(owner.locator("#toasts")).to_contain_text("Отправляется ещё раз")
    expect(owner.locator("[data-test=state]")).to_contain_text("отправлен, ответа нет")
