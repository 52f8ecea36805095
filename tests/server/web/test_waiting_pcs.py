"""PCs that want in: one by one, and many at once with their names."""

import re
from html import unescape

import pytest

from lovhub.server.computers import tokens
from lovhub.server.live import PendingPairing
from tests.support.web import Browser, WebAdmin

DONE = 204


def test_a_waiting_pc_is_taken_in_after_the_codes_were_compared(
    web: WebAdmin, desk: Browser
) -> None:
    web.hall.pairings = [PendingPairing("abc", "DESKTOP-7Q2K", "192.168.1.9", "482 913", 5)]
    web.pairings.waiting = {"abc"}
    approve = "/admin/computers/pairings/abc/approve"
    page = desk.get(approve, htmx=True).text
    assert "482 913" in page
    assert "тот же код" in page
    assert desk.post(approve, {}, htmx=True).status_code == DONE
    assert web.pairings.approved == ["abc"]
    assert desk.post("/admin/computers/pairings/abc/refuse", {}, htmx=True).status_code == DONE
    assert web.pairings.refused == ["abc"]


def test_a_pc_that_no_longer_waits_cannot_be_taken_in(web: WebAdmin, desk: Browser) -> None:
    path = "/admin/computers/pairings/gone/approve"
    opened = desk.get(path, htmx=True)
    assert opened.status_code == 409
    assert "lovhub:refused" in opened.headers["HX-Trigger"]
    assert "больше не ждёт" in desk.post(path, {}, htmx=True).text
    assert web.pairings.approved == []


CARDS = ["3c:7c:3f:00:12:34", "3c:7c:3f:00:12:35", ""]
MANY = "/admin/computers/pairings"


@pytest.fixture
def waiting(web: WebAdmin) -> None:
    """Three PCs that want in; an old agent says no card."""
    web.hall.pairings = [
        PendingPairing(f"p{number}", f"DESKTOP-{number}", "192.168.1.9", f"482 91{number}", 5, mac)
        for number, mac in enumerate(CARDS)
    ]
    web.pairings.waiting = {"p0", "p1", "p2"}


def name_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="name-(\w+)" value="([^"]*)"', page))


@pytest.mark.usefixtures("waiting")
def test_a_list_gives_waiting_pcs_their_names_and_takes_nobody_in(
    web: WebAdmin, desk: Browser
) -> None:
    names = "MAC;Имя\n3C-7C-3F-00-12-34;ПК-17\n3c7c3f001299;ПК-99"
    page = desk.post(MANY, {"names": names, "fill": "1"}).text
    assert name_fields(page) == {"p0": "ПК-17", "p1": "", "p2": ""}
    assert re.findall(r'value="(\w+)" aria-label="[^"]*" checked', page) == ["p0"]
    assert "Не понята строка «MAC;Имя»" in unescape(page)
    assert web.pairings.approved == []


@pytest.mark.usefixtures("waiting")
def test_the_chosen_ones_come_in_with_their_names_and_the_others_wait_on(
    web: WebAdmin, desk: Browser
) -> None:
    sent = {"chosen": ["p0", "p2"], "name-p0": "ПК-17", "name-p1": "ПК-18", "name-p2": ""}
    assert desk.post(MANY, sent).location == "/admin/computers"
    assert dict(zip(web.pairings.approved, web.pairings.names, strict=True)) == {
        "p0": "ПК-17",
        "p2": "",
    }


@pytest.mark.usefixtures("waiting")
def test_who_cannot_be_taken_in_stays_with_the_reason_beside_it(
    web: WebAdmin, desk: Browser
) -> None:
    web.pairings.taken = {"ПК-17"}
    web.pairings.waiting.discard("p2")
    sent = {"chosen": ["p0", "p1", "p2"], "name-p0": "ПК-17", "name-p1": "ПК-18"}
    page = desk.post(MANY, sent).text
    assert web.pairings.approved == ["p1"]
    assert "Подключено ПК: 1" in page
    assert re.findall(r'data-test="problem">([^<]*)<', page) == [
        "Такое название уже есть.",
        "Этот ПК больше не ждёт подтверждения.",
    ]
    assert name_fields(page) == {"p0": "ПК-17", "p2": ""}


def test_nobody_waits(desk: Browser) -> None:
    assert "Никто не ждёт" in desk.get(MANY).text


# --- names typed at PCs, and keys ------------------------------------------------------------------


def test_a_name_typed_at_the_pc_is_in_its_field_and_one_with_a_key_is_chosen(
    web: WebAdmin, desk: Browser
) -> None:
    web.hall.pairings = [
        PendingPairing("p0", "DESKTOP-0", "192.168.1.9", "482 910", 5, "", "ПК-17", 3),
        PendingPairing("p1", "DESKTOP-1", "192.168.1.8", "482 911", 5),
    ]
    page = desk.get(MANY).text
    assert name_fields(page) == {"p0": "ПК-17", "p1": ""}
    assert re.findall(r'value="(\w+)" aria-label="[^"]*" checked', page) == ["p0"]
    assert "ключ № 3" in page
    web.pairings.waiting = {"p0"}
    assert "ПК-17" in desk.get("/admin/computers/pairings/p0/approve", htmx=True).text


KEYS = "/admin/computers/pairing-tokens"


def test_a_key_is_shown_once_and_can_be_taken_back(web: WebAdmin, desk: Browser) -> None:
    page = desk.post(KEYS, {"computers": "60", "hours": "4"}).text
    (text,) = re.findall(r'data-test="token">([^<]+)<', page)
    token_id = tokens.usable(web.club, text)
    assert token_id
    again = desk.get(KEYS).text
    assert text not in again
    assert f'data-token="{token_id}"' in again
    assert "действует" in again
    desk.post(f"{KEYS}/{token_id}/revoke", {})
    assert "отозван" in desk.get(KEYS).text
    assert not tokens.usable(web.club, text)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"computers": "0", "hours": "4"}, "computers"),
        ({"computers": "60", "hours": "25"}, "hours"),
        ({"computers": "", "hours": "4"}, "computers"),
    ],
)
def test_a_wrong_number_makes_no_key_and_is_kept(
    web: WebAdmin, desk: Browser, sent: dict[str, str], field: str
) -> None:
    answer = desk.post(KEYS, sent)
    assert answer.status_code == 422
    assert re.findall(r'data-test="error-(\w+)"', answer.text) == [field]
    assert f'value="{sent[field]}"' in answer.text
    with web.club.read() as db:
        assert tokens.newest(db, web.club.club_id) == []
