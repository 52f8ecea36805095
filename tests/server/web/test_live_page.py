"""The hall in a real browser: what is pushed, what is polled, and what is shown when nothing comes."""

import colorsys
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from lovhub.server.channel.live import COALESCE_SECONDS
from lovhub.server.live import HallSession, PendingPairing
from lovhub.server.staff.models import StaffSession
from tests.support.chromium import Heard
from tests.support.club import People
from tests.support.live_desk import LiveDesk, at, changed, offered, open_hall, session
from tests.support.web import row

LONG_SILENCE = "00:13"
SOON_MS = 8_000


# --- what a row shows -----------------------------------------------------------------------------


def test_states_are_told_apart_by_word_icon_and_colour(page: Page, live: LiveDesk) -> None:
    free = row(1, "ПК-1")
    used = changed(row(2, "ПК-2", session()), application="Dota 2")
    live.web.hall.rows = [
        free,
        used,
        changed(free, computer_id=3, name="ПК-3", status="off", link="off", problem="silent"),
        changed(free, computer_id=4, name="ПК-4", status="off", link="switched_off"),
        changed(free, computer_id=5, name="ПК-5", lock="broken", problem="lock_broken"),
        row(6, "ПК-6", session("paused")),
        row(7, "ПК-7", session("paused", why="power_cut")),
        changed(free, computer_id=8, name="ПК-8", link="lost", silent_seconds=12),
        row(9, "ПК-9", session("paused", why="player")),
        changed(free, computer_id=10, name="ПК-10", status="off", link="off", problem="no_agent"),
        changed(row(11, "ПК-11", session()), lock="broken", problem="launcher_silent"),
    ]
    open_hall(page, live)
    for computer_id, word, icon, note in [
        (1, "Активен", "circle-check", r""),
        (2, "Используется", "clock-play", r""),
        (3, "Отключен", "power", r"пропал без прощания"),
        (4, "Отключен", "power", r"выключен штатно"),
        (5, "Активен", "circle-check", r"замок сломан!"),
        (6, "Используется", "clock-pause", r"пауза"),
        (7, "Используется", "clock-pause", r"пауза: пропало питание"),
        (8, "Активен", "circle-check", r"нет связи 1\d с"),
        (9, "Используется", "clock-pause", r"пауза: поставил игрок"),
        (10, "Отключен", "power", r"включён без агента!"),
        (11, "Используется", "clock-play", r"лаунчер не отвечает"),
    ]:
        line = at(page, computer_id)
        expect(line.locator(".js-status")).to_have_text(word)
        expect(line.locator(".status use")).to_have_attribute("href", re.compile(f"#{icon}$"))
        expect(line.locator(".js-note")).to_have_text(re.compile(f"^{note}$"))
    colours = [
        at(page, number).locator(".status").evaluate("it => getComputedStyle(it).color")
        for number in (1, 2, 3)
    ]
    assert [_hue(colour) for colour in colours] == ["orange", "orange", "red"]
    expect(at(page, 2).locator(".js-application")).to_have_text("Dota 2")
    expect(at(page, 2).locator(".js-who")).to_have_text("Ерлан")
    expect(at(page, 2).locator(".js-title")).to_have_text("1 час")
    counts = {
        name: page.locator(f'[data-count="{name}"]').inner_text()
        for name in ("total", "on", "used", "off", "problem")
    }
    assert counts == {"total": "11", "on": "8", "used": "5", "off": "3", "problem": "4"}


def _hue(colour: str) -> str:
    """«rgb(214, 57, 57)» → the colour's name, as far as statuses go."""
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    hue = round(colorsys.rgb_to_hsv(red, green, blue)[0] * 360)
    return "red" if hue < 10 or hue > 345 else "orange" if 15 < hue < 45 else str(hue)


