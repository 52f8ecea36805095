"""Tariffs and applications as they are made, changed, arranged, put away and brought back, in a real browser."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from lovhub.server.applications import service as applications
from lovhub.server.context import ClubContext
from lovhub.server.halls import service as halls
from lovhub.server.sessions import service as sessions
from tests.server.applications.test_pictures import bomb
from tests.support.chromium import wait_until
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk

SPACE = "\N{NO-BREAK SPACE}"


class Catalogue:
    """A page of tariffs or of applications."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        page.evaluate("window.notReloaded = true")
        self.dialog = page.locator("#dialog")

    def row(self, title: str) -> Locator:
        return self.page.locator("[data-arrange] tr").filter(has_text=title)

    def expect_order(self, *titles: str) -> None:
        expect(self.page.locator("[data-arrange] tr td.fw-bold")).to_have_text(list(titles))

    def expect_form(self) -> None:
        """The form stands, and has put the cursor into its first field."""
        expect(self.page.locator("#title")).to_be_focused()

    def submit(self, said: str) -> None:
        self.dialog.locator("[data-test=submit]").click()
        expect(self.page.locator("#toasts")).to_contain_text(said)
        expect(self.dialog).to_be_hidden()

    def put_away_and_take_back(self, title: str) -> None:
        self.row(title).locator("[data-test=retire]").click()
        self.submit("убран")
        expect(self.row(title)).to_have_count(0)
        self.page.locator("#toasts [data-test=undo]").click()
        expect(self.row(title)).to_have_count(1)


def test_a_tariff_from_the_plus_to_the_bin_and_back(page: Page, live: LiveDesk) -> None:
    tariffs = Catalogue(page, f"{live.address}/admin/tariffs")
    expect(page.locator(".empty")).to_contain_text("Добавьте первый")
    page.locator("[data-test=add]").click()
    tariffs.expect_form()
    page.fill("#title", "3 часа")
    page.fill("#hours", "3")
    page.fill("#price", "дорого")
    tariffs.dialog.locator("[data-test=submit]").click()
    expect(tariffs.dialog.locator("[data-test=error-price]")).to_be_visible()
    expect(page.locator("#price")).to_have_value("дорого")
    expect(page.locator("#price")).to_be_focused()
    page.fill("#price", "1000")
    tariffs.submit("Тариф добавлен")
    expect(tariffs.row("3 часа").locator("[data-test=per-hour]")).to_have_text(f"333,33{SPACE}₸")
    tariffs.row("3 часа").locator("[data-test=edit]").click()
    tariffs.expect_form()
    page.fill("#price", "900")
    tariffs.submit("Тариф изменён")
    expect(tariffs.row("3 часа").locator("[data-test=per-hour]")).to_have_text(f"300{SPACE}₸")
    tariffs.put_away_and_take_back("3 часа")
    assert page.evaluate("window.notReloaded")
    # The form on a page of its own, too, shows only what belongs to the kind.
    page.goto(f"{live.address}/admin/tariffs/new")
    expect(page.locator("#hours")).to_be_visible()
    expect(page.locator("#valid_days")).to_be_hidden()


def test_a_night_in_one_zone_is_read_back_in_words(
    page: Page, live: LiveDesk, people: People
) -> None:
    vip, hall = people.zone("VIP"), people.zone("Общий")
    tariffs = Catalogue(page, f"{live.address}/admin/tariffs")
    page.locator("[data-test=add]").click()
    tariffs.expect_form()
    page.fill("#title", "Ночь")
    page.locator("label", has_text="До времени на часах").click()
    expect(page.locator("#hours")).to_be_hidden()
    expect(page.locator('[name="rest_rule"][value="expires"]')).to_be_checked()
    for day in ("сб", "вс"):
        page.locator("label", has_text=day).first.click()
    page.fill("#price", "3000")
    page.fill("#sold_from", "22:00")
    page.fill("#sold_until", "08:00")
    page.fill(f"#zone_{vip.zone_id}_price", "4000")
    page.uncheck(f"#zone_{hall.zone_id}_sold")
    page.uncheck("#sold_elsewhere")
    words = f"Продаётся пн–пт 22:00–08:00 в зоне VIP за 4{SPACE}000{SPACE}₸. Играют до 08:00"
    expect(tariffs.dialog.locator("[data-test=preview]")).to_contain_text(words)
    tariffs.submit("Тариф добавлен")
    expect(tariffs.row("Ночь").locator("[data-test=when]")).to_contain_text(words)
    tariffs.row("Ночь").locator("[data-test=edit]").click()
    expect(page.locator(f"#zone_{vip.zone_id}_price")).to_have_value("4000")
    expect(page.locator(f"#zone_{hall.zone_id}_sold")).not_to_be_checked()


