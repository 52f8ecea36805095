"""«Выгрузить данные клиента»: everything about one person, nothing about another, and no cell that is a formula."""

import csv
import io
import json
import re
import zipfile
from typing import IO

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, own_data, service
from lovhub.server.customers.own_data_pages import READY_SECONDS
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import service as habits
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.minors import service as minors
from lovhub.server.sessions import service as sessions
from lovhub.server.staff.rules import CONFIRMED_SECONDS
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People
from tests.support.live_desk import LiveDesk
from tests.support.statements import asked
from tests.support.web import ADDRESS, OWNER_PASSWORD, WebAdmin

Tables = dict[str, list[dict[str, str]]]


def read(file: IO[bytes]) -> tuple[dict[str, object], Tables]:
    """The profile, and each table's rows by their headings."""
    tables: Tables = {}
    with file, zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                text = archive.read(name).decode("utf-8-sig")
                tables[name.removesuffix(".csv")] = list(
                    csv.DictReader(io.StringIO(text), delimiter=";")
                )
        return json.loads(archive.read("profile.json")), tables


def lively(club: ClubContext, people: People, cashier: Actor) -> int:
    """Somebody of whom there is something to tell in every list but the promotions'."""
    customer = service.register(
        club, login="sniper", name="=HYPERLINK(1)", phone="+77011234567", password="пароль-7",
        birth_date="2000-01-16", actor=cashier,
    )  # fmt: skip
    minors.confirm_age(
        club, customer_id=customer, birth_date="2000-01-16", document="passport", actor=cashier
    )
    service.top_up(
        club, customer_id=customer, amount_tiyn=2_000_00, method="cash", key="money", actor=cashier
    )
    service.give_time(
        club, customer_id=customer, seconds=600, title="+10", reason="=cmd|'/C calc'!A1",
        key="gift", actor=cashier,
    )  # fmt: skip
    computer, game = people.computer("ПК-7"), people.application(title="Dota 2")
    weekdays = Terms("1 час", 3600, 500_00, weekdays=frozenset(range(5)), play_rule="sale_hours")
    session = sessions.buy(
        club, computer_id=computer, customer_id=customer, key="buy", actor=cashier,
        tariff_id=tariffs.create(club, terms=weekdays, actor=OWNER),
    )  # fmt: skip
    habits.star(club, customer_id=customer, application_id=game, is_favourite=True)
    with club.write() as work:
        journal.launch_started(
            work, computer_id=computer, session_id=session, customer_id=customer,
            application_id=game, at=work.now,
        )  # fmt: skip
        alarm = journal.raise_alarm(work, "lock_broken", computer_id=computer, session_id=session)
    journal.close_alarm(club, alarm_id=alarm, actor=cashier, note="Предупредили")
    club.clock.advance(900)  # type: ignore[attr-defined]
    sessions.end(club, session_id=session, actor=cashier, reason="ended_by_desk")
    return customer


