"""Each person's language: texts, scripts, dates, numbers and alarms; before one signs in, the club's."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import render_template_string
from flask_babel import Domain
from playwright.sync_api import Page, expect

from lovhub.server.backups.service import club_name
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.languages import LANGUAGES
from lovhub.server.live import OpenAlarm
from lovhub.server.staff import queries as staff_queries
from lovhub.server.web import formatting, language
from tests.server.web.conftest import OpenAs
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, open_hall
from tests.support.tampering import edit
from tests.support.web import WebAdmin, row

AFTERNOON = 1_764_000_005  # 24.11.2025 21:00:05 in Almaty

WORDS = {
    "kk": {"Клиенты": "Клиенттер", "Сменить тему": "Тақырыпты ауыстыру", "Войти": "Кіру"},
    "en": {
        "Клиенты": "Customers",
        "Компьютеры": "Computers",
        "Активен": "Free",
        "Тема: тёмная": "Dark theme",
        "лаунчер не отвечал, агент его перезапустил": "the launcher hung and was restarted",
        "{text} ({seconds} с)": "{text} ({seconds} s)",
        "Войти": "Sign in",
        "%(what)s %(key)s: изменено мимо программы.": "%(what)s %(key)s: somebody else did it.",
        "ПК": "Computer",
    },
}


@pytest.fixture(autouse=True)
def catalogues(web: WebAdmin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few words of each language, so that the test says nothing about the real catalogues."""
    for code, words in WORDS.items():
        catalogue = Catalog(locale=code)
        for russian, translated in words.items():
            catalogue.add(russian, translated)
        folder = tmp_path / "words" / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "messages.mo").open("wb") as file:
            write_mo(file, catalogue)
    babel = web.app.extensions["babel"].instance
    monkeypatch.setattr(babel, "domain_instance", Domain([str(tmp_path / "words")]))


def speaks(web: WebAdmin, role: str, code: str) -> None:
    """The persona of this role has chosen a language."""
    web.staff_id(role)
    with web.club.write() as work:
        person = staff_queries.by_login(work.db, work.club_id, role)
        assert person is not None
        person.language = code


def test_each_person_is_spoken_to_in_their_own_language(web: WebAdmin) -> None:
    speaks(web, "cashier", "kk")
    speaks(web, "manager", "en")
    owner, cashier, manager = (
        web.signed_in(role).get("/admin/customers").text for role in ("owner", "cashier", "manager")
    )
    assert '<html lang="ru">' in owner
    assert '<h1 class="h2 m-0 me-auto">Клиенты</h1>' in owner
    assert '<html lang="kk">' in cashier
    assert "Клиенттер" in cashier
    assert "Тақырыпты ауыстыру" in cashier
    assert '<html lang="en">' in manager
    assert "Customers" in manager
    assert "Dark theme" in manager, "the words that scripts show"


def test_what_a_backups_check_found_is_told_in_the_readers_language(
    web: WebAdmin, people: People, club: ClubContext
) -> None:
    computer = people.computer()
    edit(club, "UPDATE computer SET hostname = 'OTHER'")
    web.keeper.begin_backup(OWNER)
    web.keeper.wait()
    (made,) = web.keeper.backups()
    key = web.keeper.begin_restore(
        made.name, passphrase="", without_keys=False, confirmed=club_name(club), actor=OWNER
    )
    web.keeper.wait()
    task = web.keeper.restorations.task(key)
    assert task is not None
    assert task.code == "books"
    for code, sentence in (
        ("ru", f"ПК {computer}: изменено мимо программы."),
        ("en", f"Computer {computer}: somebody else did it."),
    ):
        speaks(web, "owner", code)
        page = web.owner().get("/admin/backups").text
        for where in ('data-test="check-state"', 'data-test="task"'):
            assert sentence in page.partition(where)[2].partition("</div>")[0], (code, where)


def test_before_one_signs_in_the_club_speaks(web: WebAdmin, club: ClubContext) -> None:
    with club.write() as work:
        work.db.get_one(Club, work.club_id).language = "kk"
    page = web.stranger().get("/admin/login").text
    assert '<html lang="kk">' in page
    assert "Кіру" in page


def test_a_language_we_do_not_speak_is_russian(web: WebAdmin) -> None:
    speaks(web, "cashier", "xx")
    assert '<html lang="ru">' in web.cashier().get("/admin/customers").text


@pytest.mark.parametrize(
    ("code", "money", "moment", "typed"),
    [
        ("ru", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,05\N{NO-BREAK SPACE}₸",
         "24.11.2025 21:00:05", "1 234 567,05"),
        ("kk", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,05\N{NO-BREAK SPACE}₸",
         "24.11.2025 21:00:05", "1 234 567,05"),
        ("en", "1,234,567.05\N{NO-BREAK SPACE}₸", "24 Nov 2025 21:00:05", "1,234,567.05"),
    ],
)  # fmt: skip
def test_money_and_dates_are_written_and_read_as_the_language_does(
    web: WebAdmin, code: str, money: str, moment: str, typed: str
) -> None:
    with web.app.test_request_context():
        language.speak(code)
        shown = render_template_string("{{ 123456705 | money }}|{{ at | moment }}", at=AFTERNOON)
        assert shown == f"{money}|{moment}"
        assert formatting.parse_money(typed) == 123_456_705
        assert formatting.parse_money("1500,50") == 1500_50
        assert formatting.parse_money("1500.50") == 1500_50


def test_an_english_desk_reads_thousands_with_commas_only_in_english(web: WebAdmin) -> None:
    with web.app.test_request_context():
        language.speak("en")
        assert formatting.parse_money("1,500") == 1500_00
        language.speak("ru")
        assert formatting.parse_money("1,500") is None


def test_the_live_page_speaks_the_persons_language(
    web: WebAdmin, people: People, open_as: OpenAs, live: LiveDesk
) -> None:
    speaks(web, "cashier", "en")
    web.hall.rows = [row(1, "PC-1")]
    english, russian = open_as("cashier"), open_as("owner")
    for page in (english, russian):
        open_hall(page, live)
    web.hall.alarms = [OpenAlarm(1, "launcher_hung", "PC-1", {"seconds": 9}, 1)]
    live.tell()
    alarm = "[data-test=attention-alarm] .js-what"
    expect(english.locator(alarm)).to_have_text("the launcher hung and was restarted (9 s)")
    expect(russian.locator(alarm)).to_have_text("лаунчер не отвечал, агент его перезапустил (9 с)")
    expect(english.locator("#rows .js-status")).to_have_text("Free")
    expect(russian.locator("#rows .js-status")).to_have_text("Активен")
    customer = people.customer()
    for page, button in ((english, "1,500"), (russian, "1\N{NO-BREAK SPACE}500")):
        page.goto(f"{live.address}/admin/customers/{customer}/top-up")
        page.fill("[data-amount]", "1500")
        expect(page.locator("[data-test=submit]")).to_contain_text(button)


def test_the_menu_fits_a_desks_screen_in_every_language(
    web: WebAdmin, page: Page, live: LiveDesk
) -> None:
    for spoken in LANGUAGES:
        speaks(web, "owner", spoken)
        page.goto(f"{live.address}/admin/logs")
        expect(page.locator("html")).to_have_attribute("lang", spoken)
        bell = page.locator("#attention-open").bounding_box()
        assert bell is not None
        assert bell["x"] + bell["width"] <= 1366