def test_hours_of_play_are_chosen_for_a_package_and_told_in_words(
    page: Page, live: LiveDesk
) -> None:
    tariffs = Catalogue(page, f"{live.address}/admin/tariffs")
    page.locator("[data-test=add]").click()
    tariffs.expect_form()
    page.fill("#title", "День")
    page.fill("#price", "900")
    page.fill("#sold_from", "10:00")
    page.fill("#sold_until", "18:00")
    page.locator("label", has_text="До времени на часах").click()
    expect(page.locator('[name="play_rule"]').first).to_be_hidden()
    page.locator("label", has_text="Пакет времени").click()
    page.locator("label", has_text="Только в часы и дни продажи").click()
    words = "Играть можно только тогда, когда он продаётся"
    expect(tariffs.dialog.locator("[data-test=preview]")).to_contain_text(words)
    tariffs.submit("Тариф добавлен")
    expect(tariffs.row("День").locator("[data-test=when]")).to_contain_text(words)
    tariffs.row("День").locator("[data-test=edit]").click()
    expect(page.locator('[name="play_rule"][value="sale_hours"]')).to_be_checked()


def test_a_tariff_in_use_is_put_away_not_torn_out_and_long_after_brought_back_from_the_list(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    session = sessions.seat_guest(
        club,
        computer_id=people.computer(),
        tariff_id=people.tariff(title="Ночь"),
        method="cash",
        guest_name="",
        key="a-guest",
        actor=OWNER,
    )
    tariffs = Catalogue(page, f"{live.address}/admin/tariffs")
    tariffs.row("Ночь").locator("[data-test=retire]").click()
    tariffs.submit("убран")
    assert people.session(session).state == "active"
    page.goto(f"{live.address}/admin/logs?kind=money")
    expect(page.locator("tbody")).to_contain_text("Продано «Ночь»")
    page.goto(f"{live.address}/admin/tariffs")
    page.locator("[data-test=retired] summary").click()
    page.locator("[data-test=restore]").click()
    tariffs.expect_order("Ночь")


@pytest.fixture
def three_games(club: ClubContext) -> None:
    for title in ("CS 2", "Dota 2", "PUBG"):
        applications.create(
            club, title=title, kind="game", exe_path=f"C:\\{title}.exe", arguments=[], actor=OWNER
        )


@pytest.mark.usefixtures("three_games")
def test_rows_are_arranged_by_arrows_and_by_dragging(page: Page, live: LiveDesk) -> None:
    games = Catalogue(page, f"{live.address}/admin/applications")
    games.expect_order("CS 2", "Dota 2", "PUBG")
    expect(games.row("CS 2").locator("[data-test=up]")).to_be_disabled()
    games.row("PUBG").locator("[data-test=up]").focus()
    page.keyboard.press("Enter")
    games.expect_order("CS 2", "PUBG", "Dota 2")
    expect(games.row("PUBG").locator("[data-test=up]")).to_be_focused()
    page.keyboard.press("Enter")
    games.expect_order("PUBG", "CS 2", "Dota 2")
    handle = games.row("Dota 2").locator("td.name")
    with page.expect_response(re.compile("/move$")):
        handle.drag_to(games.row("PUBG").locator("td.name"), target_position={"x": 5, "y": 3})
    page.reload()
    games.expect_order("Dota 2", "PUBG", "CS 2")


@pytest.mark.usefixtures("three_games")
def test_a_button_of_a_renewed_list_works_from_its_first_moment(page: Page, live: LiveDesk) -> None:
    games = Catalogue(page, f"{live.address}/admin/applications")
    games.expect_order("CS 2", "Dota 2", "PUBG")
    page.evaluate(
        """document.addEventListener("htmx:afterSwap", () => queueMicrotask(() => document.activeElement.click()),
        { once: true })"""
    )
    games.row("PUBG").locator("[data-test=up]").focus()
    page.keyboard.press("Enter")
    games.expect_order("PUBG", "CS 2", "Dota 2")
    assert page.evaluate("window.notReloaded")


def test_an_applications_path_is_judged_beside_its_field(page: Page, live: LiveDesk) -> None:
    games = Catalogue(page, f"{live.address}/admin/applications")
    page.locator("[data-test=add]").click()
    games.expect_form()
    page.fill("#title", "CS 2")
    wrong = games.dialog.locator("[data-test=error-exe_path]")
    for path, said in [
        ("cs2.exe", "Нужен полный путь"),
        ("steam://uninstall/730", "запускает не игру"),
        (r"%ProgramFiles%\cs2.exe", "впишите путь целиком"),
    ]:
        page.fill("#exe_path", path)
        games.dialog.locator("[data-test=submit]").click()
        expect(wrong).to_contain_text(said)
        expect(page.locator("#exe_path")).to_have_value(path)
        expect(page.locator("#exe_path")).to_be_focused()
    page.fill("#exe_path", "steam://rungameid/730")
    games.dialog.locator("[data-test=submit]").click()
    expect(games.dialog.locator("[data-test=error-watch]")).to_contain_text("имя её процесса")
    page.fill("#watch", "cs2.exe")
    page.fill("#exe_path", r'"\\server\games\cs2.exe"')
    page.fill("#arguments", '-novid +exec "мой конфиг"')
    games.submit("Приложение добавлено")
    expect(games.row("CS 2").locator("code").first).to_have_text(r"\\server\games\cs2.exe")
    expect(games.row("CS 2").locator("[data-test=arguments]")).to_have_text(
        '-novid +exec "мой конфиг"'
    )
    games.row("CS 2").locator("[data-test=edit]").click()
    games.expect_form()
    games.dialog.get_by_text("Приложения").click()
    games.submit("Приложение изменено")
    expect(page.locator(".empty")).to_be_visible()
    page.locator("[data-test=tab-program]").click()
    games.put_away_and_take_back("CS 2")


def photograph(size: tuple[int, int]) -> bytes:
    """A JPEG that weighs more than a form may carry."""
    file = io.BytesIO()
    noise = Image.effect_noise(size, 120)
    Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.mark.usefixtures("three_games")
def test_a_picture_is_chosen_made_small_and_taken_away(page: Page, live: LiveDesk) -> None:
    games = Catalogue(page, f"{live.address}/admin/applications")
    games.row("CS 2").locator("[data-test=picture]").click()
    wrong = games.dialog.locator("[data-test=error-picture]")
    for name, sent, said in [
        ("bomb.png", bomb(30_000, 30_016), "4096"),
        ("virus.exe", b"MZ" + bytes(100), "Это не картинка"),
    ]:
        page.set_input_files("#picture", {"name": name, "mimeType": "image/png", "buffer": sent})
        games.dialog.locator("[data-test=submit]").click()
        expect(wrong).to_contain_text(said)
        expect(page.locator("#picture")).to_be_focused()
    large = photograph((1500, 1500))
    assert len(large) > 1_000_000
    page.set_input_files(
        "#picture", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": large}
    )
    expect(games.dialog.locator("[data-preview]")).to_be_visible()
    wait_until(page, "document.querySelector('#picture').files[0].size < 200000")
    games.submit("Картинка изменена")
    shown = games.row("CS 2").locator("img")
    assert shown.evaluate("it => it.decode().then(() => it.naturalWidth)") == 192
    games.row("CS 2").locator("[data-test=picture]").click()
    expect(games.dialog.locator("[data-test=picture-now]")).to_be_visible()
    games.dialog.locator("[data-test=remove-picture]").click()
    expect(page.locator("#toasts")).to_contain_text("Картинка убрана")
    expect(shown).to_have_count(0)


@pytest.mark.usefixtures("three_games")
def test_an_application_is_limited_to_a_zone(page: Page, live: LiveDesk, club: ClubContext) -> None:
    halls.create_hall(club, name="Зал", zones=["Общая", "VIP"], actor=OWNER)
    games = Catalogue(page, f"{live.address}/admin/applications")
    zones = games.row("CS 2").locator("[data-test=zones]")
    expect(zones).to_have_text("все")
    zones.click()
    games.dialog.get_by_label("VIP").check()
    games.submit("Зоны изменены")
    expect(zones).to_have_text("VIP")
    expect(games.row("Dota 2").locator("[data-test=zones]")).to_have_text("все")
