"""«Залы и зоны», and what people say of PCs, as pages."""

import re

import pytest
from msgspec.structs import replace

from lovhub.server.conditions import queries as conditions
from lovhub.server.context import ClubContext
from lovhub.server.halls import queries
from lovhub.server.live import HallCondition
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People
from tests.support.live_desk import changed, session
from tests.support.web import Browser, WebAdmin, hidden_value, row


def plan(club: ClubContext) -> queries.Plan:
    with club.read() as db:
        return queries.plan(db, club.club_id)


def marked(club: ClubContext) -> dict[int, tuple[str, str]]:
    with club.read() as db:
        found = conditions.in_force(db, club.club_id, club.clock.now())
    return {one.computer_id: (one.kind, one.text) for one in found}


def error(page: str, field: str) -> str:
    """What stands beside the field."""
    found = re.search(rf'data-test="error-{field}">([^<]*)<', page)
    return found[1] if found else ""


def test_the_empty_page_says_what_to_do_first(desk: Browser) -> None:
    page = desk.get("/admin/halls").text
    assert "Залов пока нет" in page
    assert "Добавить зал" in page


def test_a_hall_is_made_with_zones_and_a_wrong_name_keeps_what_was_typed(
    web: WebAdmin, desk: Browser
) -> None:
    wrong = desk.post("/admin/halls/add", {"name": "", "zones": "VIP, Общий"}, htmx=True)
    assert wrong.status_code == 422
    assert error(wrong.text, "name") == "Введите название."
    assert hidden_value(wrong.text, "zones") == "VIP, Общий"
    assert plan(web.club).halls == []
    desk.post("/admin/halls/add", {"name": "Первый", "zones": "VIP, Общий,"}, htmx=True)
    assert [zone.name for zone in plan(web.club).halls[0].zones] == ["VIP", "Общий"]
    alike = desk.post("/admin/halls/add", {"name": "Второй", "zones": "A,a"}, htmx=True)
    assert error(alike.text, "zones").startswith("Названия зон разные")


