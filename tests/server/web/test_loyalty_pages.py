"""Groups, bonuses and promo codes in the admin and for programs, and what the desk sees of them."""

from typing import Any

from lovhub.server.customers import queries as customers
from lovhub.server.ledger import service as ledger
from lovhub.server.loyalty import queries, service
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs import service as tariffs_service
from lovhub.server.tariffs.rules import Terms
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.web import WebAdmin


def call(web: WebAdmin, role: str, method: str, path: str, body: Any = None) -> Any:
    answer = web.app.test_client().open(
        f"/api/v1{path}",
        method=method,
        json=body,
        headers={"Authorization": f"Bearer {web.token(role)}"},
        base_url="https://localhost",
    )
    return answer.status_code, answer.get_json()


def test_a_manager_sets_all_of_it_and_a_cashier_sees_what_is_used(
    web: WebAdmin, people: People
) -> None:
    manager, cashier = web.manager(), web.cashier()
    customer, tariff = people.customer(balance_tiyn=1_000_00), people.tariff()
    page = f"/admin/customers/{customer}"
    shown = cashier.get(page).text
    assert 'data-test="give-bonus"' not in shown
    assert 'data-test="promo-code"' not in shown
    assert "Групп пока нет" in manager.get("/admin/loyalty").text

    assert (
        manager.post("/admin/loyalty/groups/new", {"name": "", "percent": "10"}).status_code == 422
    )
    manager.post("/admin/loyalty/groups/new", {"name": "Друзья", "percent": "20"}, htmx=True)
    with web.club.read() as db:
        [group] = queries.groups(db, 1)
    manager.post(f"{page}/group", {"group": str(group.id)}, htmx=True)
    assert "Друзья" in cashier.get(page).text
    assert cashier.get(f"{page}/group").status_code == 403
    manager.post(
        f"/admin/tariffs/{tariff}/edit",
        {
            "kind": "package", "title": "1 час", "hours": "1", "minutes": "0", "price": "500",
            "valid_days": "30", "weekdays": [str(day) for day in range(7)],
            "holiday_rule": "as_weekday", "price_rule": "whole", "rest_rule": "kept",
            "sold_elsewhere": "y", "pause_allowed": "y", "groups": [str(group.id)],
        },
    )  # fmt: skip
    with web.club.read() as db:
        assert tariffs.shelf(db, 1, web.club.clock.now()).tariffs[tariff].groups == {group.id}
    assert "Только для групп: Друзья" in manager.get("/admin/tariffs").text
    by_minute = Terms("Минуты", 3600, 600_00, "per_minute", groups=frozenset({group.id}))
    tariffs_service.create(web.club, terms=by_minute, actor=OWNER)
    assert manager.get("/admin/tariffs").text.count("Только для групп: Друзья") == 2
    refused = manager.post(f"/admin/loyalty/groups/{group.id}/remove", {})
    assert "Сначала уберите группу из тарифов" in refused.text

    steps = {"step_from": ["5000", "x"], "step_percent": ["10", "5"]}
    rules = {"is_on": "y", "share": "50", "per_shift": "1000"}
    assert manager.post("/admin/loyalty/bonuses", {**rules, **steps}).status_code == 422
    steps = {"step_from": ["5000", ""], "step_percent": ["10", ""]}
    manager.post("/admin/loyalty/bonuses", {**rules, **steps}, htmx=True)
    with web.club.read() as db:
        assert queries.bonus_terms(db, 1) == BonusTerms(True, 50, 1_000_00, (Step(5_000_00, 10),))
    assert "+10 %" in manager.get("/admin/loyalty").text
    bonus = {"amount": "300", "reason": "Турнир", "key": "a-key-of-it"}
    assert cashier.post(f"{page}/bonus", {**bonus, "amount": "1001"}).status_code == 422
    cashier.post(f"{page}/bonus", bonus, htmx=True)
    assert "Начислено вручную: Турнир" in cashier.get(f"{page}?tab=bonuses").text
    assert "Бонусы без денег" in manager.get("/admin/suspicious").text

    promo = {
        "title": "Лето", "kind": "bonus", "amount": "200", "minutes": "60", "uses": "1",
        "codes": "ЛЕТО-26, SUMMER", "made_codes": "1", "first_day": "", "last_day": "",
    }  # fmt: skip
    manager.post("/admin/loyalty/promos/new", promo, htmx=True)
    with web.club.read() as db:
        [row] = queries.promos(db, 1)
    assert "SUMMER" in manager.get(f"/admin/loyalty/promos/{row.promo.id}").text
    assert (
        "Такого промокода нет"
        in cashier.post(f"{page}/promo-code", {"code": "ЗИМА", "key": "a-key"}).text
    )
    cashier.post(f"{page}/promo-code", {"code": "лето 26", "key": "another-key"}, htmx=True)
    with web.club.read() as db:
        assert customers.row(db, 1, customer).bonus_tiyn == 500_00
    manager.post(f"/admin/loyalty/promos/{row.promo.id}/stop", {}, htmx=True)
    assert "остановлена" in manager.get("/admin/loyalty").text


