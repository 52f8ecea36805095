"""The search over everything and the list of keys, in a real browser, by keys alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lovhub.server.customers import service as customers
from tests.server.web.conftest import OpenAs
from tests.support.club import CASHIER, People
from tests.support.live_desk import LiveDesk, open_hall
from tests.support.web import row

OTHER_LAYOUTS = {
    "Russian /": {"key": ".", "code": "Slash"},
    "Kazakh /": {"key": "№", "code": "Slash"},
    "Russian ?": {"key": ",", "code": "Slash", "shiftKey": True},
    "Russian ? on 7": {"key": "?", "code": "Digit7", "shiftKey": True},
    "Russian Ctrl+K": {"key": "л", "code": "KeyK", "ctrlKey": True},
    "Kazakh !": {"key": "¡", "code": "Digit1", "shiftKey": True},
    "Kazakh 2": {"key": "ә", "code": "Digit2"},
    "Russian X": {"key": "ч", "code": "KeyX"},
}
"""What a browser tells of a key in a layout that moves the sign."""


def press_in(page: Page, name: str) -> None:
    """The key of another layout, where the focus is."""
    page.evaluate(
        "init => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }))",
        OTHER_LAYOUTS[name],
    )


class Palette:
    """The palette on whichever page is open."""

    def __init__(self, page: Page, live: LiveDesk, path: str = "/admin/tariffs") -> None:
        self.page = page
        page.goto(live.address + path)
        self.dialog = page.locator("#palette[open]")
        self.field = page.locator("#palette-q")
        self.options = page.locator("#palette-list [role=option]")

    def search(self, text: str) -> None:
        self.page.keyboard.press("/")
        expect(self.field).to_be_focused()
        self.page.keyboard.type(text)

    def expect_first(self, kind: str, title: str) -> None:
        chosen = self.page.locator("#palette-list [aria-selected=true]")
        expect(chosen).to_contain_text(title)
        expect(chosen).to_have_attribute("data-kind", kind)
        chosen_id = chosen.get_attribute("id") or ""
        expect(self.field).to_have_attribute("aria-activedescendant", chosen_id)


def test_a_cashier_finds_a_customer_by_phone_login_or_name_and_the_top_up_is_open(
    open_as: OpenAs, live: LiveDesk
) -> None:
    customer = customers.register(
        live.web.club,
        login="sniper",
        name="<img src=x>Алия",
        phone="8 701 123 45 67",
        password="секрет",
        actor=CASHIER,
    )
    palette = Palette(open_as("cashier"), live)
    palette.search("87011234567")
    palette.expect_first("customer", "<img src=x>Алия")
    for said in ("нет такого", "SNIP", "нет такого", "алия"):
        palette.page.keyboard.press("Control+a")
        palette.page.keyboard.type(said)
        expect(palette.options).to_have_count(0 if said == "нет такого" else 1)
    palette.expect_first("customer", "<img src=x>Алия")
    palette.page.keyboard.press("Enter")
    expect(palette.page.locator("#amount")).to_be_focused()
    assert palette.page.url == f"{live.address}/admin/customers/{customer}"
    palette.page.keyboard.type("500")
    palette.page.keyboard.press("Enter")
    expect(palette.page.locator("[data-test=balance]")).to_have_text("500\N{NO-BREAK SPACE}₸")


def test_enter_before_the_answer_goes_to_what_is_found_first(
    open_as: OpenAs, live: LiveDesk, people: People
) -> None:
    people.customer(name="Ерлан")
    palette = Palette(open_as("cashier"), live)
    palette.page.keyboard.press("/")
    palette.page.keyboard.type("ерлан")
    palette.page.keyboard.press("Enter")
    expect(palette.page.locator("[data-test=name]")).to_have_text("Ерлан")


def test_a_cashier_opens_the_counter_of_a_pc_on_any_page(
    open_as: OpenAs, live: LiveDesk, people: People
) -> None:
    people.tariff()
    live.show(*(row(people.computer(name), name) for name in ("ПК-1", "ПК-17")))
    palette = Palette(open_as("cashier"), live)
    palette.search("17")
    palette.expect_first("computer", "ПК-17")
    palette.page.keyboard.press("Enter")
    expect(palette.page.locator("#dialog[open] #dialog-title")).to_have_text("ПК-17: посадить")


def test_a_technician_is_led_to_the_pc_and_finds_no_customer(
    open_as: OpenAs, live: LiveDesk, people: People
) -> None:
    people.customer(name="Пкач")
    pc = people.computer("ПК-3")
    live.show(row(pc, "ПК-3"))
    palette = Palette(open_as("technician"), live)
    palette.search("пк")
    palette.expect_first("computer", "ПК-3")
    expect(palette.options).to_have_count(2)
    expect(palette.options.nth(1)).to_contain_text("Обновления ПК")
    palette.page.keyboard.press("Enter")
    expect(palette.page).to_have_url(f"{live.address}/admin/computers/{pc}")


def test_a_game_is_found_and_shown_in_its_list(
    open_as: OpenAs, live: LiveDesk, people: People
) -> None:
    game = people.application(title="Dota 2")
    palette = Palette(open_as("technician"), live)
    palette.search("dota")
    palette.expect_first("application", "Dota 2")
    palette.page.keyboard.press("Enter")
    expect(palette.page.locator(f"#application-{game}")).to_be_visible()
    expect(palette.page.locator("tr:target")).to_contain_text("Dota 2")


def test_places_arrows_escape_and_nothing_found(open_as: OpenAs, live: LiveDesk) -> None:
    page = open_as("cashier")
    palette = Palette(page, live)
    page.locator("#palette-open").press("Enter")
    palette.expect_first("place", "Дашборд")
    page.keyboard.type("нет такого")
    expect(page.locator("#palette-said")).to_contain_text("Ничего не нашли")
    expect(palette.field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Escape")
    expect(palette.dialog).to_have_count(0)
    expect(page.locator("#palette-open")).to_be_focused()
    page.keyboard.press("Control+k")
    palette.expect_first("place", "Дашборд")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    palette.expect_first("place", "Компьютеры")
    page.keyboard.press("Enter")
    # The page then adds to its address how it shows the hall.
    expect(page).to_have_url(re.compile(r"/admin/computers(\?|$)"))


def test_a_page_with_a_search_of_its_own_opens_the_palette_by_the_second_stroke(
    open_as: OpenAs, live: LiveDesk
) -> None:
    page = open_as("cashier")
    palette = Palette(page, live, "/admin/customers")
    page.keyboard.press("/")
    expect(page.locator("#customer-q")).to_be_focused()
    page.keyboard.press("/")
    expect(palette.field).to_be_focused()
    expect(palette.field).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#customer-q")).to_be_focused()
    expect(page.locator("#customer-q")).to_have_value("")
    page.keyboard.type("a/")
    expect(page.locator("#customer-q")).to_have_value("a/")
    page.keyboard.press("Control+K")
    expect(palette.field).to_be_focused()


def test_keys_are_heard_at_once_after_the_palette_is_closed(page: Page, live: LiveDesk) -> None:
    palette = Palette(page, live)
    palette.search("")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("Russian /", "#palette"),
        ("Kazakh /", "#palette"),
        ("Russian ?", "#keys-help"),
        ("Russian ? on 7", "#keys-help"),
        ("Russian Ctrl+K", "#palette"),
        ("Kazakh !", "#attention"),
    ],
)
def test_keys_work_in_every_layout(page: Page, live: LiveDesk, name: str, opens: str) -> None:
    page.goto(f"{live.address}/admin/tariffs")
    expect(page.locator(opens)).to_be_hidden()
    press_in(page, name)
    expect(page.locator(opens)).to_be_visible()


def test_a_pc_is_opened_and_selected_by_number_in_every_layout(page: Page, live: LiveDesk) -> None:
    live.web.hall.rows = [row(2, "ПК-2")]
    open_hall(page, live)
    press_in(page, "Kazakh 2")
    expect(page.locator("#typed-number")).to_contain_text("ПК-2")
    press_in(page, "Russian X")
    expect(page.locator("#selection")).to_contain_text("Выбрано: 1")


# --- `?` lists what is valid, and what it lists works ----------------------------------------------

Effect = Callable[[Page], None]


def _opens(selector: str, *keys: str) -> Effect:
    def check(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator(selector)).to_be_visible()

    return check


def _type_number(page: Page, last: str) -> None:
    page.keyboard.type("17")
    page.keyboard.press(last)


def _open_by_number(page: Page) -> None:
    _type_number(page, "Enter")
    expect(page.locator("#dialog[open] #dialog-title")).to_contain_text("ПК-17")


def _select_by_number(page: Page) -> None:
    _type_number(page, "x")
    expect(page.locator("#selection")).to_contain_text("Выбрано: 1")


def _select_focused(page: Page) -> None:
    page.locator(
        "#rows tr[data-computer-id] button, #rows tr[data-computer-id] summary"
    ).first.focus()
    page.keyboard.press("x")
    expect(page.locator("#selection")).to_contain_text("Выбрано: 1")


def _choose_row(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr.chosen")).to_have_count(1)
    page.keyboard.press("ArrowUp")


def _open_row(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    expect(page.locator("#amount")).to_be_focused()


def _own_field(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()


EFFECTS: dict[tuple[str, str], Effect] = {
    ("key_field", "/"): _own_field,
    ("key_palette", "/"): _opens("#palette[open]", "/"),
    ("key_palette", "//"): _opens("#palette[open]", "/", "/"),
    ("key_palette", "Ctrl+K"): _opens("#palette[open]", "Control+k"),
    ("key_help", "?"): _opens("#keys-help[open]", "?"),
    ("key_attention", "!"): _opens("#attention", "!"),
    ("key_select_all", "Ctrl+A"): _opens("#selection", "Control+a"),
    ("key_select", "X"): _select_focused,
    ("key_open_pc", "17Enter"): _open_by_number,
    ("key_select_pc", "17X"): _select_by_number,
    ("key_choose_row", "↑↓"): _choose_row,
    ("key_open_row", "Enter"): _open_row,
}
"""What is listed → it is pressed, and seen to work."""

PAGES = {
    "/admin/computers": {"key_field", "key_open_pc", "key_select_pc", "key_select", "key_select_all"},
    "/admin/customers": {"key_field", "key_choose_row", "key_open_row"},
    "/admin/logs": {"key_field"},
    "/admin": set(), "/admin/tariffs": set(), "/admin/applications": set(), "/admin/halls": set(),
    "/admin/settings": set(), "/admin/backups": set(), "/admin/status": set(),
}  # fmt: skip
"""Page → the keys it has beside those of every page."""


@pytest.mark.parametrize("path", PAGES)
def test_every_key_that_the_help_lists_works(
    page: Page, live: LiveDesk, people: People, path: str
) -> None:
    people.tariff()
    people.customer()
    live.web.hall.rows = [row(people.computer("ПК-17"), "ПК-17")]
    page.goto(live.address + path)
    page.keyboard.press("?")
    listed = [
        (name, "".join(keys))
        for name, keys in page.locator("#keys-list dt").evaluate_all(
            "all => all.map(dt => [dt.dataset.keyText, [...dt.children].map(key => key.textContent)])"
        )
    ]
    assert {name for name, _keys in listed} == PAGES[path] | {
        "key_help", "key_palette", "key_attention",
    }  # fmt: skip
    assert re.search("[а-я]", page.locator("#keys-list").inner_text())
    for entry in listed:
        page.goto(live.address + path)
        expect(page.locator("#attention")).to_be_hidden()
        EFFECTS[entry](page)
        page.evaluate("localStorage.clear(); sessionStorage.clear()")


def test_keys_of_what_is_open_are_listed_while_it_is(
    page: Page, live: LiveDesk, people: People
) -> None:
    customer = people.customer()
    pc = people.computer("ПК-17")
    live.web.hall.rows = [row(pc, "ПК-17")]
    open_hall(page, live)
    page.keyboard.press("Control+a")
    page.keyboard.press("?")
    expect(page.locator("[data-key-text=key_select_none]")).to_have_text("Esc")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    people.tariff()
    page.goto(f"{live.address}/admin/computers/{pc}/counter")
    page.locator("[data-test=account]").click()
    page.locator("[data-test=keys]").click()
    expect(page.locator("[data-key-text=key_counter_on]")).to_have_text("Enter")
    expect(page.locator("[data-key-text=key_counter_found]")).to_have_text("↓")
    page.keyboard.press("Escape")
    page.locator("#tariff").press("Enter")
    expect(page.locator("#received")).to_be_focused()
    page.goto(f"{live.address}/admin/customers/{customer}#top-up")
    expect(page.locator("#amount")).to_be_focused()
    page.locator("[data-test=account]").click()
    page.locator("[data-test=keys]").click()
    expect(page.locator("[data-key-text=key_amounts]")).to_have_text("↑↓")
    expect(page.locator("[data-key-text=key_leave_row]")).to_have_text("Esc")
    page.keyboard.press("Escape")
    page.locator("#amount").press("ArrowDown")
    expect(page.locator("#amount")).not_to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#amount")).to_have_count(0)
