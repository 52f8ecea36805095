"""Backups in the browser: made, checked, taken away and brought back."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lovhub.clock import ManualClock
from lovhub.server.backups import sealing
from lovhub.server.backups.archive import DATABASE
from lovhub.server.context import ClubContext
from lovhub.server.staff.rules import CONFIRMED_SECONDS
from tests.support.club import lay_backups_in
from tests.support.live_desk import LiveDesk
from tests.support.web import ADDRESS, OWNER_PASSWORD, Browser, WebAdmin

PHRASE = "длинный пароль для копий"


def test_a_backup_is_made_checked_downloaded_and_uploaded_by_clicking(
    page: Page, live: LiveDesk, tmp_path: Path
) -> None:
    page.goto(f"{live.address}/admin/backups")
    expect(page.get_by_text("Копий ещё нет")).to_be_visible()
    page.locator("[data-test=make]").click()
    expect(page.locator("[data-test=task]")).to_contain_text("Копия готова")
    rows = page.locator("[data-test=backups] tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.locator("[data-test=check-state]")).to_contain_text("цела, учёт сходится")
    rows.locator("[data-test=download]").click()
    with page.expect_download() as downloading:
        page.locator("[data-test=file]").click()
    page.get_by_text("Закрыть", exact=True).click()
    taken = tmp_path / "taken.zip"
    downloading.value.save_as(taken)
    with zipfile.ZipFile(taken) as opened:
        assert opened.read(DATABASE).startswith(b"SQLite format 3")
    page.locator("[data-test=bring]").click()
    page.set_input_files("#upload-file", str(Path(__file__)))
    page.locator("[data-test=upload]").click()
    expect(page.locator("[data-upload-error]")).to_contain_text("не копия LoVHub")
    page.set_input_files("#upload-file", str(taken))
    page.locator("[data-test=upload]").click()
    expect(rows).to_have_count(2)
    uploaded = page.locator("tr[data-name*=uploaded]")
    expect(uploaded).to_contain_text("не проверена")
    uploaded.locator("[data-test=check]").click()
    expect(uploaded).to_contain_text("цела, учёт сходится")
    page.goto(f"{live.address}/admin/logs?kind=staff")
    expect(page.locator("tbody")).to_contain_text("Резервная копия скачана")


def test_a_passphrase_is_set_and_a_restore_asks_for_the_clubs_name(
    page: Page, live: LiveDesk, web: WebAdmin
) -> None:
    page.goto(f"{live.address}/admin/backups")
    expect(page.get_by_text("Сейчас в копиях только база")).to_be_visible()
    page.locator("[data-test=passphrase]").click()
    page.fill("#phrase", PHRASE)
    page.fill("#again", "другой пароль для копий")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=error-again]")).to_have_text("Пароли не совпадают.")
    page.fill("#phrase", PHRASE)
    page.fill("#again", PHRASE)
    page.locator("dialog [data-test=submit]").click()
    expect(page.get_by_text("под вашим паролем")).to_be_visible()
    assert sealing.read_key(web.keeper.data) is not None
    page.locator("[data-test=make]").click()
    expect(page.locator("[data-test=task]")).to_contain_text("Копия готова")
    page.locator("[data-test=restore]").click()
    page.fill("#confirmed", "Не та")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=error-confirmed]")).to_be_visible()
    page.fill("#confirmed", "арена")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=error-phrase]")).to_contain_text("введите пароль")
    page.fill("#phrase", "неверный пароль копий")
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("[data-test=error-phrase]")).to_contain_text("не подходит")
    assert web.keeper.restorations.take() is None


@pytest.mark.parametrize("name", ["club.sqlite3", "..%2Fclub.sqlite3", "%2e%2e", "identity.pem"])
def test_no_address_leads_out_of_the_folder(desk: Browser, web: WebAdmin, name: str) -> None:
    for address in (f"/admin/backups/{name}/file", f"/admin/backups/{name}/restore"):
        assert desk.get(address).status_code == 404
    token = web.token()
    answer = desk.client.get(
        f"/api/v1/backups/{name}/file",
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 404


def test_a_backup_dated_ahead_of_the_clock_is_said_to_be(
    desk: Browser, web: WebAdmin, clock: ManualClock
) -> None:
    desk.post("/admin/backups", {})
    web.keeper.wait()
    assert 'data-test="ahead"' not in desk.get("/admin/backups").text
    clock.advance(-60)
    assert 'data-test="ahead"' in desk.get("/admin/backups").text


def test_what_lies_in_the_second_folder_dated_ahead_is_not_said_to_be_missing(
    desk: Browser, club: ClubContext, tmp_path: Path
) -> None:
    second = lay_backups_in(club, tmp_path / "second")
    (second / "lovhub-2199-01-01-000000-nightly.zip").write_bytes(b"?")
    assert desk.get("/admin/status").status_code == 200  # it looks there
    shown = desk.get("/admin/backups").text
    assert "Там копий: 1. Дата каждой впереди часов сервера" in shown


def test_a_manager_makes_backups_and_takes_none_away(web: WebAdmin, club: ClubContext) -> None:
    manager = web.manager()
    assert manager.post("/admin/backups", {}).status_code == 303
    web.keeper.wait()
    (made,) = web.keeper.backups()
    assert 'data-test="download"' not in manager.get("/admin/backups").text
    assert manager.get(f"/admin/backups/{made.name}/file").status_code == 403
    assert manager.post(f"/admin/backups/{made.name}/restore", {}).status_code == 403
    assert web.cashier().get("/admin/backups").status_code == 403


def test_the_password_is_asked_again_before_one_is_taken_away_brought_or_sealed_otherwise(
    web: WebAdmin, clock: ManualClock
) -> None:
    owner = web.owner()
    owner.post("/admin/backups", {})
    web.keeper.wait()
    (made,) = web.keeper.backups()
    take, file = f"/admin/backups/{made.name}/take", f"/admin/backups/{made.name}/file"
    piece = f"/admin/backups/upload?id={'0' * 32}&total=10&offset="
    assert 'data-test="file"' in owner.get(take).text
    assert "data-upload=" in owner.get("/admin/backups/bring").text
    bearer = {"Authorization": f"Bearer {web.token()}"}
    clock.advance(CONFIRMED_SECONDS)

    assert 'data-test="file"' not in owner.get(take).text
    assert owner.get(file).location == take
    assert "data-upload=" not in owner.get("/admin/backups/bring").text
    for first in ("0", "00", "-0", "%2B0"):
        refused = owner.post(piece + first, {})
        assert refused.status_code == 409
        assert "Подтвердите своим паролем" in refused.get_json()["error"], first
    form = {"phrase": PHRASE, "again": PHRASE}
    for path, typed in (
        ("/admin/backups/passphrase", form),
        ("/admin/stored-backups/fetch", {"key": "x"}),
        ("/admin/backups/bring", {}),
        (take, {}),
    ):
        asked = owner.post(path, typed)
        assert 'name="confirm_password"' in asked.text, path
    assert sealing.read_key(web.keeper.data) is None
    api = web.app.test_client()
    for method, path in (
        ("GET", f"/api/v1/backups/{made.name}/file"),
        ("PUT", "/api/v1/backups/passphrase"),
        ("POST", "/api/v1/stored-backups/fetch"),
    ):
        body = {} if method == "GET" else {"json": {"passphrase": PHRASE, "key": "x"}}
        answer = api.open(path, method=method, base_url=ADDRESS, headers=bearer, **body)
        assert answer.get_json()["error"]["code"] == "confirmation_needed", path

    shown = owner.post(take, {"confirm_password": OWNER_PASSWORD}).text
    assert f'href="{file}"' in shown
    with owner.get(file) as taken:
        assert taken.status_code == 200


def test_pieces_out_of_turn_are_refused(desk: Browser, web: WebAdmin) -> None:
    upload_id = "0" * 32

    def send(offset: int, piece: bytes, total: int = 10, name: str = upload_id) -> int:
        return desk.client.post(
            f"/admin/backups/upload?id={name}&offset={offset}&total={total}",
            base_url="https://localhost",
            headers={"Referer": "https://localhost/", "X-CSRFToken": token},
            data=piece,
            content_type="application/octet-stream",
        ).status_code

    token = desk.form_token("/admin/backups")
    assert send(5, b"12345") == 409
    assert send(0, b"12345") == 200
    assert send(3, b"12345") == 409
    assert send(5, b"123456") == 409
    assert send(0, b"12345", name="../../evil") == 409
    assert send(0, b"", total=0) == 409
    assert not list((web.keeper.data / "uploads").iterdir())
