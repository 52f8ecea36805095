"""A walk-in without an account: seated from the PC's own row, with a code and without; same rules, same books."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.evening.desk import Desk
from tests.evening.processes import (
    GamingPc,
    SharedClock,
    free_port,
    ledger_check,
    start_server,
    test_folder,
    wait_for,
)
from tests.support.chromium import chromium
from tests.support.xvfb import Screen

PASSWORD = "весь зал мой"


@pytest.mark.timeout(600)
def test_a_guest_plays_by_code_and_then_without(tmp_path: Path, display: Screen) -> None:
    port, clock = free_port(), SharedClock(tmp_path / "clock")
    data = test_folder(tmp_path / "server")
    server = start_server(data, port, clock)
    pc = None
    try:
        with chromium(data / "cert.pem") as browser:
            desk = Desk(browser, f"https://127.0.0.1:{port}", tmp_path / "shots")
            link = server.said(r"https://\S+/setup\?token=\S+").group()
            desk.set_up(link, club="Арена", login="owner", password=PASSWORD)
            desk.sign_in("owner", PASSWORD)
            desk.add_tariff("1 час", hours=1, price="500")
            pc = GamingPc(display, tmp_path / "pc", port, clock, name="DESKTOP-G1")
            pc.agent.said(r"Код сопряжения")
            desk.open_computers()
            desk.approve()
            expect(desk.row()).to_contain_text("Активен")
            pc.wait_for_the_launcher()

            the_guest_types_the_code(desk, pc)
            the_desk_pauses_and_resumes(desk)
            the_desk_sells_more_and_ends(desk)
            the_desk_seats_at_once(desk)

            assert desk.figures() == ("1 500 ₸", "1 500 ₸")
            assert "Учёт сходится" in ledger_check(data)
            assert desk.errors == []
    except BaseException:
        display.screenshot(tmp_path / "shots" / "pc.png")
        raise
    finally:
        if pc is not None:
            pc.off()
        server.stop()


def the_guest_types_the_code(desk: Desk, pc: GamingPc) -> None:
    code = desk.sell_code("Гость с кодом")
    expect(desk.row()).to_contain_text("Активен")
    pc.press("Tab", "Tab", "Tab", "Tab", "Right", "space")
    pc.type(code.replace(" ", ""))
    pc.press("Return")
    expect(desk.row()).to_contain_text("Используется")
    expect(desk.row()).to_contain_text("Гость с кодом")


def the_desk_pauses_and_resumes(desk: Desk) -> None:
    desk.answer("pause", "Время остановлено")
    expect(desk.row().locator(".js-note")).to_have_text("пауза")
    desk.answer("resume", "Время пошло")
    expect(desk.row().locator(".js-note")).to_have_text("")


def the_desk_sells_more_and_ends(desk: Desk) -> None:
    desk.act("extend")
    button = desk.page.locator("dialog [data-test=submit]")
    expect(button).to_have_text(re.compile(r"Принять 500 ₸ и продлить"))
    desk.submit("время добавлено")
    wait_for("two hours are there", lambda: desk.fresh_seconds_left() > 7000)
    desk.answer("end", "Сеанс завершён")
    expect(desk.row()).to_contain_text("Активен")


def the_desk_seats_at_once(desk: Desk) -> None:
    desk.act("seat-guest")
    button = desk.page.locator("dialog [data-test=submit]")
    expect(button).to_have_text(re.compile(r"Принять 500 ₸ и посадить"))
    desk.submit("гость посажен")
    expect(desk.row()).to_contain_text("Используется")
