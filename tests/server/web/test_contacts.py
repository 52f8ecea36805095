"""Phones and birth dates: whole for who runs the club, by a press that the log tells for the desk."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import contacts, rules, service
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.payments.providers.contract import Caps
from lovhub.server.payments.settings import Payments
from lovhub.server.staff.models import Staff
from tests.server.web.conftest import OpenAs
from tests.support.bank import Bank
from tests.support.club import OWNER
from tests.support.live_desk import LiveDesk
from tests.support.web import ADDRESS, WebAdmin

OTHERS = "+77770000000"
PHONE, BORN, MASKED = "+77011234512", "2000-01-16", "+7 70* *** ** 12"


@pytest.fixture
def customer(club: ClubContext) -> int:
    return service.register(
        club, login="sniper", name="Ерлан", phone=PHONE, birth_date=BORN, password="секрет-7",
        actor=OWNER,
    )  # fmt: skip


def seen(club: ClubContext) -> list[tuple[int | None, int | None]]:
    """Who has opened whose."""
    with club.read() as db:
        events = db.scalars(select(Event).where(Event.kind == "customer.contacts_seen"))
        return [(event.actor_id, event.customer_id) for event in events]


@pytest.mark.parametrize(("phone", "shown"), [("", ""), (PHONE, MASKED)])
def test_the_ends_tell_two_people_apart(phone: str, shown: str) -> None:
    assert rules.masked_phone(phone) == shown


def test_no_page_and_no_call_tells_a_cashier_more_than_needed(web: WebAdmin, customer: int) -> None:
    by_phone = Bank()
    by_phone.caps = Caps(create=True, needs_phone=True)
    web.use(Payments("fake", by_phone, {by_phone.name: by_phone}))
    pages = [
        f"/admin/payments/customers/{customer}",
        "/admin/customers?q=87011234512", f"/admin/customers/{customer}", "/admin/search?q=sniper",
        f"/admin/customers/{customer}/details", f"/admin/customers/{customer}/age",
        f"/admin/customers/{customer}/top-up",
    ]  # fmt: skip
    for role, sees_all in (("manager", True), ("cashier", False)):
        shown = "".join(web.signed_in(role).get(page, htmx=True).text for page in pages)
        assert (PHONE in shown, BORN in shown, MASKED in shown) == (
            sees_all,
            sees_all,
            not sees_all,
        )
        assert ("совершеннолетний" in shown) == (not sees_all)
        answer = web.stranger().client.get(
            f"/api/v1/customers/{customer}",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {web.token(role)}"},
        )
        told = (PHONE, BORN) if sees_all else (MASKED, "2000")
        assert (answer.get_json()["phone"], answer.get_json()["birth_date"]) == told
    assert seen(web.club) == []


def test_no_list_lets_a_cashier_guess_a_phone_by_its_parts_or_by_its_place(
    web: WebAdmin, club: ClubContext, customer: int
) -> None:
    service.register(club, login="zzz", name="Айна", phone=OTHERS, password="секрет-7", actor=OWNER)
    lists = {"customers": "q", "customers/choose": "search", "computers/keep/customers": "search"}
    for role, sees_all in (("manager", True), ("cashier", False)):
        browser = web.signed_in(role)

        def api(query: Mapping[str, str | int], role: str = role) -> TestResponse:
            return web.stranger().client.get(
                f"/api/v1/customers?{urlencode(query)}",
                base_url=ADDRESS,
                headers={"Authorization": f"Bearer {web.token(role)}"},
            )

        for text, is_found in (("70112", sees_all), ("8 701 123 45 12", True)):
            for path, name in lists.items():
                answer = browser.get(f"/admin/{path}?{urlencode({name: text})}", htmx=True)
                assert ("sniper" in answer.text) == is_found, (role, path, text)
            assert bool(api({"search": text}).get_json()["customers"]) == is_found
        # A place in a list by phone holds the phone itself.
        assert api({"sort": "phone", "limit": 1}).status_code == (200 if sees_all else 422)
        by_phone = browser.get("/admin/customers?sort=phone").text
        assert (by_phone.index("sniper") < by_phone.index("zzz")) == sees_all
        assert ('data-sort="phone"' in by_phone) == sees_all
        file = browser.get("/admin/customers?export=csv")
        assert (file.status_code, PHONE.encode() in file.data) == (
            200 if sees_all else 403,
            sees_all,
        )


def test_what_a_cashier_does_not_see_stays_when_the_name_is_changed(
    web: WebAdmin, customer: int
) -> None:
    cashier, address = web.cashier(), f"/admin/customers/{customer}/details"

    def now() -> tuple[str, str, str]:
        with web.club.read() as db:
            row = db.get_one(Customer, customer)
            return row.name, row.phone, row.birth_date

    cashier.post(address, {"name": "Ерлан Ким", "phone": MASKED, "birth_date": ""})
    assert now() == ("Ерлан Ким", PHONE, BORN)
    assert cashier.post(address, {"name": "X", "phone": MASKED[:-1] + "3"}).status_code == 422
    cashier.post(address, {"name": "Е", "phone": "8 701 123 45 99", "birth_date": "2001-01-16"})
    assert now() == ("Е", "+77011234599", "2001-01-16")
    cashier.post(address, {"name": "Е", "phone": "", "birth_date": ""})
    assert now() == ("Е", "", "2001-01-16")


def test_a_cashier_opens_one_by_a_press_and_the_log_tells(
    open_as: OpenAs, live: LiveDesk, web: WebAdmin, customer: int, clock: ManualClock
) -> None:
    page = open_as("cashier")
    page.goto(f"{live.address}/admin/customers?q=7011234512")
    cell = page.locator(f"#customer-{customer} [data-contacts]")
    expect(cell).to_have_text(re.compile(re.escape(MASKED)))
    cell.locator("[data-test=reveal]").click()
    expect(page.locator("[data-test=contacts]")).to_have_text(PHONE)
    cashier = web.staff_id("cashier")
    assert seen(web.club) == [(cashier, customer)]

    with web.club.read() as db:
        somebody = web.staff.actor(db.get_one(Staff, cashier))
    for _ in range(29):
        contacts.reveal(web.club, customer_id=customer, actor=somebody)
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        contacts.reveal(web.club, customer_id=customer, actor=somebody)
    contacts.reveal(web.club, customer_id=customer, actor=OWNER)
    clock.advance(3600)
    contacts.reveal(web.club, customer_id=customer, actor=somebody)
    assert len(seen(web.club)) == 32
