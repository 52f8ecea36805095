"""The hall as tiles, in a real browser: everything at once, told apart, changed in place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from lovhub.server.conditions import queries as conditions
from lovhub.server.context import ClubContext
from lovhub.server.halls import service as halls
from lovhub.server.live import HallCondition, HallRow, HallZone
from tests.server.web.test_every_page import AXE, RULES
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, changed, offered, open_hall, session
from tests.support.web import row

TILES = "?view=tiles"
ZONES = [
    HallZone(1, "Общий зал", 1, "Первый этаж"),
    HallZone(2, "VIP", 1, "Первый этаж"),
    HallZone(3, "Bootcamp", 2, "Подвал"),
]
KEPT = HallCondition("kept", "Аскар", None, 3600)
BROKEN = HallCondition("broken", "нет звука", None, 0)


def kinds() -> list[tuple[str, str, str, HallRow]]:
    """One PC of each kind: (state, word, icon, row)."""
    free = row(1, "ПК-1")
    off = changed(free, status="off", link="switched_off")
    return [
        ("free", "Активен", "circle-check", free),
        ("used", "Используется", "clock-play", row(2, "ПК-2", session())),
        ("paused", "Пауза", "clock-pause", row(3, "ПК-3", session("paused"))),
        ("off", "Отключен", "power", off),
        ("lost", "Нет связи", "wifi-off", changed(free, link="lost", silent_seconds=12)),
        ("broken", "Сломан", "tool", changed(free, condition=BROKEN, problem="broken")),
        ("kept", "Отложен", "hourglass", changed(free, condition=KEPT)),
        ("lock", "Замок сломан", "alert-triangle", changed(free, lock="broken", problem="lock_broken")),
        ("no_agent", "Без агента", "plug-connected-x", changed(off, problem="no_agent")),
    ]  # fmt: skip


def sixty(zones: Sequence[int] = (30, 20, 10)) -> list[HallRow]:
    """Sixty PCs of all kinds, in zones of these sizes, with names as long as people's are."""
    places = [zone for zone, size in enumerate(zones, start=1) for _ in range(size)]
    found = []
    for number, zone in enumerate(places, start=1):
        _state, _word, _icon, shown = kinds()[(number * 7) % 11 % 8]
        if shown.session is not None:
            who = ["Ерлан", "Айгерим Сагындыковна Бекмуханбетова", ""][number % 3]
            playing = replace(shown.session, who=who, seconds_left=200 + number * 157)
            shown = changed(shown, session=playing, application="Dota 2")
        name = f"VIP-{number}" if zone == 2 else f"ПК-{number}"
        found.append(changed(shown, computer_id=number, name=name, zone_id=zone))
    return found


@dataclass
class HallPage:
    """«Компьютеры»."""

    page: Page

    def tile(self, computer_id: int) -> Locator:
        return self.page.locator(f'#tiles [data-computer-id="{computer_id}"]')

    def names(self) -> Locator:
        return self.page.locator("#tiles .tile:visible .tile-name")

    def choose_view(self, view: str) -> None:
        self.page.click(f'[data-view-choice="{view}"]')

    def do(self, computer_id: int, action: str) -> None:
        """Open the tile's menu and choose."""
        self.tile(computer_id).locator("summary").click()
        self.tile(computer_id).locator(f'[data-test="{action}"]').click()

    def submit(self) -> None:
        self.page.click("#dialog [data-test=submit]")
        expect(self.page.locator("#dialog")).to_be_hidden()


@pytest.fixture
def hall(page: Page) -> HallPage:
    return HallPage(page)