def test_it_is_everything_about_one_and_nothing_about_another(
    club: ClubContext, people: People, web: WebAdmin
) -> None:
    cashier = web.staff.make("cashier", name="Данияр")
    customer, other = (
        lively(club, people, cashier),
        people.customer(name="Другой", balance_tiyn=777_00),
    )
    with web.app.test_request_context():
        profile, tables = read(own_data.take_out(club, customer_id=customer, actor=OWNER))
    assert (profile["login"], profile["phone"], profile["birth_date"]) == (
        "sniper", "+77011234567", "2000-01-16",
    )  # fmt: skip
    assert (profile["balance_tiyn"], profile["favourite_applications"]) == (1_500_00, ["Dota 2"])
    assert [row["Сумма"] for row in tables["money"]] == ["-500,00", "2000,00"]
    assert {row["Кто"] for row in tables["money"]} == {"сотрудник"}
    assert [(row["Что"], row["Когда играть"]) for row in tables["time"]] == [
        ("1 час", "пн–пт"), ("+10", ""),
    ]  # fmt: skip
    assert [(row["ПК"], row["Сыграно"]) for row in tables["sessions"]] == [("ПК-7", "0:15:00")]
    assert [row["Программа"] for row in tables["launches"]] == ["Dota 2"]
    assert [row["Событие"] for row in tables["consents"]] == ["Возраст подтверждён: паспорт"]
    assert [row["Заметка"] for row in tables["notes"]] == ["Предупредили"]
    told = [row["Событие"] for row in tables["journal"]]
    assert told[0] == "Все данные клиента выгружены файлом"
    assert "Клиент зарегистрирован" in told
    assert {"debt", "bonuses", "payments", "promo_codes"} < set(tables)
    cells = [cell for rows in tables.values() for row in rows for cell in row.values()]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith("=")]
    whole = json.dumps([profile, cells], ensure_ascii=False)
    for not_theirs in ("Другой", "777", cashier.name, "127.0.0.1", "argon2"):
        assert not_theirs not in whole
    with club.read() as db:
        taken = db.scalars(select(Event).where(Event.kind == "customer.data_exported")).one()
    assert (taken.customer_id, taken.actor_id) == (customer, OWNER.id)
    forgetting.forget(
        club, customer_id=other, fate="write_off", reason="Просил", expected_tiyn=777_00,
        actor=OWNER,
    )  # fmt: skip
    with pytest.raises(OperationRefused, match="customer_unknown"):
        own_data.take_out(club, customer_id=other, actor=OWNER)


def test_a_long_history_is_read_part_by_part_and_is_whole(
    club: ClubContext, people: People, web: WebAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_data, "_STEP", 3)
    customer = people.customer()
    for number in range(8):
        service.top_up(
            club, customer_id=customer, amount_tiyn=100, method="cash", key=f"k{number}",
            actor=CASHIER,
        )  # fmt: skip
    with web.app.test_request_context(), asked(club) as statements:
        _, tables = read(own_data.collect(club, customer))
    assert (len(tables["money"]), len(tables["journal"])) == (8, 8)
    parts = [it for it in statements if "ledger_transfer.credit_account_id =" in it]
    assert len(parts) == 3, "not all at once"


def test_it_is_asked_for_with_the_password_and_fetched_by_who_asked(
    page: Page, live: LiveDesk, web: WebAdmin, people: People, clock: ManualClock
) -> None:
    customer = people.customer(name="Ерлан")
    address = f"/admin/customers/{customer}"
    page.goto(live.address + address)
    clock.advance(CONFIRMED_SECONDS)
    page.click("[data-test=own-data]")
    page.click("#dialog-body [data-test=submit]")
    page.fill("#confirm_password", OWNER_PASSWORD)
    page.click("[data-test=confirm-password] [data-test=submit]")
    expect(page.locator("[data-test=file]")).to_be_focused()
    with page.expect_download() as download:
        page.click("[data-test=file]")
    assert re.fullmatch(rf"customer-{customer}-[\d-]+\.zip", download.value.suggested_filename)
    profile, _ = read(download.value.path().open("rb"))
    assert profile["name"] == "Ерлан"

    owner = web.owner()
    assert owner.get(f"{address}/own-data.zip").status_code == 303, "nobody has asked here"
    assert owner.post(f"{address}/own-data", {}).status_code == 200
    assert owner.get(f"{address}/own-data.zip").mimetype == "application/zip"
    other = people.customer(name="Другой")
    assert owner.get(f"/admin/customers/{other}/own-data.zip").status_code == 303
    clock.advance(READY_SECONDS)
    assert owner.get(f"{address}/own-data.zip").status_code == 303, "too late"

    def by_api(token: str) -> tuple[int, str]:
        answer = owner.client.post(
            f"/api/v1/customers/{customer}/own-data",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, answer.mimetype

    token = web.token()
    assert by_api(token) == (200, "application/zip")
    clock.advance(CONFIRMED_SECONDS)
    assert by_api(token) == (403, "application/json")
    assert by_api(web.token("cashier")) == (403, "application/json")
