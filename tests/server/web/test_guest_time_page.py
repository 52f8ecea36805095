"""«Время гостей» at the desk and for programs: found by the old code, a new one given, the money paid back."""

import re

from lovhub.clock import ManualClock
from tests.support.api import Api
from tests.support.club import People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.statements import asked
from tests.support.web import WebAdmin

DAY = 24 * 3600


def test_the_desk_finds_it_by_the_old_code_and_gives_another_or_the_money(
    web: WebAdmin, people: People, clock: ManualClock
) -> None:
    api = Api(web, web.token("cashier"))
    assert "Все гости своё сыграли" in web.cashier().get("/admin/guest-time").text
    codes = [
        api.done(
            "POST",
            "/seat-codes",
            {
                "tariff_id": people.tariff(price_tiyn=500_00),
                "method": "cash",
                "key": f"request-{number}",
            },
        )["code"]
        for number in range(3)
    ]
    clock.advance(DAY)
    cashier, manager, api = web.cashier(), web.manager(), Api(web, web.token("cashier"))
    with asked(web.club) as statements:
        shown = cashier.get("/admin/guest-time").text
    assert len(statements) <= 8, "\n\n".join(statements)
    assert shown.count("кончился") == 3
    assert "1 500 ₸" in shown.replace("\xa0", " ").replace("\u202f", " ")
    assert (
        'data-test="pay-out"' not in shown
    )  # later than two minutes after the sale that is the manager's
    found = cashier.get(f"/admin/guest-time?q={codes[1][:3]}+{codes[1][3:]}").text
    [lot] = re.findall(r'data-lot-id="(\d+)"', found)
    given = cashier.post(f"/admin/guest-time/{lot}/code", {"key": "once"}, htmx=True).text
    [new] = re.findall(r'seat-code">(\d{3} \d{3})<', given)
    assert api.done("GET", "/guest-time")["guest_time"][1]["code_until"] == clock.now() + 30 * DAY
    assert lot in cashier.get(f"/admin/guest-time?q={new}").text

    address = f"/admin/guest-time/{lot}/pay-out"
    assert "Вернуть 500" in manager.get(address).text.replace("\xa0", " ")
    late = cashier.post(address, {"amount": "50000", "reason": "просит"})
    assert (late.status_code, "управляющ" in late.text) == (422, True)
    assert "Укажите причину" in manager.post(address, {"amount": "50000", "reason": ""}).text
    manager.post(address, {"amount": "50000", "reason": "уезжает"}, htmx=True)
    assert manager.get(address).status_code == 404
    assert "уезжает" in manager.get("/admin/logs").text
    report = manager.get("/admin/suspicious").text
    assert "Гостю выдан новый код" in report
    assert "Гостю возвращено" in report
    assert len(api.done("GET", "/guest-time")["guest_time"]) == 2


def test_programs_can_do_the_same(web: WebAdmin, people: People, clock: ManualClock) -> None:
    sale = {"tariff_id": people.tariff(price_tiyn=500_00), "method": "card", "key": "request-1"}
    old = Api(web, web.token("cashier")).done("POST", "/seat-codes", sale)["code"]
    clock.advance(DAY)
    cashier, owner = Api(web, web.token("cashier")), Api(web, web.token())
    [time] = owner.done("GET", f"/guest-time?search={old}")["guest_time"]
    path = f"/guest-time/{time['lot_id']}"
    again = {"key": "request-2"}
    assert cashier.done("POST", f"{path}/code", again) == cashier.done(
        "POST", f"{path}/code", again
    )
    back = {"amount_tiyn": 500_00, "reason": "уезжает"}
    assert cashier.refusal("POST", f"{path}/pay-out", back) == (409, "take_back_too_late")
    assert cashier.refusal("POST", f"{path}/end") == (403, "forbidden")
    assert owner.refusal("POST", f"{path}/end") == (409, "guest_time_claimable")
    assert owner.done("POST", f"{path}/pay-out", back) == {"cash": 0, "card": 500_00}
    assert owner.refusal("POST", f"{path}/code", again) == (404, "guest_time_unknown")