@pytest.mark.parametrize("zones", [(30, 20, 10), (25, 23, 12), (11, 13, 14, 12, 10), (60,)])
def test_sixty_pcs_are_seen_at_once(page: Page, live: LiveDesk, zones: tuple[int, ...]) -> None:
    live.web.hall.zones = [
        *ZONES,
        HallZone(4, "PS5", 2, "Подвал"),
        HallZone(5, "Балкон", 3, "Верх"),
    ]
    live.show(*sixty(zones))
    open_hall(page, live, TILES)
    expect(page.locator("#tiles .tile")).to_have_count(60)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = page.evaluate(
        """() => [...document.querySelectorAll("#tiles .tile")].filter((tile) => {
            const box = tile.getBoundingClientRect();
            return box.width < 90 || box.height < 34 || box.top < 0 || box.left < 0
                || box.bottom > innerHeight || box.right > innerWidth;
        }).map((tile) => tile.dataset.name)"""
    )
    assert outside == []
    assert page.evaluate("document.getElementById('hall-search').clientWidth > 160"), (
        "what the field is for can be read"
    )
    cut = page.evaluate(
        """() => [...document.querySelectorAll("#tiles :is(.tile-left, .tile-word, .tile-short, .tile-name)")]
            .filter((part) => part.clientWidth > 1 && (part.scrollWidth > part.clientWidth + 1
                || part.getBoundingClientRect().bottom > part.parentElement.getBoundingClientRect().bottom))
            .map((part) => part.textContent)"""
    )
    assert cut == []
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll("#tiles .tile-face")].filter((face) => {
            const texts = [...face.querySelectorAll("span")].filter((part) => part.clientWidth > 1).map((part) => {
                const range = document.createRange();
                range.selectNodeContents(part);
                return range.getBoundingClientRect();
            }).filter((box) => box.width);
            return texts.some((one, place) => texts.slice(place + 1).some((other) =>
                one.left < other.right && other.left < one.right
                && one.top + 4 < other.bottom && other.top + 4 < one.bottom));
        }).map((face) => face.textContent)"""
    )
    assert overlapping == []


def test_states_are_told_apart_by_word_icon_and_colour(
    page: Page, live: LiveDesk, hall: HallPage
) -> None:
    live.show(
        *(
            changed(shown, computer_id=number, name=f"ПК-{number}")
            for number, (_state, _word, _icon, shown) in enumerate(kinds(), start=1)
        )
    )
    open_hall(page, live, TILES)
    looks = set()
    for number, (state, word, icon, _row) in enumerate(kinds(), start=1):
        tile = hall.tile(number)
        expect(tile).to_have_attribute("data-state", state)
        expect(tile.locator(".tile-word")).to_have_text(word)
        expect(tile.locator(".tile-face use")).to_have_attribute("href", re.compile(f"#{icon}$"))
        expect(tile.locator("summary")).to_have_accessible_name(re.compile(f"^ПК-{number} {word}"))
        looks.add(
            tile.locator(".tile-face").evaluate(
                "it => { const own = getComputedStyle(it), word ="
                " getComputedStyle(it.querySelector('.tile-word'));"
                " return [own.backgroundColor, own.backgroundImage, own.borderTopColor,"
                " own.borderTopStyle, own.borderTopWidth, word.color].join(); }"
            )
        )
    assert len(looks) == len(kinds())
    expect(hall.tile(2).locator(".tile-left")).to_have_text(re.compile(r"^(1:00:00|0:59:\d\d)$"))
    expect(hall.tile(2).locator(".tile-who")).to_have_text("Ерлан")
    expect(hall.tile(2).locator("summary")).to_have_accessible_name(
        re.compile(r"Используется.* \d:\d\d:\d\d Ерлан$")
    )
    expect(hall.tile(6).locator("summary")).to_have_accessible_name(
        re.compile("сломан: нет звука$")
    )
    expect(hall.tile(7).locator(".tile-left")).to_have_text(re.compile(r"^до \d\d:\d\d$"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tiles_are_within_everybodys_reach(page: Page, live: LiveDesk, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.add_init_script(path=AXE)
    live.web.hall.zones = ZONES
    live.show(*sixty())
    open_hall(page, live, TILES)
    expect(page.locator("#tiles .tile")).to_have_count(60)
    found = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    assert [
        (violation["id"], violation["nodes"][0]["html"], violation["nodes"][0]["failureSummary"])
        for violation in found["violations"]
    ] == []


def test_tiles_stand_by_hall_and_zone_and_are_filtered_and_searched(
    page: Page, live: LiveDesk, hall: HallPage
) -> None:
    free = row(1, "ПК-1")
    live.web.hall.zones = ZONES
    live.show(
        changed(free, zone_id=2, name="VIP-2", number=9),
        changed(free, computer_id=2, name="VIP-10", zone_id=2, number=3),
        changed(row(3, "ПК-3", session()), zone_id=1),
        changed(free, computer_id=4, name="ПК-4", zone_id=None),
        changed(free, computer_id=5, name="ПК-5", zone_id=3, status="off", link="off"),
    )
    open_hall(page, live, TILES)
    expect(page.locator("#tiles .tile-title:visible")).to_have_text(
        [
            "Первый этаж · Общий зал · свободно 0 из 1",
            "Первый этаж · VIP · свободно 2 из 2",
            "Подвал · Bootcamp · свободно 0 из 1",
            "Без зоны · свободно 1 из 1",
        ]
    )
    expect(hall.names()).to_have_text(["ПК-3", "3 VIP-10", "9 VIP-2", "ПК-5", "ПК-4"])
    hall.choose_view("table")
    expect(page.locator("#rows tr:visible .name")).to_have_text(
        ["ПК-3", "VIP-10", "VIP-2", "ПК-5", "ПК-4"]
    )
    hall.choose_view("tiles")
    page.keyboard.press("/")
    page.keyboard.type("ерлан")
    expect(hall.names()).to_have_text(["ПК-3"])
    expect(page.locator("#tiles .tile-title:visible")).to_have_count(1)
    page.fill("#hall-search", "нет такого")
    expect(page.locator("#none-match")).to_be_visible()
    page.click('[data-filter="off"]')
    expect(page).to_have_url(re.compile("status=off.*view=tiles"))
    expect(hall.names()).to_have_text(["ПК-5"])


def test_the_view_is_kept_in_the_address_and_remembered(
    page: Page, live: LiveDesk, hall: HallPage
) -> None:
    live.show(row(1, "ПК-1"))
    open_hall(page, live)
    expect(page.locator("#rows tr")).to_be_visible()
    expect(page.locator("#tiles")).to_be_hidden()
    hall.choose_view("tiles")
    expect(page).to_have_url(re.compile("view=tiles"))
    expect(hall.tile(1)).to_be_visible()
    expect(page.locator("#rows tr")).to_be_hidden()
    expect(page.locator('[data-view-choice="tiles"]')).to_have_attribute("aria-pressed", "true")
    open_hall(page, live)
    expect(hall.tile(1)).to_be_visible()
    open_hall(page, live, "?view=table")
    expect(page.locator("#rows tr")).to_be_visible()


def test_a_tile_is_changed_in_place_and_time_runs_on_it(
    page: Page, live: LiveDesk, hall: HallPage
) -> None:
    live.show(row(1, "ПК-1"), row(2, "ПК-2"))
    open_hall(page, live, TILES)
    page.evaluate("window.tile = document.querySelector('#tiles [data-computer-id=\"1\"]')")
    hall.tile(1).locator("summary").click()
    live.show(row(1, "Первый", session(left=250)), row(2, "ПК-2"))
    expect(hall.tile(1).locator(".tile-name")).to_have_text("Первый")
    expect(hall.tile(1)).to_have_attribute("open", "")
    expect(hall.tile(1).locator(".tile-left")).to_have_class(re.compile("ending"))
    expect(hall.tile(1).locator(".tile-left")).not_to_have_text("0:04:10")
    assert page.evaluate(
        "window.tile === document.querySelector('#tiles [data-computer-id=\"1\"]')"
    )
    live.show(row(2, "ПК-2"))
    expect(hall.tile(1)).to_have_count(0)


def test_pointing_and_focus_tell_who_plays_what(page: Page, live: LiveDesk, hall: HallPage) -> None:
    live.show(
        changed(row(1, "ПК-1", session()), application="Dota 2"),
        changed(row(2, "ПК-2"), condition=KEPT),
    )
    open_hall(page, live, TILES)
    tip = page.locator("#tile-tip")
    hall.tile(1).hover()
    expect(tip).to_contain_text("Ерлан, 1 час")
    expect(tip).to_contain_text("Dota 2")
    page.mouse.move(5, 700)
    expect(tip).to_be_hidden()
    page.locator('[data-view-choice="tiles"]').focus()
    page.locator("#hall-search").focus()
    while page.evaluate("document.activeElement.parentElement.dataset.computerId") != "2":
        page.keyboard.press("Tab")
    expect(tip).to_contain_text(re.compile(r"отложен до \d\d:\d\d: Аскар"))
    page.keyboard.press("Enter")
    expect(hall.tile(2).locator('[data-test="let-go"]')).to_be_visible()
    expect(tip).to_be_hidden()


def test_when_the_server_is_gone_the_tiles_say_so_and_stand_still(
    page: Page, live: LiveDesk, hall: HallPage
) -> None:
    live.show(row(1, "ПК-1", session()))
    open_hall(page, live, TILES)
    live.stop()
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#live")).to_have_class(re.compile("stale"))
    expect(page.locator("#tiles")).to_have_css("opacity", "0.45")


def test_a_pc_is_kept_released_broken_and_mended_from_its_menu(
    page: Page, live: LiveDesk, hall: HallPage, club: ClubContext, people: People
) -> None:
    pc, customer_id = people.computer("ПК-1"), people.customer(name="Аскар")

    def show() -> dict[int, str]:
        """The live picture follows the database, as the channel sees to it."""
        with club.read() as db:
            found = conditions.in_force(db, club.club_id, club.clock.now())
        said = [HallCondition(one.kind, one.text, one.customer_id, 3600) for one in found]
        live.show(changed(row(pc, "ПК-1"), condition=said[0] if said else None))
        return {one.customer_id or 0: one.kind for one in found}

    show()
    open_hall(page, live, TILES)
    hall.do(pc, "keep")
    page.fill("#search", "аск")
    page.check(f'#found input[value="{customer_id}"]')
    page.fill("#until", "")
    page.click("#dialog [data-test=submit]")
    expect(page.locator("[data-test=error-until]")).to_have_text("Введите время, например 19:30.")
    expect(page.locator("#search")).to_have_value("аск")
    expect(page.locator(f'#found input[value="{customer_id}"]')).to_be_checked()
    page.fill("#until", "19:30")
    hall.submit()
    assert show() == {customer_id: "kept"}
    expect(hall.tile(pc)).to_have_attribute("data-state", "kept")
    expect(hall.tile(pc).locator(".tile-who")).to_have_text("Аскар")
    hall.do(pc, "let-go")
    expect(page.locator("#toasts")).to_contain_text("ПК больше не отложен")
    assert show() == {}
    expect(hall.tile(pc)).to_have_attribute("data-state", "free")
    hall.do(pc, "broken")
    page.fill("#reason", "нет звука")
    hall.submit()
    assert show() == {0: "broken"}
    expect(hall.tile(pc)).to_have_attribute("data-state", "broken")
    assert offered(hall.tile(pc)) == ["message", "remote", "maintenance", "rename"]
    hall.do(pc, "mend")
    expect(page.locator("#toasts")).to_contain_text("ПК снова в строю")
    assert show() == {}


def test_several_pcs_are_kept_broken_and_undone_together(
    page: Page, live: LiveDesk, hall: HallPage, club: ClubContext, people: People
) -> None:
    pcs = [people.computer(f"ПК-{number}") for number in range(1, 4)]

    def show() -> dict[int, str]:
        with club.read() as db:
            found = {
                one.computer_id: HallCondition(one.kind, one.text, None, 3600)
                for one in conditions.in_force(db, club.club_id, club.clock.now())
            }
        live.show(*(changed(row(pc, f"ПК-{pc}"), condition=found.get(pc)) for pc in pcs))
        return {pc: one.kind for pc, one in found.items()}

    show()
    open_hall(page, live, TILES)
    for pc in pcs[:2]:
        hall.tile(pc).locator("summary").click(modifiers=["Control"])
    expect(page.locator("[data-test=selected-mend]")).to_be_hidden()
    page.click("[data-test=selected-keep]")
    page.fill("#search", "Турнир")
    hall.submit()
    assert show() == {pcs[0]: "kept", pcs[1]: "kept"}
    let_go, broken = (page.locator(f"[data-test=selected-{what}]") for what in ("let-go", "broken"))
    expect(let_go).to_be_visible()
    place = broken.bounding_box()
    let_go.click()
    expect(page.locator("#toasts")).to_contain_text("ПК больше не отложен")
    assert show() == {}
    expect(let_go).to_be_hidden()
    assert broken.bounding_box() == place, "what one is about to press stays where it is"
    broken.click()
    page.fill("#reason", "протечка")
    hall.submit()
    assert show() == {pcs[0]: "broken", pcs[1]: "broken"}
    page.click("[data-test=selected-mend]")
    expect(page.locator("#toasts")).to_contain_text("ПК снова в строю")
    assert show() == {}


def test_pcs_are_put_into_zones_and_numbered_several_at_once(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    for number in range(1, 5):
        people.computer(f"ПК-{number}")
    page.goto(f"{live.address}/admin/halls")
    page.click("[data-test=add-hall]")
    page.fill("#name", "Первый этаж")
    page.fill("#zones", "Общий зал, VIP")
    page.click("#dialog [data-test=submit]")
    vip = page.locator('section[aria-label="VIP"]')
    expect(vip).to_be_visible()
    page.click("[data-test=place]")
    expect(page.locator("#toasts")).to_contain_text("Сначала отметьте ПК.")
    for name in ("ПК-2", "ПК-3"):
        page.get_by_text(name, exact=True).click()
    page.click("[data-test=place]")
    page.locator("#dialog").get_by_text("VIP", exact=True).click()
    page.click("#dialog [data-test=submit]")
    expect(vip.locator(".plan-computers label")).to_have_text(["ПК-2", "ПК-3"])
    vip.locator("[data-choose-all]").click()
    page.click("[data-test=number]")
    page.fill("#first", "17")
    page.click("#dialog [data-test=submit]")
    expect(vip.locator(".plan-computers label")).to_have_text(["17 ПК-2", "18 ПК-3"])
    vip.locator('[data-test="up"]').click()
    expect(page.locator("[data-zone] h3")).to_have_text(["VIP 2", "Общий зал 0"])
    vip.locator('[data-test="delete-zone"]').click()
    page.locator("#dialog").get_by_text("Без зоны", exact=True).click()
    page.click("#dialog [data-test=submit]")
    expect(vip).to_have_count(0)
    expect(page.locator('[data-zone="none"] label')).to_have_count(4)
    halls.create_hall(club, name="Подвал", zones=["Bootcamp"], actor=OWNER)
    page.reload()
    expect(page.locator("[data-hall] h2")).to_have_text(["Первый этаж", "Подвал"])