def test_only_what_the_server_would_accept_is_offered(page: Page, live: LiveDesk) -> None:
    free, gone = row(1, "ПК-1"), {"status": "off", "link": "switched_off"}
    silent = row(5, "ПК-5", session("unreachable", held=600))
    live.web.hall.rows = [
        free,
        row(2, "ПК-2", session()),
        row(3, "ПК-3", session("paused")),
        changed(free, computer_id=4, name="ПК-4", **gone),
        changed(silent, link="lost"),
    ]
    open_hall(page, live)
    assert [offered(at(page, number)) for number in (1, 2, 3, 4, 5)] == [
        [
            "seat-guest",
            "seat-customer",
            "message",
            "remote",
            "keep",
            "broken",
            "maintenance",
            "rename",
        ],
        ["extend", "pause", "move", "end", "message", "remote", "keep", "broken", "rename"],
        ["extend", "resume", "move", "end", "message", "remote", "keep", "broken", "rename"],
        ["remote", "keep", "broken", "rename"],
        ["extend", "move", "release", "remote", "keep", "broken", "rename"],
    ]


def test_a_silent_pc_is_told_with_the_clubs_time_until_which_it_may_play(
    page: Page, live: LiveDesk
) -> None:
    page.clock.install(time="2026-11-24T16:30:00Z")  # 21:30 in Almaty
    silent = row(1, "ПК-1", session("unreachable", left=3000, held=600))
    live.web.hall.rows = [changed(silent, link="lost", silent_seconds=12)]
    open_hall(page, live)
    page.clock.pause_at("2026-11-24T16:30:30Z")
    expect(at(page, 1).locator(".js-note")).to_have_text(
        re.compile(r"^нет связи \d\d с, не дольше 21:40$")
    )
    expect(at(page, 1).locator(".js-left")).to_have_text("0:50:00")


# --- live -----------------------------------------------------------------------------------------


