"""A dishonest cashier with a program of their own, who knows every call: nothing goes by without a name beside it."""

from collections import Counter

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.counter.forms import TillForm
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.sessions import link
from tests.support.api import Api
from tests.support.club import People
from tests.support.web import WebAdmin

DAY = 24 * 3600


@pytest.fixture
def thief(web: WebAdmin) -> Api:
    return Api(web, web.token("cashier"))


@pytest.fixture
def owner(web: WebAdmin) -> Api:
    return Api(web, web.token())


def postings(web: WebAdmin) -> int:
    with web.club.read() as db:
        return db.scalar(select(func.count()).select_from(LedgerPosting)) or 0


def told(owner: Api) -> Counter[tuple[str, str]]:
    """What the owner reads: how many lines of which group, with whose name."""
    now = owner.web.club.clock.now()
    found = owner.done("GET", f"/suspicious?from_at={now - 30 * DAY}&until_at={now + 1}")
    return Counter((one["group"], one["person"]) for one in found["findings"])


def top_up(friend: int, amount_tiyn: object, key: str, method: str = "cash") -> dict[str, object]:
    return {"amount_tiyn": amount_tiyn, "method": method, "key": key}


def test_what_a_cashier_may_not_do_moves_nothing(
    web: WebAdmin, people: People, thief: Api, owner: Api, clock: ManualClock
) -> None:
    friend, tariff, pc = people.customer(name="Друг"), people.tariff(), people.computer()
    address = f"/customers/{friend}"
    with web.club.write() as work:
        club_service.get(work.db, web.club.club_id).sales_need_shift = True
    before = postings(web)
    guest = {"tariff_id": tariff, "method": "cash", "key": "guest-01"}

    # Outside a shift.
    no_shift = (409, "shift_needed")
    assert (
        thief.refusal("POST", f"{address}/top-ups", top_up(friend, 500_00, "key-00001")) == no_shift
    )
    assert thief.refusal("POST", f"/computers/{pc}/guests", guest) == no_shift
    assert thief.refusal("POST", "/seat-codes", {**guest, "guest_name": ""})[0] in {400, 409, 422}
    assert postings(web) == before

    shift = thief.done("POST", "/shifts", {"counted_tiyn": 0})["shift_id"]
    before = postings(web)
    # Sums below zero, dates of one's own, another's name, another price.
    for said in (
        top_up(friend, -500_00, "key-00002"),
        top_up(friend, 0, "key-00003"),
        top_up(friend, 1.5, "key-00004"),
        {**top_up(friend, 500_00, "key-00005"), "at": 1},
        {**top_up(friend, 500_00, "key-00006"), "actor_id": 1},
    ):
        assert thief.refusal("POST", f"{address}/top-ups", said)[0] in {400, 422}, said
    time = {"seconds": 600, "reason": "", "key": "given-001"}
    assert thief.refusal("POST", f"{address}/time", time)[1] == "invalid_fields"
    assert (
        thief.refusal("POST", f"{address}/time", {**time, "reason": "сбой", "seconds": 121 * 60})[1]
        == "given_time_limit"
    )
    assert thief.refusal("POST", "/shifts/payments", {
        "is_out": True, "amount_tiyn": 1, "reason": "", "key": "paid-out-1",
    })[1] == "invalid_fields"  # fmt: skip
    # What is for others.
    for method, path, body in (
        ("PUT", f"/tariffs/{tariff}", {}),
        ("POST", "/goods", {"title": "Кола", "price_tiyn": 1}),
        ("POST", f"{address}/forget", {"expected_tiyn": 0}),
        ("POST", f"/computers/{pc}/maintenance", {"reason": "драйвер", "minutes": 30}),
        ("PUT", f"/people/{web.staff_id('cashier')}/account", {"customer_login": ""}),
        ("PUT", "/settings", {}),
        ("POST", "/moves", {}),
        ("GET", "/suspicious?from_at=0&until_at=1", None),
    ):
        assert thief.refusal(method, path, body) == (403, "forbidden"), path
    assert postings(web) == before
    assert told(owner) == Counter()

    # The customer has gone; the money is to go back into one's own pocket.
    posting = thief.done("POST", f"{address}/top-ups", top_up(friend, 500_00, "key-00007"))
    clock.advance(121)
    back = f"{address}/top-ups/{posting['posting_id']}/reversal"
    assert thief.refusal("POST", back, {"reason": "ошибка"})[1] == "take_back_too_late"
    # Nothing that was written can be written otherwise, nor taken away.
    for method in ("PUT", "PATCH", "DELETE"):
        for path in (f"{address}/top-ups/{posting['posting_id']}", f"/shifts/{shift}", "/log"):
            assert thief.refusal(method, path, {})[0] in {404, 405}, path
    # The same press again books nothing, and is no other's money.
    again = thief.done("POST", f"{address}/top-ups", top_up(friend, 500_00, "key-00007"))
    assert again["posting_id"] == posting["posting_id"]
    other = people.customer(name="Другой")
    assert thief.refusal(
        "POST", f"/customers/{other}/top-ups", top_up(other, 500_00, "key-00007")
    ) == (409, "key_reused")
    with web.club.read() as db:
        assert check_ledger(db) == []


