"""What the desk does from a PC's row: every form, and everything it may say no to."""

import json
import re
from html import unescape
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.live import HallRow, HallSession, Status
from lovhub.server.sessions import link, service
from lovhub.server.web.script_texts import script_texts
from tests.support.club import OWNER, People
from tests.support.live_desk import unsaid
from tests.support.web import Browser, WebAdmin, hidden_value, row

DONE, REFUSED = 204, 422
CUSTOMER = {"who": "customer", "method": "balance"}


@pytest.fixture
def pc(web: WebAdmin, people: People) -> int:
    """A free PC, linked and locked."""
    computer_id = people.computer("ПК-1")
    web.hall.rows = [row(computer_id, "ПК-1")]
    return computer_id


def show_session(web: WebAdmin, people: People, session_id: int, *, silent: bool = False) -> None:
    """Let the hall show the session as it is in the database."""
    session = people.session(session_id)
    seen = HallSession(
        session_id=session_id,
        state="unreachable" if silent else "paused" if session.state == "paused" else "active",
        who=session.guest_name or "Ерлан",
        customer_id=session.customer_id,
        title="1 час",
        seconds_left=3000,
        held_seconds=600 if silent else 0,
        pause_reason="",
    )
    web.hall.rows = [
        shown
        if shown.computer_id != session.computer_id
        else row(shown.computer_id, shown.name, seen)
        for shown in web.hall.rows
    ]


def unlink(web: WebAdmin, computer_id: int) -> None:
    """The PC goes silent."""
    web.hall.rows = [
        shown if shown.computer_id != computer_id else lost(shown) for shown in web.hall.rows
    ]


def lost(shown: HallRow) -> HallRow:
    return HallRow(
        computer_id=shown.computer_id,
        name=shown.name,
        hostname=shown.hostname,
        address=shown.address,
        status=shown.status,
        link="lost",
        lock=shown.lock,
        silent_seconds=12,
        session=shown.session,
        application="",
        problem="",
    )


def seat_guest(club: ClubContext, people: People, computer_id: int) -> int:
    return service.seat_guest(
        club,
        computer_id=computer_id,
        tariff_id=people.tariff(),
        method="cash",
        guest_name="Аслан",
        actor=OWNER,
        key=f"guest at {computer_id}",
    )


def error_of(page: str, field: str) -> str:
    """What stands beside the field; "" if nothing does."""
    found = re.search(rf'data-test="error-{field}">([^<]*)<', page)
    return unescape(found[1]) if found else ""


def chosen(page: str) -> set[str]:
    """The values of lists and buttons that are chosen."""
    tags = re.findall(r"<(?:option|input)[^>]*\b(?:selected|checked)\b[^>]*>", page)
    return {value[1] for tag in tags if (value := re.search(r'value="([^"]*)"', tag))}


# --- seating a guest ------------------------------------------------------------------------------


def test_the_amount_of_each_tariff_is_there_for_the_button(
    desk: Browser, people: People, pc: int
) -> None:
    tariff = people.tariff(price_tiyn=1_250_00)
    sent = desk.get(f"/admin/computers/{pc}/counter", htmx=True).text
    # In no zone, for the one PC.
    assert json.loads(unescape(hidden_value(sent, "prices"))) == {str(tariff): [[None, 125000, 1]]}
    page = unescape(sent)
    assert 'data-say-guest="Принять {price} и посадить"' in page
    assert ["Наличные" in page, "Карта" in page, "Kaspi" in page] == [True] * 3


def test_without_a_tariff_the_desk_is_led_to_make_one(desk: Browser, pc: int) -> None:
    page = desk.get(f"/admin/computers/{pc}/counter", htmx=True).text
    assert "Здесь и сейчас ни один тариф не продаётся." in page
    assert 'href="/admin/tariffs"' in page


