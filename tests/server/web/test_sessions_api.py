"""Sessions from the seat to the end, codes for guests, what a customer buys, over the JSON API."""

from lovhub.clock import ManualClock
from lovhub.server.sessions import codes
from tests.support.api import Api
from tests.support.club import People


def test_sessions_from_seat_to_end(api: Api, people: People) -> None:
    pc, other = people.computer(), people.computer()
    tariff = people.tariff()
    guest = {"tariff_id": tariff, "method": "cash", "key": "request-1"}
    session_id = api.done("POST", f"/computers/{pc}/guests", guest)["session_id"]
    assert api.done("POST", f"/computers/{pc}/guests", guest)["session_id"] == session_id
    api.done(
        "POST",
        f"/sessions/{session_id}/extend",
        {"tariff_id": tariff, "method": "card", "key": "request-2"},
    )
    api.done("POST", f"/sessions/{session_id}/pause")
    api.done("POST", f"/sessions/{session_id}/resume")
    moved = api.done("POST", f"/sessions/{session_id}/move", {"to_computer_id": other})
    api.done("POST", f"/sessions/{moved['session_id']}/end")
    assert api.refusal("POST", f"/sessions/{moved['session_id']}/pause") == (409, "session_over")
    assert api.refusal("POST", f"/sessions/{moved['session_id']}/release", {"reason": " "}) == (
        409,
        "reason_missing",
    )


def test_a_code_for_a_guest(api: Api, people: People, clock: ManualClock) -> None:
    said = {"tariff_id": people.tariff(), "method": "kaspi", "key": "request-1"}
    sold = api.done("POST", "/seat-codes", said)
    assert sold["code"].isdecimal()
    assert api.done("POST", "/seat-codes", said) == sold  # the answer was lost: it is said again
    clock.advance(codes.SHOWN_AGAIN_SECONDS + 1)
    assert api.refusal("POST", "/seat-codes", said) == (409, "already_booked")


def test_a_customer_buys_only_with_a_key(api: Api, people: People) -> None:
    pc, customer, tariff = people.computer(), people.customer(balance_tiyn=500_00), people.tariff()
    seat = {"customer_id": customer}
    path = f"/computers/{pc}/customers"
    assert api.refusal("POST", path, seat) == (409, "no_time_left")
    assert api.refusal("POST", path, {**seat, "tariff_id": tariff}) == (422, "invalid_fields")
    buy = {**seat, "tariff_id": tariff, "key": "request-1"}
    assert api.done("POST", path, buy) == api.done("POST", path, buy)
    assert people.balance_tiyn(customer) == 0


def test_bought_time_says_in_which_hours_it_is_played(api: Api, people: People) -> None:
    hours = {"weekdays": [0, 4], "sold_from": 36_000, "sold_until": 64_800, "holiday_rule": "not"}
    tariff = {"title": "День", "seconds": 3600, "price_tiyn": 100_00, "play_rule": "sale_hours"}
    tariff_id = api.done("POST", "/tariffs", {**tariff, **hours})["tariff_id"]
    customer = people.customer(balance_tiyn=500_00)
    buy = {"customer_id": customer, "tariff_id": tariff_id, "key": "request-1"}
    api.done("POST", f"/computers/{people.computer()}/customers", buy)
    api.done("PUT", "/tariffs/holidays", {"days": ["2026-12-16"]})  # too late for this lot
    [lot] = api.done("GET", f"/customers/{customer}/lots")["lots"]
    assert lot["play_hours"] == {**hours, "holidays": []}