def test_changes_arrive_by_push_within_a_second_and_time_runs_only_where_it_is_played(
    page: Page, live: LiveDesk
) -> None:
    live.web.hall.rows = [row(1, "ПК-1"), row(2, "ПК-2", session("paused", left=500))]
    open_hall(page, live)
    page.evaluate("window.notReloaded = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    live.show(row(1, "ПК-1", session()), row(2, "ПК-2", session("paused", left=500)))
    left = at(page, 1).locator(".js-left")
    expect(left).to_have_text(re.compile(r"0:59:5[0-7]"))
    assert [url for url in asked if "/static/" not in url] == [], "it was pushed"
    assert COALESCE_SECONDS < 1, "and waits for no longer"
    expect(at(page, 2).locator(".js-left")).to_have_text("0:08:20")
    expect(at(page, 2).locator(".js-left")).not_to_have_class(re.compile("ending"))
    live.show(row(3, "ПК-3"), row(10, "ПК-10"), row(2, "Зал", session(left=299)))
    expect(page.locator("#rows .name")).to_have_text(["Зал", "ПК-3", "ПК-10"])
    expect(at(page, 2).locator(".js-left")).to_have_class(re.compile("ending"))
    assert page.evaluate("window.notReloaded")


def test_neither_the_focus_nor_an_open_menu_is_lost_when_rows_change(
    page: Page, live: LiveDesk
) -> None:
    live.web.hall.rows = [row(1, "ПК-1"), row(2, "ПК-2")]
    open_hall(page, live)
    opener = at(page, 2).locator("summary")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(at(page, 2).locator("[data-test=seat-customer]")).to_be_focused()
    live.show(row(9, "А-1"), row(1, "ПК-1", session()), changed(row(2, "ПК-2"), hostname="НОВЫЙ"))
    expect(at(page, 9)).to_be_visible()
    expect(at(page, 2).locator(".js-hostname")).to_have_text("НОВЫЙ")
    expect(at(page, 2).locator("[data-test=seat-customer]")).to_be_focused()
    live.show(row(1, "ПК-1"), row(2, "ПК-2", session()))
    expect(at(page, 2).locator("[data-test=extend]")).to_be_visible()
    expect(opener).to_be_focused()
    page.keyboard.press("Escape")
    expect(at(page, 2).locator("details")).not_to_have_attribute("open", "")


def test_what_a_finger_is_on_in_a_menu_stays_there_until_it_is_lifted(
    page: Page, live: LiveDesk, people: People
) -> None:
    pc = people.computer("ПК-1")
    free = row(pc, "ПК-1")
    live.web.hall.rows = [changed(free, link="lost")]  # as a PC that was taken in a moment ago
    open_hall(page, live)
    at(page, pc).locator("summary").click()
    rename = at(page, pc).locator("[data-test=rename]")
    rename.hover()
    page.mouse.down()
    live.show(changed(free, hostname="НОВЫЙ"))
    expect(at(page, pc).locator(".js-hostname")).to_have_text("НОВЫЙ")
    page.mouse.up()
    expect(page.locator("dialog #name")).to_have_value("ПК-1")
    page.keyboard.press("Escape")
    at(page, pc).locator("summary").click()
    expect(at(page, pc).locator("[data-test=seat-guest]")).to_be_visible()


def test_what_a_finger_is_put_on_shortly_after_another_touch_stays_there(
    page: Page, live: LiveDesk, people: People
) -> None:
    pc = people.computer("ПК-1")
    free = row(pc, "ПК-1")
    live.web.hall.rows = [changed(free, link="lost")]
    open_hall(page, live)
    summary, rename = at(page, pc).locator("summary"), at(page, pc).locator("[data-test=rename]")
    summary.click()
    summary.dispatch_event("pointerdown")
    live.show(changed(free, hostname="НОВЫЙ"))
    expect(at(page, pc).locator(".js-hostname")).to_have_text("НОВЫЙ")
    touch_again = """(button) => {
        for (const name of ["pointerup", "pointerdown"])
          button.dispatchEvent(new PointerEvent(name, { bubbles: true }));
        return button.isConnected;
    }"""
    assert rename.evaluate(touch_again)
    rename.dispatch_event("pointerup")
    expect(at(page, pc).locator("[data-test=message]")).to_be_visible()


def test_a_press_whose_end_the_browser_has_kept_does_not_keep_the_menu_old(
    page: Page, live: LiveDesk, people: People
) -> None:
    """As some do where a right click opens a menu of their own."""
    pc = people.computer("ПК-1")
    free = row(pc, "ПК-1")
    live.web.hall.rows = [changed(free, link="lost")]
    open_hall(page, live)
    summary = at(page, pc).locator("summary")
    summary.dispatch_event("pointerdown")
    live.show(changed(free, hostname="НОВЫЙ"))
    expect(at(page, pc).locator(".js-hostname")).to_have_text("НОВЫЙ")
    assert at(page, pc).locator("[data-test=message]").count() == 0
    summary.dispatch_event("pointerdown")
    assert at(page, pc).locator("[data-test=message]").count() == 1


def test_an_open_menu_is_renewed_while_the_pointer_is_only_on_what_opened_it(
    page: Page, live: LiveDesk, people: People
) -> None:
    pc = people.computer("ПК-1")
    live.web.hall.rows = [row(pc, "ПК-1", session())]
    open_hall(page, live)
    at(page, pc).locator("summary").click()
    expect(at(page, pc).locator("[data-test=pause]")).to_be_visible()
    live.show(row(pc, "ПК-1", session("paused")))
    expect(at(page, pc).locator("[data-test=resume]")).to_be_visible()


def test_an_open_menu_stays_as_it_is_while_the_pointer_is_on_its_lines(
    page: Page, live: LiveDesk, people: People
) -> None:
    pc = people.computer("ПК-1")
    free = row(pc, "ПК-1")
    live.web.hall.rows = [changed(free, link="lost")]  # as a PC that was taken in a moment ago
    open_hall(page, live)
    at(page, pc).locator("summary").click()
    box = at(page, pc).locator("[data-test=rename]").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    live.show(changed(free, hostname="НОВЫЙ"))
    expect(at(page, pc).locator(".js-hostname")).to_have_text("НОВЫЙ")
    page.mouse.click(*middle)
    expect(page.locator("dialog #name")).to_have_value("ПК-1")
    page.keyboard.press("Escape")
    at(page, pc).locator("summary").click()
    expect(at(page, pc).locator("[data-test=message]")).to_be_visible()
    at(page, pc).locator("[data-test=rename]").hover()
    live.show(changed(free, link="lost"))
    expect(at(page, pc).locator(".js-hostname")).not_to_have_text("НОВЫЙ")
    expect(at(page, pc).locator("[data-test=message]")).to_be_visible()
    page.mouse.move(1, 1)
    expect(at(page, pc).locator("[data-test=message]")).to_have_count(0)


def test_pairings_stand_above_the_rows(page: Page, live: LiveDesk) -> None:
    open_hall(page, live)
    expect(page.locator("#no-rows")).to_contain_text("Компьютеров пока нет")
    live.web.pairings.waiting = {"abc"}
    live.web.hall.pairings = [PendingPairing("abc", "<b>DESKTOP</b>", "10.0.0.9", "482 913", 3)]
    live.tell()
    card = page.locator('[data-pairing-id="abc"]')
    expect(card).to_contain_text("<b>DESKTOP</b> хочет подключиться (10.0.0.9)")
    expect(card.locator("[data-test=pairing-code]")).to_have_text("482 913")
    card.locator("[data-test=approve]").click()
    expect(page.locator("dialog .code-big")).to_have_text("482 913")
    page.click("dialog [data-test=submit]")
    expect(page.locator("#toasts")).to_contain_text("ПК подключён")
    assert live.web.pairings.approved == ["abc"]
    live.web.hall.pairings = []
    live.tell()
    expect(card).to_have_count(0)


def test_hostile_names_stay_text(page: Page, live: LiveDesk) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    live.web.hall.rows = [changed(row(1, name, session()), application="<script>1</script>")]
    open_hall(page, live)
    expect(at(page, 1).locator(".name")).to_have_text(name)
    expect(at(page, 1).locator(".js-application")).to_have_text("<script>1</script>")


# --- filters --------------------------------------------------------------------------------------


def test_rows_are_filtered_by_the_address_and_searched_by_name(page: Page, live: LiveDesk) -> None:
    free = row(1, "ПК-1")
    off = changed(free, computer_id=3, name="ПК-3", status="off", link="off", problem="silent")
    live.web.hall.rows = [free, row(2, "Алёна-ПК", session()), off]
    names = page.locator("#rows tr:visible .name")
    for query, wanted in [
        ("", ["Алёна-ПК", "ПК-1", "ПК-3"]),
        ("?status=on", ["Алёна-ПК", "ПК-1"]),
        ("?status=used", ["Алёна-ПК"]),
        ("?status=off", ["ПК-3"]),
        ("?status=problem", ["ПК-3"]),
    ]:
        open_hall(page, live, query)
        expect(names).to_have_text(wanted)
    open_hall(page, live)
    page.keyboard.press("/")
    page.keyboard.type("алена")
    expect(names).to_have_text(["Алёна-ПК"])
    page.fill("#hall-search", "ерлан")
    expect(names).to_have_text(["Алёна-ПК"])
    page.fill("#hall-search", "нет такого")
    expect(page.locator("#none-match")).to_be_visible()


# --- when nothing comes ---------------------------------------------------------------------------


def test_where_push_is_cut_off_the_page_asks(page: Page, live: LiveDesk) -> None:
    live.web.hall.rows = [row(1, "ПК-1")]
    open_hall(page, live)
    with page.expect_response("**/live.json") as polled:
        live.cut_push()
    assert polled.value.status == 200
    live.web.hall.rows = [row(1, "ПК-1", session())]
    expect(at(page, 1)).to_contain_text("Используется")
    expect(page.locator("#stale")).to_be_hidden()
    again = Heard(page)
    live.push_is_cut = False
    again.first()


def test_when_neither_answers_the_page_says_since_when_and_nothing_moves(
    page: Page, live: LiveDesk
) -> None:
    live.web.hall.rows = [row(1, "ПК-1", session())]
    open_hall(page, live)
    live.stop()
    # Well before the silence alone would tell it.
    expect(page.locator("#stale")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#stale")).to_contain_text(
        re.compile(r"Нет связи с сервером\. Данные от\s+\d\d:\d\d:\d\d")
    )
    faded = page.locator(".hall").evaluate("it => getComputedStyle(it).opacity")
    assert float(faded) < 1
    stood = at(page, 1).locator(".js-left").inner_text()
    page.evaluate("new Promise((done) => setTimeout(done, 1500))")
    expect(at(page, 1).locator(".js-left")).to_have_text(stood)
    live.web.hall.rows = [row(1, "ПК-1")]
    live.start()
    expect(page.locator("#stale")).to_be_hidden()
    expect(at(page, 1)).to_contain_text("Активен")


def test_a_connection_that_is_open_but_dead_does_not_pass_for_live(
    page: Page, live: LiveDesk
) -> None:
    page.clock.install()
    live.web.hall.rows = [row(1, "ПК-1", session())]
    open_hall(page, live)
    live.fall_silent()
    live.web.hall.rows = [row(1, "ПК-1")]
    with page.expect_response("**/live.json"):
        page.clock.fast_forward(LONG_SILENCE)
    expect(at(page, 1)).to_contain_text("Активен")
    expect(page.locator("#stale")).to_be_hidden()


def test_whoever_is_signed_out_is_led_to_the_sign_in(page: Page, live: LiveDesk) -> None:
    open_hall(page, live)
    page.context.clear_cookies()
    live.cut_push()
    expect(page).to_have_url(re.compile("/admin/login"))


def test_a_page_that_cannot_ask_why_it_was_cut_off_stays_until_it_can(
    page: Page, live: LiveDesk
) -> None:
    open_hall(page, live)
    with live.web.club.write() as work:
        work.db.execute(update(StaffSession).values(revoked_at=work.now))
    page.route("**/live.json", lambda route: route.fulfill(status=503))
    live.drop_signed_out()
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/live.json")
    expect(page).to_have_url(re.compile("/admin/login"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sixty_pcs_fit_a_desk_a_tablet_and_a_phone_without_scrolling_sideways(
    page: Page, live: LiveDesk, theme: str
) -> None:
    name = "Айгерим Сагындыковна Бекмуханбетова-Оразалиева"
    playing = HallSession(1, "active", name, 1, "3 часа, ночной пакет", 3600, 0, "")
    live.web.hall.rows = [
        changed(row(number, f"ПК-{number}", playing), application="PUBG: BATTLEGROUNDS")
        for number in range(1, 61)
    ]
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for width, height in [(1366, 768), (768, 1024), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        open_hall(page, live)
        expect(page.locator("#rows tr")).to_have_count(60)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        card, table = (page.locator(it).bounding_box() for it in (".hall-wrap", ".hall"))
        assert card is not None
        assert table is not None
        assert table["x"] + table["width"] <= card["x"] + card["width"] + 1
        lines = (
            at(page, 1)
            .locator(".js-left")
            .evaluate(
                "it => { const text = document.createRange(); text.selectNodeContents(it);"
                " return text.getClientRects().length; }"
            )
        )
        assert lines == 1, "the time stands in one line"
        last = at(page, 60).locator("summary")
        last.click()
        expect(at(page, 60).locator("[data-test=rename]")).to_be_in_viewport()


def test_several_that_wait_are_named_from_a_list_and_taken_in_at_once(
    page: Page, live: LiveDesk
) -> None:
    live.web.hall.pairings = [
        PendingPairing("p1", "DESKTOP-1", "192.168.1.9", "482 913", 5, "3c:7c:3f:00:12:34"),
        PendingPairing("p2", "DESKTOP-2", "192.168.1.8", "105 220", 5, "3c:7c:3f:00:12:35"),
    ]
    live.web.pairings.waiting = {"p1", "p2"}
    open_hall(page, live)
    page.get_by_role("link", name="Подключить сразу несколько").click()
    page.get_by_label("Список имён").fill("3C-7C-3F-00-12-34;ПК-17\n3C-7C-3F-00-12-35;ПК-18")
    page.locator("[data-test=fill]").click()
    expect(page.get_by_label("Название 482 913")).to_have_value("ПК-17")
    page.locator("[data-test=approve-chosen]").click()
    expect(page.get_by_text("Подключено ПК: 2")).to_be_visible()
    assert live.web.pairings.names == ["ПК-17", "ПК-18"]