def test_what_was_typed_for_a_guest_is_kept_when_the_pc_is_taken(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    show_session(web, people, seat_guest(club, people, pc))
    tariff = str(people.tariff())
    form = {"tariff": tariff, "method": "kaspi", "guest_name": "Дана", "key": "key-1"}
    answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
    assert answer.status_code == REFUSED
    assert "Этот ПК занят." in answer.text
    assert chosen(answer.text) == {"guest", tariff, "kaspi"}
    assert 'value="Дана"' in answer.text
    assert hidden_value(answer.text, "key") == "key-1"


@pytest.mark.parametrize("tariff", ["", "0", "999", "много", str(2**70)])
def test_a_tariff_that_is_not_sold_is_refused_beside_the_list(
    desk: Browser, people: People, pc: int, tariff: str
) -> None:
    people.tariff()
    form = {"tariff": tariff, "method": "cash", "key": "key-1"}
    answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
    assert answer.status_code == REFUSED
    assert error_of(answer.text, "tariff") == "Этот тариф больше не продаётся."


def test_a_way_of_paying_that_is_none_is_refused_in_russian(
    desk: Browser, people: People, pc: int
) -> None:
    form = {"tariff": people.tariff(), "method": "bitcoin", "key": "key-1"}
    answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
    assert answer.status_code == REFUSED
    assert re.fullmatch(r"[А-Яа-я ,.]+", error_of(answer.text, "method"))


def test_a_name_that_is_too_long_for_a_guest_is_refused_and_kept(
    desk: Browser, people: People, pc: int
) -> None:
    form = {"tariff": people.tariff(), "method": "cash", "guest_name": "я" * 41, "key": "key-1"}
    answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
    assert error_of(answer.text, "guest_name") == "Не длиннее 40 символов."
    assert f'value="{"я" * 41}"' in answer.text


def test_nobody_pays_for_a_pc_that_does_not_answer_but_a_code_may_be_sold_for_later(
    web: WebAdmin, desk: Browser, people: People, pc: int
) -> None:
    unlink(web, pc)
    customer = people.customer(balance_tiyn=500_00)
    form = {"tariff": people.tariff(), "method": "cash", "key": "key-1"}
    answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
    assert (answer.status_code, "ПК не на связи." in answer.text) == (REFUSED, True)
    seat = {**form, "who": "customer", "customer": customer}
    answer = desk.post(f"/admin/computers/{pc}/counter", seat, htmx=True)
    assert (answer.status_code, "ПК не на связи." in answer.text) == (REFUSED, True)
    assert people.balance_tiyn(customer) == 500_00
    code = desk.post(
        f"/admin/computers/{pc}/counter", {**form, "with_code": "y", "key": "key-2"}, htmx=True
    )
    assert re.search(r'data-test="seat-code">\d{3} \d{3}<', code.text)


# --- seating a customer ---------------------------------------------------------------------------


def test_customers_are_found_while_one_types(desk: Browser, people: People, pc: int) -> None:
    people.customer(name="Ерлан", balance_tiyn=1_500_00)
    people.customer(name="Алёна")
    form = desk.get(f"/admin/computers/{pc}/counter?who=customer", htmx=True).text
    assert f'hx-get="/admin/customers/choose?pc={pc}"' in form
    assert 'hx-trigger="input changed delay:200ms"' in form
    page = desk.get("/admin/customers/choose?search=ерл", htmx=True).text
    assert page.count('data-test="found"') == 1
    assert "1\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}₸" in page
    assert "checked" in page, "the only one found need not be clicked"
    assert "Алёна" in desk.get("/admin/customers/choose?search=АЛЕНА", htmx=True).text
    nobody = desk.get("/admin/customers/choose?search=нет+такого", htmx=True).text
    assert "Никого не нашлось." in nobody
    assert desk.get("/admin/customers/choose?search=", htmx=True).text.strip() == ""


def test_a_customer_is_seated_for_the_time_they_have(
    desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    customer = people.customer(balance_tiyn=500_00)
    other = people.computer()
    session = service.buy(
        club, computer_id=other, customer_id=customer, tariff_id=people.tariff(), key="buy",
        actor=OWNER,
    )  # fmt: skip
    form = {**CUSTOMER, "search": "Ерлан", "customer": customer, "tariff": "", "key": "key-1"}
    path = f"/admin/computers/{pc}/counter"
    answer = desk.post(path, form, htmx=True)
    assert error_of(answer.text, "search") == "Клиент уже играет на другом ПК."
    service.end(club, session_id=session, actor=OWNER, reason="ended_by_desk")
    assert desk.post(path, form, htmx=True).status_code == DONE
    assert people.balance_tiyn(customer) == 0


def test_whom_to_seat_must_be_chosen_and_the_choice_is_kept(
    desk: Browser, people: People, pc: int
) -> None:
    path = f"/admin/computers/{pc}/counter"
    _, second = people.customer(name="Ерлан"), people.customer(name="Ерлан")
    tariff = [str(people.tariff()) for _ in range(3)][-1]
    nobody = desk.post(
        path, {**CUSTOMER, "search": "ерлан", "tariff": "", "key": "key-1"}, htmx=True
    )
    assert error_of(nobody.text, "search") == "Найдите клиента и выберите его."
    assert nobody.text.count('data-test="found"') == 2
    poor = {
        **CUSTOMER,
        "search": "ерлан",
        "customer": second,
        "tariff": tariff,
        "method": "balance",
        "key": "key-1",
    }
    answer = desk.post(path, poor, htmx=True)
    assert error_of(answer.text, "tariff") == "На балансе не хватает денег."
    assert chosen(answer.text) == {"customer", str(second), tariff, "balance"}
    assert 'value="ерлан"' in answer.text


def test_a_customer_pays_once_however_often_the_form_is_sent(
    desk: Browser, people: People, pc: int
) -> None:
    customer = people.customer(balance_tiyn=1_200_00)
    form = {**CUSTOMER, "customer": customer, "tariff": people.tariff(), "key": "key-1"}
    for _ in range(2):
        answer = desk.post(f"/admin/computers/{pc}/counter", form, htmx=True)
        assert answer.status_code == DONE
    assert people.balance_tiyn(customer) == 700_00


# --- what follows ---------------------------------------------------------------------------------


def test_a_guest_pays_for_more_time_and_a_customer_from_the_balance(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    session = seat_guest(club, people, pc)
    show_session(web, people, session)
    path = f"/admin/computers/{pc}/counter"
    assert "С баланса" in desk.get(path, htmx=True).text
    form = {"session": session, "tariff": people.tariff(), "method": "card", "key": "more"}
    assert [desk.post(path, form, htmx=True).status_code for _ in range(2)] == [DONE, DONE]

    other = people.computer("ПК-2")
    web.hall.rows.append(row(other, "ПК-2"))
    customer = people.customer(balance_tiyn=600_00)
    session = service.buy(
        club, computer_id=other, customer_id=customer, tariff_id=people.tariff(), key="buy",
        actor=OWNER,
    )  # fmt: skip
    show_session(web, people, session)
    path = f"/admin/computers/{other}/counter"
    page = desk.get(path, htmx=True).text
    assert "100\N{NO-BREAK SPACE}₸" in page
    assert 'data-say-balance="Списать {price} и продлить"' in page
    form = {"session": session, "tariff": people.tariff(), "method": "balance", "key": "more-2"}
    answer = desk.post(path, form, htmx=True)
    assert error_of(answer.text, "tariff") == "На балансе не хватает денег."


def test_the_clock_is_stopped_and_started(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    session = seat_guest(club, people, pc)
    show_session(web, people, session)
    pause, resume = f"/admin/sessions/{session}/pause", f"/admin/sessions/{session}/resume"
    assert "0:50:00" in desk.get(pause, htmx=True).text
    assert "Сеанс не на паузе." in desk.post(resume, {}, htmx=True).text
    assert desk.post(pause, {}, htmx=True).status_code == DONE
    assert people.session(session).state == "paused"
    show_session(web, people, session)
    assert desk.post(resume, {}, htmx=True).status_code == DONE
    assert people.session(session).state == "active"


def test_before_an_end_one_reads_what_becomes_of_the_rest(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    session = seat_guest(club, people, pc)
    show_session(web, people, session)
    path = f"/admin/sessions/{session}/end"
    question = desk.get(path, htmx=True).text
    assert "Аслан: осталось 0:50:00." in question
    assert "остаток пропадёт" in question
    answer = desk.post(path, {}, htmx=True)
    assert answer.status_code == DONE
    assert people.session(session).state == "ended"
    web.hall.rows = [row(pc, "ПК-1")]
    again = desk.post(path, {}, htmx=True)
    assert again.status_code == 409
    assert "lovhub:refused" in again.headers["HX-Trigger"]


def test_a_player_moves_only_to_a_pc_that_is_free_and_answers(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, pc: int
) -> None:
    free, taken, silent = (people.computer(name) for name in ("ПК-2", "ПК-3", "ПК-4"))
    web.hall.rows += [row(free, "ПК-2"), row(taken, "ПК-3"), row(silent, "ПК-4")]
    unlink(web, silent)
    show_session(web, people, seat_guest(club, people, taken))
    session = seat_guest(club, people, pc)
    show_session(web, people, session)
    path = f"/admin/sessions/{session}/move"
    page = desk.get(path, htmx=True).text
    assert re.findall(r"<option[^>]*>([^<]*)<", page) == ["ПК-2"]
    for goal, why in [
        (taken, "Этот ПК занят."),
        (silent, "ПК не на связи."),
        (999, "Такого ПК нет."),
        ("нигде", "Такого ПК нет."),
    ]:
        answer = desk.post(path, {"computer": goal}, htmx=True)
        assert (answer.status_code, error_of(answer.text, "computer")) == (REFUSED, why)
    assert desk.post(path, {"computer": free}, htmx=True).status_code == DONE
    assert people.session(session).state == "ended"


def test_what_a_silent_pc_holds_is_given_back_only_with_a_reason(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, clock: ManualClock, pc: int
) -> None:
    session = seat_guest(club, people, pc)
    show_session(web, people, session)
    path = f"/admin/sessions/{session}/release"
    early = desk.post(path, {"reason": "свет"}, htmx=True)
    assert "ПК снова на связи" in early.text
    clock.advance(30)
    link.link_lost(club, computer_id=pc)
    show_session(web, people, session, silent=True)
    assert "тревога с вашим именем" in desk.get(path, htmx=True).text
    refused = desk.post(path, {"reason": "  "}, htmx=True)
    assert error_of(refused.text, "reason").startswith("Укажите причину")
    long = desk.post(path, {"reason": "я" * 201}, htmx=True)
    assert error_of(long.text, "reason") == "Не длиннее 200 символов."
    for other in ("pause", "end"):
        answer = desk.post(f"/admin/sessions/{session}/{other}", {}, htmx=True)
        assert "Дождитесь его или снимите резерв." in answer.text
    assert desk.post(path, {"reason": "унесли на ремонт"}, htmx=True).status_code == DONE
    assert people.session(session).state == "ended"
    assert "унесли на ремонт" in desk.get("/admin/logs").text


@pytest.mark.parametrize("what", ["sell", "time", "pause", "resume", "end", "message"])
def test_nothing_is_done_to_pcs_that_nobody_chose(desk: Browser, pc: int, what: str) -> None:
    path = f"/admin/counter/{what}"
    assert desk.get(path, htmx=True).status_code == 200
    answer = desk.post(path, {"pc": "нет", "text": "Привет", "key": "key-1"}, htmx=True)
    assert (answer.status_code, "lovhub:refused" in answer.headers["HX-Trigger"]) == (409, True)


# --- PCs themselves -------------------------------------------------------------------------------


def test_a_revoked_pc_has_no_forms(desk: Browser, web: WebAdmin, people: People) -> None:
    computer_id = people.computer()
    assert desk.get(f"/admin/computers/{computer_id}/rename").status_code == 200
    with web.club.write() as work:
        work.db.get_one(Computer, computer_id).revoked_at = work.now
    for action in ("rename", "message"):
        assert desk.get(f"/admin/computers/{computer_id}/{action}").status_code == 404


# --- the page -------------------------------------------------------------------------------------


def test_live_json_is_the_same_picture_as_the_page_begins_with(
    web: WebAdmin, desk: Browser, pc: int
) -> None:
    polled = desk.get("/admin/computers/live.json")
    assert polled.headers["Cache-Control"] == "no-store"
    picture = polled.get_json()
    assert picture["type"] == "snapshot"
    assert [shown["name"] for shown in picture["rows"]] == ["ПК-1"]
    page = desk.get("/admin/computers").text
    begun = re.search(r'data-snapshot="([^"]*)"', page)
    assert begun is not None
    assert unescape(begun[1]) == polled.text
    assert 'data-time-zone="Asia/Almaty"' in page


def test_the_filter_in_the_address_is_the_one_that_is_pressed(desk: Browser) -> None:
    for status in ("on", "off", "used", "problem"):
        page = desk.get(f"/admin/computers?status={status}").text
        assert re.search(rf'class="btn active"[^>]*data-filter="{status}"', page)


def test_the_page_carries_every_word_its_scripts_say(web: WebAdmin) -> None:
    assert web.app.static_folder is not None
    asked = {f"status_{status}" for status in get_args(Status)}
    asked |= {"paused", "paused_player", "paused_power_cut"}
    for script in ("hall.js", "app.js", "counter.js", "desk_selection.js", "desk_numbers.js"):
        source = Path(web.app.static_folder, script).read_text(encoding="utf-8")
        asked.update(re.findall(r'\btext\("(\w+)"[,)]', source))
        asked.update(re.findall(r"TEXTS\.(\w+)", source))
    assert len(asked) > 30
    with web.app.test_request_context():
        assert asked - set(script_texts()) == set()


@pytest.mark.parametrize(("name", "kind"), [("ROW", HallRow), ("SESSION", HallSession)])
def test_the_page_fills_in_what_goes_without_saying(
    web: WebAdmin, name: str, kind: type[msgspec.Struct]
) -> None:
    source = Path(web.app.static_folder or "", "hall.js").read_text(encoding="utf-8")
    written = re.search(rf"const {name} = (.+);", source)
    assert written is not None
    filled_in = json.loads(re.sub(r"(\w+):", r'"\1":', written[1]))
    assert filled_in == json.loads(msgspec.json.encode(unsaid(kind)))