def test_chosen_pcs_go_to_a_zone_and_get_numbers(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    pcs = [people.computer("ПК-1"), people.computer("ПК-2")]
    people.computer("ПК-3")
    desk.post("/admin/halls/add", {"name": "Первый", "zones": "VIP"})
    zone_id = plan(web.club).halls[0].zones[0].zone_id
    dialog = desk.get(f"/admin/halls/place?pc={pcs[0]}&pc={pcs[1]}", htmx=True).text
    assert "ПК-1, ПК-2" in dialog
    desk.post("/admin/halls/place", {"pc": pcs, "zone": zone_id}, htmx=True)
    desk.post("/admin/halls/number", {"pc": pcs, "first": "17"}, htmx=True)
    stands = plan(web.club).halls[0].zones[0].computers
    assert [(stand.name, stand.number) for stand in stands] == [("ПК-1", 17), ("ПК-2", 18)]
    third = plan(web.club).without_zone[0].computer_id
    for first, why in (("18", "Номер 18 уже у другого ПК."), ("0", "Номера от 1 до 9999.")):
        refused = desk.post("/admin/halls/number", {"pc": third, "first": first}, htmx=True)
        assert error(refused.text, "first") == why
    words = desk.post("/admin/halls/number", {"pc": third, "first": "десять"}, htmx=True)
    assert words.status_code == 422
    assert error(words.text, "first")


def test_a_zone_with_pcs_asks_where_they_go(web: WebAdmin, desk: Browser, people: People) -> None:
    pc = people.computer()
    desk.post("/admin/halls/add", {"name": "Первый", "zones": "VIP,Общий"})
    vip, common = plan(web.club).halls[0].zones
    desk.post("/admin/halls/place", {"pc": pc, "zone": vip.zone_id})
    refused = desk.post(f"/admin/halls/zones/{vip.zone_id}/delete", {}, htmx=True)
    assert error(refused.text, "zone") == "Выберите, куда перенести ПК этой зоны."
    desk.post(f"/admin/halls/zones/{vip.zone_id}/delete", {"zone": common.zone_id}, htmx=True)
    assert [stand.computer_id for stand in plan(web.club).halls[0].zones[0].computers] == [pc]


def test_arrows_change_the_order(web: WebAdmin, desk: Browser) -> None:
    desk.post("/admin/halls/add", {"name": "Первый", "zones": "VIP,Общий"})
    desk.post("/admin/halls/add", {"name": "Второй", "zones": ""})
    first, second = plan(web.club).halls
    vip = first.zones[0]
    desk.post(f"/admin/halls/zones/{vip.zone_id}/move", {"places": "1"}, htmx=True)
    desk.post(f"/admin/halls/{second.hall_id}/move", {"places": "-1"}, htmx=True)
    shown = plan(web.club).halls
    assert [hall.name for hall in shown] == ["Второй", "Первый"]
    assert [zone.name for zone in shown[1].zones] == ["Общий", "VIP"]


def test_several_pcs_are_marked_broken_and_mended(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    pcs = [people.computer("ПК-1"), people.computer("ПК-2")]
    web.hall.rows = [row(pcs[0], "ПК-1"), row(pcs[1], "ПК-2")]
    dialog = desk.get(f"/admin/computers/broken?pc={pcs[0]}&pc={pcs[1]}", htmx=True)
    assert "ПК-1, ПК-2" in dialog.text
    refused = desk.post("/admin/computers/broken", {"pc": pcs, "reason": ""}, htmx=True)
    assert error(refused.text, "reason") == "Укажите причину: она останется в журнале."
    desk.post("/admin/computers/broken", {"pc": pcs, "reason": "нет звука"}, htmx=True)
    assert marked(web.club) == dict.fromkeys(pcs, ("broken", "нет звука"))
    assert "ПК сломан: нет звука" in desk.get("/admin/logs").text
    desk.post("/admin/computers/mend", {"pc": pcs}, htmx=True)
    assert marked(web.club) == {}


def test_a_pc_is_kept_for_a_customer_or_for_whoever_is_named(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    pc, customer_id = people.computer("ПК-1"), people.customer(name="Аскар")
    found = desk.get("/admin/computers/keep/customers?search=аск", htmx=True).text
    assert f'value="{customer_id}"' in found
    wrong = desk.post(
        "/admin/computers/keep", {"pc": pc, "search": "Дима", "until": "25:99"}, htmx=True
    )
    assert error(wrong.text, "until") == "Введите время, например 19:30."
    assert hidden_value(wrong.text, "search") == "Дима"
    nobody = desk.post(
        "/admin/computers/keep", {"pc": pc, "search": "", "until": "19:30"}, htmx=True
    )
    assert error(nobody.text, "search").startswith("Напишите, для кого")
    guess = {"pc": pc, "search": "Аск", "until": "25:99", "customer": customer_id}
    technician = web.signed_in("technician")
    # Whoever may not see customers is shown none, and keeps no PC for one whose number they try.
    assert (
        'data-test="found"' not in technician.post("/admin/computers/keep", guess, htmx=True).text
    )
    guess["until"] = "19:30"
    assert technician.post("/admin/computers/keep", guess, htmx=True).status_code == 422
    desk.post("/admin/computers/keep", {"pc": pc, "search": "Дима", "until": "19:30"}, htmx=True)
    assert marked(web.club) == {pc: ("kept", "Дима")}
    desk.post(
        "/admin/computers/keep",
        {"pc": pc, "search": "аск", "customer": customer_id, "until": "19:30"},
        htmx=True,
    )
    assert marked(web.club) == {pc: ("kept", "Аскар")}
    desk.post("/admin/computers/let-go", {"pc": pc}, htmx=True)
    assert marked(web.club) == {}


@pytest.mark.parametrize("despite", ["", "y"])
def test_the_desk_is_told_that_a_pc_is_kept_and_may_seat_on_purpose(
    web: WebAdmin, desk: Browser, people: People, despite: str
) -> None:
    pc, tariff_id = people.computer("ПК-1"), people.tariff()
    web.hall.rows = [changed(row(pc, "ПК-1"), condition=HallCondition("kept", "Дима", None, 3600))]
    desk.post("/admin/computers/keep", {"pc": pc, "search": "Дима", "until": "19:30"})
    answer = desk.post(
        f"/admin/computers/{pc}/counter",
        {
            "tariff": tariff_id,
            "method": "cash",
            "key": "one-guest",
            **({"despite_kept": despite} if despite else {}),
        },
        htmx=True,
    )
    if despite:
        assert answer.status_code == 204
        assert marked(web.club) == {}
    else:
        assert "ПК отложен до 19:30: Дима." in answer.text
        assert 'name="despite_kept"' in answer.text
        assert marked(web.club) == {pc: ("kept", "Дима")}


def test_a_player_is_moved_to_no_broken_pc_and_to_a_kept_one_only_on_purpose(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    here, kept, broken = people.computer("ПК-1"), people.computer("ПК-2"), people.computer("ПК-3")
    session_id = sessions.seat_guest(
        web.club, computer_id=here, tariff_id=people.tariff(), method="cash",
        guest_name="", actor=CASHIER, key="guest-here",
    )  # fmt: skip
    web.hall.rows = [
        row(here, "ПК-1", replace(session(), session_id=session_id)),
        changed(row(kept, "ПК-2"), condition=HallCondition("kept", "Дима", None, 3600)),
        changed(row(broken, "ПК-3"), condition=HallCondition("broken", "нет звука", None, 0)),
        changed(row(people.computer("ПК-4"), "ПК-4"), lock="broken", problem="lock_broken"),
        row(people.computer("ПК-5"), "ПК-5"),
    ]
    desk.post("/admin/computers/keep", {"pc": kept, "search": "Дима", "until": "19:30"})
    form = desk.get(f"/admin/sessions/{session_id}/move", htmx=True).text
    assert "ПК-2 (отложен: Дима)" in form
    assert "ПК-3" not in form
    assert "ПК-4 (замок не отвечает)" in form
    # The choice made for one turns nobody away, and seats nobody where the lock may not hold after them.
    assert form.index("ПК-5") < form.index("ПК-4") < form.index("ПК-2")
    refused = desk.post(f"/admin/sessions/{session_id}/move", {"computer": kept}, htmx=True)
    assert error(refused.text, "computer") == "ПК отложен до 19:30: Дима."
    assert 'name="despite_kept"' in refused.text
    moved = desk.post(
        f"/admin/sessions/{session_id}/move", {"computer": kept, "despite_kept": "y"}, htmx=True
    )
    assert moved.status_code == 204
