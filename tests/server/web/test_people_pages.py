"""«Люди», one's own account and the two-step sign-in, as forms and as calls."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.staff import second_factor
from lovhub.server.staff.models import Staff
from tests.server.web.test_pages import counted_queries
from tests.support.club import OWNER
from tests.support.staff import PASSWORD, RECOVERY_CODE
from tests.support.web import ADDRESS, Browser, WebAdmin


def api(web: WebAdmin, token: str, method: str, path: str, said: object = None) -> tuple[int, dict]:
    answer = web.app.test_client().open(
        f"/api/v1{path}",
        base_url=ADDRESS,
        method=method,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        json=said,
    )
    return answer.status_code, answer.get_json()


def code_of(answer: tuple[int, dict]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


# --- people ---------------------------------------------------------------------------------------


def test_a_cashier_is_made_and_must_change_the_password_before_anything_else(web: WebAdmin) -> None:
    form = {"name": "Данияр", "login": "kassa", "role": "cashier", "language": "kk"}
    made = web.owner().post("/admin/people/new", form, htmx=True)
    assert made.status_code == 200
    found = re.search(r'data-test="one-time-password">([^<]+)<', made.text)
    assert found is not None

    cashier = web.stranger()
    cashier.post("/admin/login", {"login": "kassa", "password": found[1]})
    for path in ("/admin", "/admin/customers", "/admin/me"):
        assert cashier.get(path).location == "/admin/me/password"
    live = cashier.get("/admin/computers/live.json")
    assert (live.status_code, live.get_json()["error"]["code"]) == (403, "password_first")
    part = cashier.get("/admin/customers/register", htmx=True)
    assert (part.status_code, part.headers["HX-Redirect"]) == (403, "/admin/me/password")
    page = cashier.get("/admin/me/password").text
    assert '<html lang="kk">' in page
    assert "/admin/customers" not in page, "no menu that leads nowhere"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    said = {"old": found[1], "new": "моё новое слово"}
    copied = cashier.client.get_cookie("lovhub_session")
    assert cashier.post("/admin/me/password", said, token=token[1]).status_code == 303
    assert cashier.get("/admin").status_code == 200
    assert copied is not None
    cashier.client.set_cookie("lovhub_session", copied.value, secure=True)
    assert cashier.get("/admin").status_code == 303, "a copy of the cookie went with the password"


def test_wrong_data_is_said_beside_the_field_and_kept(desk: Browser) -> None:
    form = {"name": "", "login": "owner", "role": "cashier", "language": "ru"}
    answer = desk.post("/admin/people/new", form, htmx=True)
    assert answer.status_code == 422
    assert 'value="owner"' in answer.text
    assert 'data-test="error-name"' in answer.text
    taken = desk.post("/admin/people/new", {**form, "name": "Д"}, htmx=True)
    assert "Такой логин уже занят." in taken.text
    boss = desk.post("/admin/people/new", {**form, "role": "boss"}, htmx=True)
    assert boss.status_code == 422


def test_a_manager_sees_and_manages_cashiers_and_technicians_only(web: WebAdmin) -> None:
    cashier, other = web.staff_id("cashier"), web.make_staff("manager", login="m2", name="Зарина")
    manager = web.manager()
    page = manager.get("/admin/people").text
    assert "Данияр" in page
    assert "Зарина" not in page
    assert "Айгуль" not in page
    assert manager.get(f"/admin/people/{cashier}").status_code == 200
    assert manager.get(f"/admin/people/{other}").status_code == 404
    assert manager.get(f"/admin/people/{other}/disable", htmx=True).status_code == 404
    assert manager.get("/admin/people/sessions").status_code == 403
    form = {"name": "Х", "login": "x1", "role": "owner", "language": "ru"}
    assert manager.post("/admin/people/new", form, htmx=True).status_code == 422
    token = web.token("manager")
    assert code_of(api(web, token, "POST", "/people", form)) == (403, "not_yours_to_manage")


def test_an_owner_does_not_lock_themselves_out(web: WebAdmin, desk: Browser) -> None:
    own = web.staff_id("owner")
    page = desk.get("/admin/people").text
    assert f"/admin/people/{own}/edit" in page
    assert f"/admin/people/{own}/disable" not in page
    answer = desk.post(f"/admin/people/{own}/disable", {}, htmx=True)
    assert answer.status_code == 422
    assert "Со своей учётной записью этого сделать нельзя." in answer.text
    form = {"name": "Айгуль", "role": "cashier", "language": "ru"}
    assert desk.post(f"/admin/people/{own}/edit", form, htmx=True).status_code == 422


def test_an_administrator_is_never_deleted(web: WebAdmin) -> None:
    """There is no such thing: accounts are closed, and the journal goes on naming their people."""
    rules = [rule for rule in web.app.url_map.iter_rules() if "/people/<int:staff_id>" in rule.rule]
    deletes = {rule.rule for rule in rules if "DELETE" in (rule.methods or set())}
    assert deletes == {"/api/v1/people/<int:staff_id>/second-factor"}
    assert {rule.rule for rule in rules if "delete" in rule.rule} == set()


def test_what_a_person_did_is_told_page_by_page(
    web: WebAdmin, club: ClubContext, clock: ManualClock, desk: Browser
) -> None:
    cashier = web.staff_id("cashier")
    with club.read() as db:
        actor = web.staff.actor(db.get_one(Staff, cashier))
    for number in range(120):
        clock.advance(number % 2)
        with club.write() as work:
            journal.record(work, "tariff.created", actor, title=f"сделал-{number}")
            journal.record(work, "tariff.created", OWNER, title="сделал другой")
    seen: list[str] = []
    page = desk.get(f"/admin/people/{cashier}").text
    while True:
        seen += re.findall(r"сделал-(\d+)<", page)
        assert "сделал другой" not in page
        older = re.search(r'href="([^"]*before=[^"]*)"', page)
        if older is None:
            break
        page = desk.get(unescape(older[1])).text
    assert seen == [str(number) for number in range(119, -1, -1)]
    told: list[str] = []
    before = ""
    while before is not None:
        _, part = api(web, web.token(), "GET", f"/people/{cashier}/log?limit=50&before={before}")
        told += [deed["text"] for deed in part["deeds"]]
        before = part["next_before"]
    assert len(told) == 120
    assert told[0] == "Тариф добавлен: сделал-119"


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/admin/people", 3),
        ("/admin/people/1", 5),
        ("/admin/people/sessions", 3),
        ("/admin/people/rights", 2),
        ("/admin/me", 4),
    ],
)
def test_lists_of_people_ask_no_more_the_longer_they_are(
    web: WebAdmin, club: ClubContext, path: str, most: int
) -> None:
    desk = web.owner()
    for number in range(30):
        web.staff.signed_in(web.make_staff("cashier", login=f"kassa{number}"))
        web.token()
        with club.write() as work:
            journal.record(work, "tariff.created", OWNER, title=str(number))
    desk.get(path)
    with counted_queries(club.database.engine) as statements:
        assert desk.get(path).status_code == 200
    assert len(statements) <= most, "\n\n".join(statements)


# --- signing in with a second factor --------------------------------------------------------------


def test_after_the_password_comes_the_code_and_then_the_page_one_wanted(web: WebAdmin) -> None:
    secret = web.give_second_factor("owner")
    browser = web.stranger()
    said = {"login": "owner", "password": PASSWORD}
    first = browser.post("/admin/login?next=/admin/logs", said)
    assert (first.status_code, first.location) == (303, "/admin/login/code?next=/admin/logs")
    assert browser.get("/admin").location.startswith("/admin/login")
    step = "/admin/login/code?next=/admin/logs"
    wrong = browser.post(step, {"code": "000000"}, token=browser.form_token(step))
    assert wrong.status_code == 422
    assert "Код не подошёл." in wrong.text
    right = browser.post(step, {"code": web.staff.code(secret)}, token=browser.form_token(step))
    assert (right.status_code, right.location) == (303, "/admin/logs")
    assert browser.get("/admin").status_code == 200


def test_without_the_password_there_is_no_second_step(web: WebAdmin, clock: ManualClock) -> None:
    web.give_second_factor("owner")
    browser = web.stranger()
    assert browser.get("/admin/login/code").location == "/admin/login"
    browser.post("/admin/login", {"login": "owner", "password": PASSWORD})
    assert browser.get("/admin/login/code").status_code == 200
    clock.advance(301)
    assert browser.get("/admin/login/code").location == "/admin/login"


def test_the_api_takes_the_code_with_the_password(web: WebAdmin) -> None:
    secret = web.give_second_factor("owner")
    said = {"login": "owner", "password": PASSWORD}
    assert code_of(api(web, "", "POST", "/session", said)) == (401, "second_factor_needed")
    assert code_of(api(web, "", "POST", "/session", {**said, "code": "1"})) == (
        422,
        "wrong_second_factor",
    )
    status, body = api(web, "", "POST", "/session", {**said, "code": web.staff.code(secret)})
    assert status == 201
    assert api(web, body["token"], "GET", "/me")[1]["second_factor_since"] is not None
    assert api(web, "", "POST", "/session", {**said, "code": RECOVERY_CODE})[0] == 201


def test_who_must_have_one_sets_it_up_through_the_api_and_can_do_nothing_else(
    web: WebAdmin, clock: ManualClock
) -> None:
    token = web.token("cashier")
    second_factor.require(web.club, roles=["cashier"], actor=OWNER)
    assert code_of(api(web, token, "GET", "/customers")) == (403, "second_factor_first")
    assert api(web, token, "GET", "/me")[1]["must_do_first"] == "second_factor"
    status, offer = api(web, token, "POST", "/me/second-factor/offer")
    assert status == 200
    said = {"offer": offer["offer"], "code": web.staff.code(offer["secret"])}
    status, body = api(web, token, "PUT", "/me/second-factor", said)
    assert (status, len(body["recovery_codes"])) == (200, 10)
    assert api(web, token, "GET", "/customers")[0] == 401
    token = body["token"]
    assert api(web, token, "GET", "/customers")[0] == 200
    clock.advance(30)
    off = {"code": web.staff.code(offer["secret"])}
    assert code_of(api(web, token, "POST", "/me/second-factor/off", off)) == (
        409,
        "second_factor_required",
    )
    assert api(web, token, "POST", "/me/recovery-codes", off)[0] == 200


def test_a_lost_telephone_is_reset_by_the_owner(web: WebAdmin, desk: Browser) -> None:
    web.give_second_factor("cashier")
    cashier = web.staff_id("cashier")
    assert f"/admin/people/{cashier}/second-factor" in desk.get("/admin/people").text
    assert desk.post(f"/admin/people/{cashier}/second-factor", {}, htmx=True).status_code == 204
    browser = web.stranger()
    answer = browser.post("/admin/login", {"login": "cashier", "password": PASSWORD})
    assert answer.location == "/admin"
    with web.club.read() as db:
        assert db.scalar(select(Staff.totp_secret).where(Staff.id == cashier)) is None


# --- sign-ins -------------------------------------------------------------------------------------


def test_programs_list_and_end_sign_ins(web: WebAdmin) -> None:
    here, other, cashier = web.token(), web.token(), web.token("cashier")
    _, mine = api(web, here, "GET", "/me/sign-ins")
    assert [row["is_this_one"] for row in mine["sign_ins"]] == [False, True]
    _, everybody = api(web, here, "GET", "/sign-ins?limit=2")
    assert [row["role"] for row in everybody["sign_ins"]] == ["cashier", "owner"]
    assert everybody["next_after"] == everybody["sign_ins"][-1]["id"]
    assert code_of(api(web, cashier, "GET", "/sign-ins")) == (403, "forbidden")
    of_cashier = everybody["sign_ins"][0]["id"]
    assert code_of(api(web, here, "DELETE", f"/me/sign-ins/{of_cashier}")) == (
        404,
        "sign_in_unknown",
    )
    assert api(web, here, "DELETE", f"/sign-ins/{of_cashier}")[0] == 200
    assert api(web, cashier, "GET", "/me")[0] == 401
    status, body = api(web, here, "DELETE", "/me/sign-ins")
    assert (status, body["ended"]) == (200, 1)
    assert [api(web, token, "GET", "/me")[0] for token in (other, here)] == [401, 401]
    here = body["token"]
    own = mine["sign_ins"][1]["id"]
    assert code_of(api(web, here, "DELETE", f"/me/sign-ins/{own}")) == (409, "own_session")


def test_programs_manage_people(web: WebAdmin) -> None:
    token = web.token()
    said = {"login": "kassa", "name": "Данияр", "role": "cashier", "language": "ru"}
    status, made = api(web, token, "POST", "/people", said)
    assert status == 201
    person = f"/people/{made['staff_id']}"
    first = {"login": "kassa", "password": made["one_time_password"]}
    _, signed_in = api(web, "", "POST", "/session", first)
    assert code_of(api(web, signed_in["token"], "GET", "/tariffs")) == (403, "password_first")
    change = {"old": first["password"], "new": "моё новое слово"}
    status, renewed = api(web, signed_in["token"], "PUT", "/me/password", change)
    assert (status, api(web, signed_in["token"], "GET", "/me")[0]) == (200, 401)
    signed_in["token"] = renewed["token"]
    assert api(web, signed_in["token"], "GET", "/tariffs")[0] == 200
    me = {"name": "Данияр Б.", "language": "en"}
    assert api(web, signed_in["token"], "PUT", "/me", me)[0] == 200
    assert api(web, token, "GET", person)[1]["language"] == "en"
    changed = {"name": "Данияр", "role": "technician", "language": "ru"}
    assert api(web, token, "PUT", person, changed)[0] == 200
    assert api(web, signed_in["token"], "GET", "/tariffs")[0] == 401
    assert api(web, token, "POST", f"{person}/disable")[0] == 200
    [row] = [
        row for row in api(web, token, "GET", "/people")[1]["people"] if row["login"] == "kassa"
    ]
    assert row["disabled_at"] is not None
    assert api(web, token, "POST", f"{person}/enable")[0] == 200
    assert api(web, token, "POST", f"{person}/one-time-password")[0] == 200
    assert api(web, token, "DELETE", f"{person}/second-factor")[0] == 200
    rights = api(web, token, "GET", "/rights")[1]["rights"]
    assert {"owner"} == set(
        next(row for row in rights if row["right"] == "manage_sign_ins")["roles"]
    )
    assert api(web, token, "PUT", "/second-factor-rule", {"roles": ["technician"]})[0] == 200
    assert api(web, token, "GET", "/second-factor-rule")[1] == {"roles": ["technician"]}
