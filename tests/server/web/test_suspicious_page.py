"""The suspicious report: everything a person did that an owner should see, with name and link."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.journal import service as journal
from lovhub.server.loyalty import service as loyalty
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious import queries
from lovhub.server.suspicious.days import keep_days
from lovhub.server.suspicious.service import keep_leads
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from lovhub.server.web.tables import PAGE_SIZE
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.statements import asked
from tests.support.web import WebAdmin


@pytest.fixture
def cashier(web: WebAdmin) -> Actor:
    with web.club.read() as db:
        return web.staff.actor(db.get_one(Staff, web.staff_id("cashier")))


def a_bad_evening(web: WebAdmin, people: People, cashier: Actor, key: str) -> None:
    club, customer = web.club, people.customer(name=f"Друг {key}")
    shift = shifts.open_shift(club, counted_tiyn=1_000_00, actor=cashier)
    posting = customers.top_up(
        club, customer_id=customer, amount_tiyn=700_00, method="cash", key=key, actor=cashier
    )
    reversal.take_back(club, customer_id=customer, posting_id=posting, reason="", actor=cashier)
    customers.give_time(
        club, customer_id=customer, seconds=900, title="+", reason="сбой", key=key, actor=cashier
    )
    good = goods.create(club, title=f"Кола {key}", price_tiyn=500_00, actor=OWNER)
    sale = goods.sell(
        club,
        lines=[goods.Line(good, 1)],
        method="cash",
        expected_tiyn=500_00,
        key=key,
        actor=cashier,
    )
    goods.take_back(club, posting_id=sale, reason="", actor=cashier)
    shifts.pay(club, is_out=True, amount_tiyn=100_00, reason="такси", key=key, actor=cashier)
    pc = people.computer()
    with club.write() as work:
        journal.raise_alarm(work, "launcher_killed", computer_id=pc)
    shifts.close(club, shift_id=shift, count=Count(850_00), actor=cashier)


def test_every_trick_of_an_evening_stands_there_with_a_name(
    web: WebAdmin, people: People, cashier: Actor, clock: ManualClock
) -> None:
    browser = web.owner()
    assert "ничего подозрительного" in browser.get("/admin/suspicious").text
    a_bad_evening(web, people, cashier, "evening-1")
    with asked(web.club) as few:
        page = browser.get("/admin/suspicious").text
    assert page.count('data-test="finding"') == 6
    assert page.count('data-test="person"') == 1
    for words in ("недостача 50", "такси", "сбой", "лаунчер остановлен", "смена: Данияр"):
        assert words in page, words
    for link in ("/admin/shifts/1", "/admin/customers/1", "/admin/computers/1"):
        assert f'href="{link}"' in page, link
    clock.advance(600)
    a_bad_evening(web, people, cashier, "evening-2")
    with asked(web.club) as more:
        page = browser.get("/admin/suspicious").text
    assert len(more) == len(few)
    # One more than before: the second opening counts another sum than the first close left.
    assert page.count('data-test="finding"') == 13
    assert browser.get("/admin/suspicious?group=void").text.count('data-test="finding"') == 4
    assert browser.get("/admin/suspicious?person=999").text.count('data-test="finding"') == 0


def give_bonuses(web: WebAdmin, people: People, clock: ManualClock, times: int) -> None:
    customer = people.customer()
    for begin in range(0, times, 100):
        with web.club.write() as work:
            for _ in range(begin, min(begin + 100, times)):
                journal.record(work, "bonus.given", OWNER, customer_id=customer, amount_tiyn=1_00)
        clock.advance(1)


def test_where_there_is_more_than_is_listed_it_says_so_at_the_end_and_counts_all(
    web: WebAdmin, people: People, clock: ManualClock
) -> None:
    last = f"/admin/suspicious?page={queries.MOST_READ // PAGE_SIZE}"
    give_bonuses(web, people, clock, queries.MOST_READ)
    page = web.owner().get(last).text
    assert page.count('data-test="finding"') == PAGE_SIZE
    assert "not-all-listed" not in page
    clock.advance(24 * 3600)
    keep_leads(web.club)
    keep_days(web.club)
    give_bonuses(web, people, clock, 1)
    browser = web.owner()
    page = browser.get(last).text
    assert page.count('data-test="finding"') == PAGE_SIZE
    assert 'data-test="not-all-listed"' in page
    assert "более ранние — не все" in page
    assert "В таблице «По людям» посчитаны все." in page
    assert f">{queries.MOST_READ + 1}</a>" in page, "all are counted"
    assert "not-all-counted" not in page
    newest = browser.get("/admin/suspicious").text
    assert "not-all-listed" not in newest, "who reads the newest misses nothing"
    assert "not-all-listed" in browser.get("/admin/suspicious?sort=amount").text
    *lines, end = browser.get("/admin/suspicious?export=csv").text.splitlines()[1:]
    assert len(lines) == queries.MOST_READ
    assert "более ранние — не все" in end


def test_days_that_are_not_kept_yet_are_counted_as_far_as_they_are_read(
    web: WebAdmin, people: People, clock: ManualClock
) -> None:
    give_bonuses(web, people, clock, queries.MOST_READ + 1)
    page = web.owner().get("/admin/suspicious").text
    assert 'data-test="not-all-counted"' in page
    assert "посчитаны все, более ранние — не все" in page
    assert "В таблице «По людям» посчитаны все." not in page


def test_a_program_reads_a_long_stretch_by_parts(
    web: WebAdmin, people: People, clock: ManualClock
) -> None:
    from_at = clock.now()
    give_bonuses(web, people, clock, 1_700)

    def part(until_at: int) -> Any:
        return web.app.test_client().get(
            f"/api/v1/suspicious?from_at={from_at}&until_at={until_at}",
            headers={"Authorization": f"Bearer {web.token()}"},
            base_url="https://localhost",
        ).get_json()  # fmt: skip

    told, until_at = [], clock.now()
    while (found := part(until_at))["cut"]:
        assert len(found["findings"]) >= queries.MOST
        told += found["findings"]
        until_at = found["whole_from_at"]
    assert (found["whole_from_at"], len(told) + len(found["findings"])) == (None, 1_700)


def test_all_lines_are_leafed_through_also_where_they_are_sorted(
    web: WebAdmin, people: People, clock: ManualClock
) -> None:
    club, browser = web.club, web.owner()
    customer = people.customer()
    with club.write() as work:
        for times in range(1, PAGE_SIZE + 3):
            journal.record(
                work, "bonus.given", OWNER, customer_id=customer, amount_tiyn=times * 100
            )
        journal.record(work, "customer.pin_issued", OWNER, customer_id=customer)

    def amounts(address: str) -> list[int]:
        page = browser.get(address).text
        return [int(found) for found in re.findall(r"text-nowrap\">(\d*)\s₸</td>", page)]

    def leads(which: str, address: str) -> str:
        found = re.search(rf'href="([^"]*)" data-test="{which}"', browser.get(address).text)
        return html.unescape(found[1]) if found else ""

    first = "/admin/suspicious?group=bonus&sort=amount"
    assert amounts(first) == list(range(1, PAGE_SIZE + 1))
    second = leads("next", first)
    assert amounts(second) == [PAGE_SIZE + 1, PAGE_SIZE + 2]
    assert (leads("next", second), leads("previous", first)) == ("", "")
    assert leads("previous", second) == first
    newest = "/admin/suspicious"
    assert browser.get(newest).text.count('data-test="finding"') == PAGE_SIZE
    assert browser.get(leads("next", newest)).text.count('data-test="finding"') == 3
    for nowhere, rows in (("999", 3), ("0", PAGE_SIZE), ("-1", PAGE_SIZE), ("слон", PAGE_SIZE)):
        page = browser.get(f"/admin/suspicious?page={nowhere}").text
        assert page.count('data-test="finding"') == rows, nowhere
    file = browser.get(f"{second}&export=csv").text
    assert len(file.splitlines()) == 1 + PAGE_SIZE + 2, "a file has them all"


def test_what_is_cheaper_from_now_on_stands_there_in_words(
    web: WebAdmin, people: People, cashier: Actor
) -> None:
    """A price lowered for a friend, and raised again: each is in the log, the first one here as well."""
    club, friend = web.club, people.customer(name="Друг")
    hour = Terms("1 час", 3600, 500_00)
    tariff = tariffs.create(club, terms=hour, actor=cashier)
    for price in (1_00, 500_00):
        tariffs.change(club, tariff_id=tariff, terms=replace(hour, price_tiyn=price), actor=cashier)
    tariffs.change(club, tariff_id=tariff, terms=replace(hour, title="Час"), actor=cashier)
    friends = loyalty.create_group(club, name="Друзья", percent=5, actor=cashier)
    loyalty.change_group(club, group_id=friends, name="Друзья", percent=100, actor=cashier)
    loyalty.put_in_group(club, customer_id=friend, group_id=friends, actor=cashier)
    page = web.owner().get("/admin/suspicious?group=price").text.replace("\xa0", " ")
    assert page.count('data-test="finding"') == 3
    for words in (
        "Снижена цена «1 час»: 500 ₸ → 1 ₸",
        "Скидка группы «Друзья»: 5 % → 100 %",
        "Группа клиента: без группы → Друзья",
    ):
        assert words in page, words


def test_programs_read_it_too(web: WebAdmin, people: People, cashier: Actor) -> None:
    a_bad_evening(web, people, cashier, "evening-1")
    now = web.club.clock.now()
    found = web.app.test_client().get(
        f"/api/v1/suspicious?from_at={now - 9}&until_at={now + 1}",
        headers={"Authorization": f"Bearer {web.token()}"},
        base_url="https://localhost",
    )
    groups = sorted(one["group"] for one in found.get_json()["findings"])
    assert groups == ["computer", "difference", "given_time", "paid_out", "void", "void"]