def test_what_a_cashier_does_for_a_friend_stands_there_with_a_name(
    web: WebAdmin, people: People, thief: Api, owner: Api, clock: ManualClock
) -> None:
    friend, pc = people.customer(name="Друг"), people.computer()
    who = "Данияр"
    address = f"/customers/{friend}"
    good = owner.done("POST", "/goods", {"title": "Кола", "price_tiyn": 500_00})["good_id"]
    shift = thief.done("POST", "/shifts", {"counted_tiyn": 0})["shift_id"]
    for number in range(4):
        thief.done("POST", f"{address}/top-ups", top_up(friend, 500_00, f"key-0000{number}"))
        clock.advance(600)
    posting = thief.done("POST", f"{address}/top-ups", top_up(friend, 100_00, "key-00009"))
    thief.done("POST", f"{address}/top-ups/{posting['posting_id']}/reversal", {"reason": ""})
    thief.done("POST", f"{address}/time", {"seconds": 600, "reason": "сбой", "key": "given-001"})
    thief.done("POST", f"{address}/pin")
    sale = thief.done("POST", "/goods/sales", {
        "lines": [{"good_id": good, "quantity": 1}], "method": "cash", "total_tiyn": 500_00,
        "key": "sale-0001",
    })  # fmt: skip
    thief.done("POST", f"/goods/sales/{sale['posting_id']}/take-back", {"reason": ""})
    thief.done("POST", "/shifts/payments", {
        "is_out": True, "amount_tiyn": 100_00, "reason": "вода", "key": "paid-out-1",
    })  # fmt: skip
    tariff = people.tariff()
    session = thief.done(
        "POST",
        f"/computers/{pc}/guests",
        {"tariff_id": tariff, "method": "cash", "key": "guest-01"},
    )["session_id"]
    # A PC that is told off as silent while it plays: its reserve is released by hand.
    link.link_lost(web.club, computer_id=pc)
    thief.done("POST", f"/sessions/{session}/release", {"reason": "сгорел"})
    # 2 400 are missing in the drawer, and a new shift does not make it good.
    thief.done("POST", f"/shifts/{shift}/close", {"counted_tiyn": 0, "note": ""})
    assert told(owner) == Counter({
        ("same_account", who): 1, ("void", who): 2, ("given_time", who): 1, ("pin", who): 1,
        ("paid_out", who): 1, ("correction", who): 1, ("difference", who): 1,
    })  # fmt: skip


def test_a_customer_s_money_for_a_friend_s_pc_stands_there_with_a_name(
    web: WebAdmin, people: People, thief: Api, owner: Api
) -> None:
    rich, tariff = people.customer(balance_tiyn=2_000_00, name="Богатый"), people.tariff()
    said = {"computer_ids": [people.computer()], "tariff_id": tariff}
    thief.done("POST", "/computers/sales", {
        **said, "method": "balance", "payer_id": rich, "total_tiyn": 500_00, "key": "friend-01",
    })  # fmt: skip
    said["computer_ids"] = [people.computer()]
    thief.done("POST", "/computers/sales", {
        **said, "method": "cash", "total_tiyn": 500_00, "key": "guests-01",
    })  # fmt: skip
    assert told(owner) == Counter({("others_balance", "Данияр"): 1})


