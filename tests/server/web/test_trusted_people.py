"""From where people work, whose password is asked again, and which row came from which request."""

import pytest
import structlog
from sqlalchemy import select
from werkzeug.datastructures import Headers

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.payments import rules as networks
from lovhub.server.staff import allowed, endpoints
from lovhub.server.staff.allowed import Caller, caller, lets_in, normal
from lovhub.server.staff.rules import CONFIRMED_SECONDS
from tests.support.club import OWNER, People
from tests.support.web import ADDRESS, OWNER_PASSWORD, WebAdmin

PROXIES = networks.networks("127.0.0.1, 10.0.0.5")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" 192.168.1.7 ,192.168.2.9/24\n2001:db8::1", "192.168.1.7 192.168.2.0/24 2001:db8::1"),
        ("192.168.1.7 192.168.1.7/32", "192.168.1.7"),
        ("0.0.0.0/0", None),
        ("::/0", None),
        ("192.168.1", None),
        ("desk", None),
        (" ".join(f"10.0.0.{n}" for n in range(51)), None),
    ],
)
def test_the_list_is_kept_as_networks(typed: str, kept: str | None) -> None:
    assert normal(typed) == kept


@pytest.mark.parametrize(
    ("peer", "headers", "listed", "is_let_in"),
    [
        ("192.168.1.7", {}, "", True),
        ("192.168.1.7", {}, "192.168.1.0/24", True),
        ("::ffff:192.168.1.7", {}, "192.168.1.0/24", True),
        ("192.168.2.7", {}, "192.168.1.0/24", False),
        ("", {}, "192.168.1.0/24", False),
        ("127.0.0.1", {}, "192.168.1.0/24", True),
        ("::1", {}, "192.168.1.0/24", True),
        # Whoever is not a named proxy may write what they like.
        ("192.168.2.7", {"X-Forwarded-For": "192.168.1.7"}, "192.168.1.0/24", False),
        ("192.168.2.7", {"X-Forwarded-For": "127.0.0.1"}, "192.168.1.0/24", False),
        # A proxy's own word is taken, from the right; behind it nobody is this computer.
        ("10.0.0.5", {"X-Forwarded-For": "192.168.1.7"}, "192.168.1.0/24", True),
        ("10.0.0.5", {"X-Forwarded-For": "192.168.1.7, 5.5.5.5"}, "192.168.1.0/24", False),
        ("10.0.0.5", {"X-Forwarded-For": "127.0.0.1"}, "192.168.1.0/24", False),
        ("127.0.0.1", {"X-Forwarded-For": "5.5.5.5"}, "192.168.1.0/24", False),
        ("127.0.0.1", {"Via": "1.1 proxy"}, "192.168.1.0/24", False),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.7"}, "192.168.1.0/24", True),
    ],
)
def test_who_is_let_in(peer: str, headers: dict[str, str], listed: str, is_let_in: bool) -> None:
    asking = caller(peer, Headers(headers), PROXIES)
    assert lets_in(listed, asking) is is_let_in


def test_from_elsewhere_nothing_of_the_club_is_shown(web: WebAdmin) -> None:
    inside, outside = {"REMOTE_ADDR": "192.168.1.7"}, {"REMOTE_ADDR": "192.168.9.9"}
    owner, club = web.owner(), web.club
    for typed, code in (("10.0.0.1", "own_address_missing"), ("x", "addresses_malformed")):
        with pytest.raises(OperationRefused) as refusal:
            allowed.set_addresses(
                club, typed=typed, asking=Caller("192.168.1.7", is_here=False), actor=OWNER
            )
        assert refusal.value.values == {"addresses": code}
    assert owner.post("/admin/people/addresses", {"addresses": "192.168.1.0/24"}).status_code == 303
    bearer = {"Authorization": f"Bearer {web.token()}"}

    def ask(path: str, place: dict[str, str], **how: object) -> tuple[int, str]:
        answer = owner.client.open(path, base_url=ADDRESS, environ_base=place, **how)
        return answer.status_code, answer.text

    shown = (403, "С этого адреса вход закрыт. Войдите из клуба или с самого сервера.\n")
    for path in ("/admin", "/admin/login", "/admin/computers/live.json", "/nowhere", "/"):
        assert ask(path, outside) == shown
        assert ask(path, inside)[0] != 403
    assert ask("/admin/login", outside, method="POST") == shown
    for path, how in (
        ("/api/v1/me", {"headers": bearer}),
        ("/api/v1/session", {"method": "POST", "json": {"login": "owner", "password": "x"}}),
    ):
        status, body = ask(path, outside, **how)
        assert (status, "address_not_allowed" in body) == (403, True)
    assert ask("/api/v1/me", inside, headers=bearer)[0] == 200
    assert ask("/favicon.ico", outside)[0] == 302, "nothing of the club's"
    assert ask("/admin/people", {"REMOTE_ADDR": "127.0.0.1"})[0] == 200, "the server itself"
    assert ask("/admin/people", {"REMOTE_ADDR": "127.0.0.1"}, headers={"Via": "x"}) == shown
    allowed.allow_everywhere(club)
    assert ask("/admin/people", outside)[0] == 200