def test_a_bonus_by_mistake_is_taken_back_from_the_customers_page(
    web: WebAdmin, people: People
) -> None:
    customer, cashier, manager = people.customer(), web.cashier(), web.manager()
    service.set_bonus_terms(web.club, terms=BonusTerms(True), actor=OWNER)
    page = f"/admin/customers/{customer}"
    bonus = {"amount": "7", "reason": "Турнир", "key": "by-mistake"}
    cashier.post(f"{page}/bonus", bonus, htmx=True)
    with web.club.read() as db:
        given = ledger.find_posting(db, 1, "bonus:by-mistake")
    assert given is not None
    mistake = f"{page}/bonuses/{given.id}/take-back"
    assert mistake in cashier.get(f"{page}?tab=bonuses").text
    assert "Забрать бонусы: 7" in manager.get(mistake).text.replace("\N{NO-BREAK SPACE}", " ")
    assert manager.post(mistake, {"reason": ""}).status_code == 422
    assert cashier.post(mistake, {"reason": ""}, htmx=True).status_code == 204
    shown = cashier.get(f"{page}?tab=bonuses").text
    assert "Отмена начисления" in shown
    assert mistake not in shown


def test_the_desk_is_offered_the_prices_of_the_group(web: WebAdmin, people: People) -> None:
    people.tariff(price_tiyn=555_00)
    customer = people.customer(name="Ерлан")
    group = service.create_group(web.club, name="Друзья", percent=10, actor=OWNER)
    service.put_in_group(web.club, customer_id=customer, group_id=group, actor=OWNER)
    found = web.cashier().get("/admin/customers/choose?search=Ерлан&pc=1").text
    assert "499" in found
    assert "data-offers" in found
    assert "data-offers" not in web.cashier().get("/admin/customers/choose?search=Ерлан").text


def test_programs_can_do_what_pages_can(web: WebAdmin, people: People) -> None:
    customer, tariff = people.customer(), people.tariff(price_tiyn=500_00)
    status, made = call(
        web, "manager", "POST", "/groups", {"name": "Друзья", "discount_percent": 10}
    )
    assert status == 201
    group = made["group_id"]
    assert call(web, "cashier", "PUT", f"/customers/{customer}/group", {"group_id": 1})[0] == 403
    assert (
        call(web, "manager", "PUT", f"/customers/{customer}/group", {"group_id": group})[0] == 200
    )
    _, offers = call(web, "cashier", "GET", f"/tariffs/offers?customer_id={customer}")
    assert [
        (one["tariff_id"], one["price_tiyn"], one["discount_tiyn"]) for one in offers["offers"]
    ] == [(tariff, 450_00, 50_00)]
    rules = {"is_on": True, "steps": [{"from_tiyn": 5_000_00, "percent": 10}]}
    assert call(web, "manager", "PUT", "/bonus-rules", rules)[0] == 200
    top_up = {"amount_tiyn": 5_000_00, "method": "card", "key": "a-key-of-it"}
    call(web, "cashier", "POST", f"/customers/{customer}/top-ups", top_up)
    given = {"amount_tiyn": 100_00, "reason": "Турнир", "key": "b-key-of-it"}
    _, bonuses = call(web, "cashier", "POST", f"/customers/{customer}/bonuses", given)
    assert bonuses["bonus_tiyn"] == 600_00
    back = f"/customers/{customer}/bonuses/{bonuses['posting_id']}/reversal"
    assert call(web, "cashier", "POST", back, {"reason": ""})[1]["bonus_tiyn"] == 500_00
    again = {**given, "key": "e-key-of-it"}
    _, bonuses = call(web, "cashier", "POST", f"/customers/{customer}/bonuses", again)
    assert bonuses["bonus_tiyn"] == 600_00
    promo = {"title": "Час", "kind": "time", "seconds": 3600, "from_at": 0, "made_codes": 3}
    _, created = call(web, "manager", "POST", "/promos", promo)
    _, listed = call(web, "manager", "GET", f"/promos/{created['promo_id']}/codes")
    assert len(listed["codes"]) == 3
    used = {"code": listed["codes"][0]["code"], "key": "c-key-of-it"}
    status, gift = call(web, "cashier", "POST", f"/customers/{customer}/promo-codes", used)
    assert (status, gift) == (201, {"title": "Час", "bonus_tiyn": 0, "seconds": 3600})
    _, shown = call(web, "cashier", "GET", f"/customers/{customer}")
    assert (shown["group"], shown["bonus_tiyn"]) == ("Друзья", 600_00)
    assert call(web, "manager", "POST", f"/promos/{created['promo_id']}/stop")[0] == 200
    assert call(web, "manager", "DELETE", f"/groups/{group}")[0] == 200
    assert call(web, "manager", "GET", "/groups")[1] == {"groups": []}
    assert call(web, "manager", "GET", "/bonus-rules")[1]["share_percent"] == 100
    assert call(web, "manager", "GET", "/promos")[1]["promos"][0]["used"] == 1
