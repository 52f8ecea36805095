"""The first evening's list, what an empty club says, and the system's state, in the browser."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import text

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import sealing
from lovhub.server.backups import service as backups
from lovhub.server.certificate import VALID_DAYS, ensure_certificate
from lovhub.server.club import demo
from lovhub.server.club import service as club_service
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.sessions import service as sessions
from lovhub.server.status.rules import DAY
from tests.server.web.conftest import OpenAs
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk
from tests.support.web import Browser, WebAdmin

FIRST = {
    "/admin/computers": ("Компьютеров пока нет", "python auth.py --server"),
    "/admin/customers": ("Клиентов пока нет", "Зарегистрировать клиента"),
    "/admin/goods": ("Товаров пока нет", "Добавить товары"),
    "/admin/tariffs": ("Тарифов пока нет", "Добавить тариф"),
    "/admin/applications": ("Здесь пока пусто", "Добавить"),
    "/admin/halls": ("Залов пока нет", "Добавить зал"),
}
"""Page → what its empty place says, and what it says to do."""


def test_every_list_says_what_to_do_first(page: Page, live: LiveDesk) -> None:
    for path, (nothing, first) in FIRST.items():
        page.goto(live.address + path)
        empty = page.locator(".empty:visible").first
        expect(empty, path).to_contain_text(nothing)
        expect(empty, path).to_contain_text(first)


STEPS = {
    "halls": ("/admin/halls", "Залы и зоны"),
    "tariffs": ("/admin/tariffs", "Тарифы"),
    "applications": ("/admin/applications", "Приложения"),
    "computers": ("/admin/computers", "Компьютеры"),
    "staff": ("/admin/people", "Люди"),
    "customers": ("/admin/customers/register", "Новый клиент"),
    "played": ("/admin/computers", "Компьютеры"),
    "backup": ("/admin/backups", "Резервные копии"),
    "passphrase": ("/admin/backups", "Резервные копии"),
    "second_folder": ("/admin/settings", "Настройки клуба"),
}
"""What is to be done on the first evening, and the page where it is done."""


def test_the_list_goes_to_done_by_doing(
    page: Page, live: LiveDesk, people: People, club: ClubContext
) -> None:
    page.goto(f"{live.address}/admin/first-evening")
    tariffs = page.locator("[data-step=tariffs]")
    expect(tariffs).to_have_attribute("data-done", "no")
    tariffs.get_by_role("link").click()
    page.locator("[data-test=add]").first.click()
    page.fill("#title", "1 час")
    page.fill("#price", "500")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Тариф добавлен")
    page.goto(f"{live.address}/admin/first-evening")
    expect(tariffs).to_have_attribute("data-done", "yes")
    page.goto(f"{live.address}/admin")
    expect(page.locator("[data-test=checklist]")).to_be_visible()
    page.goto(f"{live.address}/admin/first-evening")
    page.locator("[data-test=close-checklist]").click()
    expect(page.locator("[data-test=close-checklist]")).to_have_text("Вернуть на дашборд")
    page.goto(f"{live.address}/admin")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("[data-test=checklist]")).to_have_count(0)


def test_halls_pcs_tariffs_and_applications_are_reached_from_one_list_until_all_is_done(
    page: Page, live: LiveDesk, web: WebAdmin, people: People, club: ClubContext
) -> None:
    page.goto(f"{live.address}/admin")
    lines = page.locator("[data-test=checklist] [data-test=step]")
    leads = lines.evaluate_all(
        "all => Object.fromEntries(all.map((it) => [it.dataset.step, it.querySelector('a').getAttribute('href')]))"
    )
    assert leads == {step: page_of for step, (page_of, _heading) in STEPS.items()}
    owner = web.owner()
    for address, heading in STEPS.values():
        assert f">{heading}</h1>" in owner.get(address).text, address
    people.zone()
    people.application()
    customer, pc, tariff = people.customer(balance_tiyn=500_00), people.computer(), people.tariff()
    sessions.buy(
        club, computer_id=pc, customer_id=customer, tariff_id=tariff, key="an-hour", actor=OWNER
    )
    web.staff_id("cashier")
    page.reload()
    done = page.locator("[data-test=checklist] [data-done=yes]")
    expect(done).to_have_count(len(STEPS) - 3)
    sealing.write_key(web.keeper.data, sealing.derive("длинный пароль для копий"))
    backups.make(club, web.keeper.data, kind="by_hand", actor=OWNER)
    with club.write() as work:
        club_service.get(work.db, club.club_id).second_backup_folder = str(web.keeper.data)
    page.reload()
    expect(page.locator("#figures")).to_be_visible()
    expect(page.locator("[data-test=checklist]")).to_have_count(0)
    page.goto(f"{live.address}/admin/first-evening")
    expect(page.locator("[data-test=all-done]")).to_be_visible()


def test_examples_are_taken_away_with_one_click(
    page: Page, live: LiveDesk, club: ClubContext
) -> None:
    demo.furnish(club, SYSTEM)
    page.goto(f"{live.address}/admin/first-evening")
    page.locator("[data-test=remove-demo]").click()
    expect(page.locator("#toasts")).to_contain_text("Примеры убраны")
    expect(page.locator("[data-test=remove-demo]")).to_have_count(0)
    page.goto(f"{live.address}/admin/tariffs")
    expect(page.locator("#content")).to_contain_text("Тарифов пока нет")


def test_clock_certificate_backup_disk_agents_and_migrations_are_checked_each_by_its_number(
    open_as: OpenAs, live: LiveDesk, web: WebAdmin, people: People, clock: ManualClock
) -> None:
    pc = people.computer("ПК-1")
    ensure_certificate(web.keeper.data, clock.wall() - (VALID_DAYS - 10) * DAY)
    clock.wall_shift_seconds = 90
    with web.club.write() as work:
        journal.raise_alarm(work, "clock_moved", seconds=60, moved_seconds=60)
        work.db.get_one(Computer, pc).agent_version = "0.0.1"
        club_service.get(work.db, work.club_id).warn_disk_free_gb = 10**6
    clock.advance(3 * DAY)
    page = open_as("owner")
    page.goto(f"{live.address}/admin/status")
    for number, said in (
        ("LV-E001", "90"), ("LV-W001", "Часы"), ("LV-W004", "Сертификат"), ("LV-E003", "копи"),
        ("LV-W007", "диск"), ("LV-W009", "ПК-1"),
    ):  # fmt: skip
        finding = page.locator(f"[data-number={number}]")
        expect(finding).to_contain_text(re.compile(said, re.IGNORECASE))
        expect(finding).to_contain_text(number)
        assert finding.locator("div > div").nth(1).inner_text(), "and what to do"
    with web.club.write() as work:
        work.db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    page.click("[data-test=again]")
    expect(page.locator("[data-number=LV-E008]")).to_contain_text("0001")


def test_what_is_wrong_stands_in_the_menu_and_says_what_to_do(
    page: Page, live: LiveDesk, web: WebAdmin, people: People
) -> None:
    people.computer("ПК-1")
    (web.keeper.data / "config.ini").write_text("[Admin]\nAdminPassword = оставлен\n")
    (web.keeper.data / "config.ini").chmod(0o644)
    page.goto(f"{live.address}/admin/status")
    numbers = page.locator("[data-test=finding]").evaluate_all(
        "found => found.map((one) => one.dataset.number)"
    )
    assert {"LV-W006", "LV-W011", "LV-W012"} <= set(numbers)
    expect(page.locator("[data-number=LV-W011]")).to_contain_text("chmod 600")
    expect(page.locator("[data-test=trouble]")).to_have_text(str(len(numbers)))
    (web.keeper.data / "config.ini").unlink()
    page.locator("[data-test=again]").click()
    expect(page.locator("[data-number=LV-W011]")).to_have_count(0)
    page.goto(f"{live.address}/admin/customers")
    expect(page.locator("[data-test=trouble]")).to_have_text(str(len(numbers) - 2))


def test_a_cashier_sees_neither_list_nor_state(web: WebAdmin, desk: Browser) -> None:
    cashier = web.cashier()
    assert 'data-test="checklist"' in desk.get("/admin").text
    assert 'data-test="checklist"' not in cashier.get("/admin").text
    for path in ("/admin/first-evening", "/admin/status"):
        assert cashier.get(path).status_code == 403
    assert web.technician().get("/admin/status").status_code == 200