def test_the_password_is_asked_again_and_nothing_typed_is_lost(
    web: WebAdmin, clock: ManualClock
) -> None:
    owner, token = web.owner(), web.token()
    bearer = {"Authorization": f"Bearer {token}"}

    def target() -> str:
        answer = owner.client.get("/api/v1/notices", base_url=ADDRESS, headers=bearer)
        return str(answer.get_json()["email"])

    values = {"email": "a@mail.kz", "telegram": "", "troubles": "y", "daily_head": "y"}
    clock.advance(CONFIRMED_SECONDS - 1)
    assert owner.post("/admin/notices", values).status_code == 303
    clock.advance(1)
    asked = owner.post("/admin/notices", {**values, "email": 'b@mail.kz"><b>'})
    assert asked.status_code == 422
    assert 'value="b@mail.kz&#34;&gt;&lt;b&gt;"' in asked.text
    values["email"] = "b@mail.kz"
    wrong = owner.post("/admin/notices", {**values, "confirm_password": "wrong"})
    assert "Пароль не подошёл." in wrong.text
    assert target() == "a@mail.kz"
    forged = owner.client.post(
        "/admin/notices",
        base_url=ADDRESS,
        data={**values, "confirm_password": OWNER_PASSWORD},
    )
    assert forged.status_code == 400, "the form's token comes first"
    right = owner.post("/admin/notices", {**values, "confirm_password": OWNER_PASSWORD})
    assert right.status_code == 303
    assert target() == "b@mail.kz"
    again = owner.post("/admin/notices", {**values, "email": "c@mail.kz"})
    assert (again.status_code, target()) == (303, "c@mail.kz"), "fresh for ten minutes"

    def put() -> tuple[int, str]:
        answer = owner.client.put(
            "/api/v1/notices/target",
            base_url=ADDRESS,
            headers=bearer,
            json={"email": "", "telegram": ""},
        )
        return answer.status_code, (answer.get_json().get("error") or {"code": ""})["code"]

    def confirm(password: str) -> int:
        return owner.client.post(
            "/api/v1/me/confirmation", base_url=ADDRESS, headers=bearer, json={"password": password}
        ).status_code

    assert put() == (403, "confirmation_needed"), "each sign-in for itself"
    assert [confirm("?") for _ in range(5)] == [422] * 5
    assert confirm(OWNER_PASSWORD) == 429, "few guesses for who sits down at an open desk"
    clock.advance(301)
    assert confirm(OWNER_PASSWORD) == 200
    assert put() == (200, "")
    cashier = web.cashier()
    clock.advance(CONFIRMED_SECONDS)
    assert cashier.post("/admin/notices", values).status_code == 403, "a right is needed first"


def test_a_row_leads_to_its_request_and_to_the_logs_lines(
    club: ClubContext, people: People, web: WebAdmin
) -> None:
    desk, customer = web.owner(), people.customer()
    with structlog.testing.capture_logs() as lines:
        answer = desk.client.post(
            f"/api/v1/customers/{customer}/top-ups",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {web.token()}", "X-Request-ID": "from-outside"},
            json={"amount_tiyn": 500_00, "method": "cash", "key": "request-1"},
        )
    assert answer.status_code in {200, 201}, answer.text
    number = answer.headers["X-Request-ID"]
    assert len(number) == 16, number
    customers.top_up(
        club, customer_id=customer, amount_tiyn=100, method="cash", key="by-itself",
        actor=Actor("staff", web.staff_id("owner"), "", "owner"),
    )  # fmt: skip
    with club.read() as db:
        postings = dict(db.execute(select(LedgerPosting.key, LedgerPosting.request_id)).all())
        events = db.scalars(
            select(Event.request_id).where(Event.kind == "customer.topped_up").order_by(Event.id)
        ).all()
    (booked,) = [found for key, found in postings.items() if key.endswith("request-1")]
    assert booked == number
    assert events == [number, None]
    assert [line["status"] for line in lines if line["event"] == "answered"] == [answer.status_code]
    assert desk.get("/admin/people").headers["X-Request-ID"] != number


COSTS = {"manage_tariffs", "manage_goods", "manage_loyalty"}
COSTS_NOTHING = {
    "tariffs.preview", "tariffs.retire", "tariffs.restore", "tariffs.move", "goods.listed", "goods.retire",
    "goods.restore", "loyalty.index", "loyalty.remove_group", "loyalty.show_promo", "loyalty.stop_promo",
    "tariffs_api.retire", "tariffs_api.restore", "tariffs_api.move", "goods_api.retire", "goods_api.restore",
    "loyalty_api.remove_group", "loyalty_api.show_rules", "promos_api.list_promos", "promos_api.list_codes",
    "promos_api.stop_promo",
}  # fmt: skip
"""Looked at, or only sold no longer."""


def test_whatever_says_what_something_costs_asks_again(web: WebAdmin, clock: ManualClock) -> None:
    named = {name for name, right in endpoints.ENDPOINTS.items() if right in COSTS}
    assert named - endpoints.CONFIRMED == COSTS_NOTHING
    owner = web.owner()
    hour = {"title": "Час", "kind": "package", "hours": "1", "minutes": "0", "price": "500"}
    clock.advance(CONFIRMED_SECONDS)

    asked = owner.post("/admin/tariffs/new", hour)

    assert asked.status_code == 422
    assert 'name="confirm_password"' in asked.text