def test_what_a_guest_has_paid_for_is_nobody_else_s_without_a_name(
    web: WebAdmin, people: People, thief: Api, owner: Api, clock: ManualClock
) -> None:
    said = {"tariff_id": people.tariff(), "method": "cash", "guest_name": "Тимур"}
    thief.done("POST", "/seat-codes", {**said, "key": "code-0001"})
    [lot] = [one["lot_id"] for one in thief.done("GET", "/guest-time?search=")["guest_time"]]
    money = {"amount_tiyn": 500_00, "reason": "ушёл"}
    before = postings(web)
    assert thief.refusal("POST", f"/guest-time/{lot}/end", {})[0] in {403, 409}
    assert (
        thief.refusal("POST", f"/guest-time/{lot}/pay-out", {**money, "amount_tiyn": 600_00})[1]
        == "guest_money_changed"
    )
    clock.advance(121)
    assert thief.refusal("POST", f"/guest-time/{lot}/pay-out", money)[1] == "take_back_too_late"
    assert postings(web) == before
    thief.done("POST", f"/guest-time/{lot}/code", {"key": "anew-0001"})
    assert told(owner) == Counter({("correction", "Данияр"): 1})


def test_a_key_is_good_for_its_own_operation_only(
    web: WebAdmin, people: People, thief: Api
) -> None:
    """A payment's key taken beforehand would keep its money out; another sale's would pass for this one's."""
    customer, other = people.customer(balance_tiyn=5_000_00), people.customer(balance_tiyn=5_000_00)
    hour, night = people.tariff(), people.tariff(title="Ночь", price_tiyn=900_00)
    before = postings(web)
    for key in ("payment:1", "payment:99"):
        assert thief.refusal(
            "POST", f"/customers/{customer}/top-ups", top_up(customer, 500_00, key, "kaspi")
        ) == (409, "key_reused")
    assert postings(web) == before

    seats = [
        thief.done("POST", f"/computers/{people.computer()}/customers", {
            "customer_id": who, "tariff_id": hour, "key": f"seat-000{who}",
        })["session_id"]
        for who in (customer, other)
    ]  # fmt: skip
    guest = thief.done(
        "POST",
        f"/computers/{people.computer()}/guests",
        {"tariff_id": hour, "method": "cash", "key": "guest-01"},
    )["session_id"]
    more = {"tariff_id": hour, "method": "balance", "key": "more-0001"}
    for _ in range(2):
        thief.done("POST", f"/sessions/{seats[0]}/extend", more)
    after = postings(web)
    for session, said in (
        (seats[1], more),
        (guest, {**more, "method": "cash"}),
        (seats[0], {**more, "tariff_id": night}),
        (seats[0], {**more, "key": "guest-01"}),
    ):
        assert thief.refusal("POST", f"/sessions/{session}/extend", said)[1] == "key_reused", said
    for said in ({"customer_id": other}, {"customer_id": customer, "tariff_id": night}):
        assert thief.refusal(
            "POST",
            f"/computers/{people.computer()}/customers",
            {"tariff_id": hour, "key": "more-0001", **said},
        ) == (409, "key_reused")
    assert postings(web) == after


def test_forms_with_anything_in_their_hidden_fields_are_refused_in_words(
    web: WebAdmin, people: People
) -> None:
    desk, customer = web.cashier(), people.customer()
    before = postings(web)
    for key in ("", " ", "ключ", "k" * 101, "payment:1"):
        form = {"amount": "500", "method": "cash", "key": key}
        answer = desk.post(f"/admin/customers/{customer}/top-up", form, htmx=True)
        assert answer.status_code == 422, key
    assert postings(web) == before
    with web.app.test_request_context():
        for price in ("Infinity", "1e999", "[" * 50_000, '"x"'):
            said = MultiDict({"prices": f'{{"7": [[null, {price}, 1]]}}'})
            assert TillForm(formdata=said).prices.shown(7) == {}, price[:9]
