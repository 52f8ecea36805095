"""«Переезд» in a real browser: a file, a look at it, the import, and the way back; and the same for programs."""

import base64
import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.moving import rules, service
from lovhub.server.pages import LARGEST_REQUEST_BYTES
from lovhub.server.staff.models import Staff
from tests.support.club import OWNER
from tests.support.live_desk import LiveDesk
from tests.support.web import ADDRESS, Browser, WebAdmin

SPACE = "\N{NO-BREAK SPACE}"
FILE = (
    "Ник;Клиент;Сотовый;Депозит;Осталось\r\n"
    "sniper;Алёна Ким;8 701 123 45 67;1500,50;2:30\r\n"
    "ghost;Берик;;20;1\r\n"
    "SNIPER;Двойник;;1;\r\n"
    "taken;;;1;\r\n"
    "fox;Лиса;12;1;\r\n"
)


class Moving:
    """The pages of moving in."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(f"{address}/admin/moving")

    def bring(self, content: bytes, name: str = "gizmo.csv") -> None:
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)
        self.page.locator("[data-test=submit]").click()

    def choose(self, column: int, name: str) -> None:
        self.page.get_by_label(f"Колонка {column}", exact=True).select_option(label=name)

    def check(self) -> None:
        self.page.locator("[data-test=check]").click()

    def expect_plan(self, customers: int, balance: str, time: str, left_out: int) -> None:
        for name, text in (
            ("customers", str(customers)), ("balance", balance), ("time", time),
            ("left-out", str(left_out)),
        ):  # fmt: skip
            expect(self.page.locator(f"[data-test=plan-{name}]")).to_have_text(text)

    def left_out(self) -> list[str]:
        return self.page.locator("[data-left-out]").all_inner_texts()


def test_a_file_is_looked_at_imported_and_taken_back(
    page: Page, live: LiveDesk, club: ClubContext
) -> None:
    customers.register(club, login="taken", name="", phone="", password="секрет", actor=OWNER)
    moving = Moving(page, live.address)
    moving.bring(FILE.encode("cp1251"))

    # «Сотовый» и «Осталось» are not known by their headings: they are chosen.
    moving.choose(3, "Телефон")
    moving.choose(5, "Время, часы")
    moving.check()
    moving.expect_plan(2, f"1{SPACE}520,50{SPACE}₸", "3:30:00", 3)
    assert [" ".join(line.split()) for line in moving.left_out()] == [
        "4 Такой логин уже был выше в файле. SNIPER",
        "5 Клиент с таким логином уже есть. taken",
        "6 Телефон, например +7 701 123 45 67. 12",
    ]
    with page.expect_download() as download:
        page.locator("[data-test=export]").click()
        page.locator("[data-test=export-csv]").click()
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[:2] == [
        "Строка;Почему;Что в строке", "4;Такой логин уже был выше в файле.;SNIPER",
    ]  # fmt: skip

    page.locator("[data-test=import]").click()
    expect(page.get_by_role("status").first).to_have_text("Заведено клиентов: 2")
    expect(page.locator("[data-test=done-customers]")).to_have_text("2")
    page.goto(f"{live.address}/admin/customers?q=sniper")
    expect(page.locator("tr[data-customer-id]")).to_contain_text(f"1{SPACE}500,50{SPACE}₸")

    page.goto(f"{live.address}/admin/moving")
    page.get_by_role("link", name="gizmo.csv").click()
    page.locator("[data-test=take-back]").click()
    page.locator("dialog [data-test=submit]").click()
    expect(page.locator("#content")).to_contain_text("клиенты удалены")
    expect(page.locator("[data-test=take-back]")).to_have_count(0)
    page.goto(f"{live.address}/admin/customers")
    expect(page.locator("tr[data-customer-id]")).to_have_count(1)


def test_a_workbook_is_looked_at_and_refused_as_a_whole(
    page: Page, live: LiveDesk, club: ClubContext
) -> None:
    book = Workbook()
    for line in (["Логин", "Баланс"], ["sniper", 1500.5], ["ghost", "много"], ["fox", 20]):
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    moving = Moving(page, live.address)
    moving.bring(file.getvalue(), "gizmo.xlsx")
    moving.expect_plan(2, f"1{SPACE}520,50{SPACE}₸", "0:00:00", 1)
    page.locator("[data-test=drop]").click()
    expect(page.get_by_role("heading", name="Переезд", exact=True)).to_be_visible()
    expect(page.get_by_text("gizmo.xlsx")).to_have_count(0)
    page.goto(f"{live.address}/admin/customers")
    expect(page.locator(".empty")).to_contain_text("Клиентов пока нет")
    with club.read() as db:
        assert db.scalar(select(func.count()).select_from(LedgerPosting)) == 0


def test_a_long_file_shows_how_far_it_is(
    page: Page, live: LiveDesk, club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PART_CUSTOMERS", 1)
    moving = Moving(page, live.address)
    moving.bring(b"login;balance\nsniper;5\nghost;7\n")
    page.locator("[data-test=import]").click()
    expect(page.locator("[data-test=progress]")).to_have_text("Заведено клиентов: 1 из 2")
    service.carry_on(club)
    expect(page.locator("[data-test=done-customers]")).to_have_text("2")


def test_an_import_that_somebody_lives_on_says_who(desk: Browser, club: ClubContext) -> None:
    web_file = b"login,balance\nsniper,5\n"
    move = desk.post("/admin/moving", {"file": (_stream(web_file), "a.csv")})
    assert move.status_code == 303
    address = move.headers["Location"]
    assert desk.post(f"{address}/import", {}).status_code == 303
    customers.top_up(
        club, customer_id=1, amount_tiyn=100, method="cash", key="top-up-1", actor=OWNER
    )
    refused = desk.post(f"{address}/take-back", {}, htmx=True)
    assert refused.status_code == 422
    assert "клиенты уже играли, тратили или платили (sniper)" in refused.text


def _stream(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "Выберите файл CSV или XLSX."),
        (b"\n\n", "В файле нет ни одной строки."),
        (b"PK nothing", "Файл не читается."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_beside_its_field(
    desk: Browser, content: bytes | None, said: str
) -> None:
    values = {} if content is None else {"file": (_stream(content), "a.csv")}
    answer = desk.post("/admin/moving", values)
    assert answer.status_code == 422
    assert f'data-test="error-file">{said}' in answer.text


def test_a_file_larger_than_other_requests_is_taken_in(desk: Browser) -> None:
    lines = b"login;balance\n" + b"".join(b"player%06d;1\n" % number for number in range(20_000))
    assert len(lines) > LARGEST_REQUEST_BYTES
    assert desk.post("/admin/moving", {"file": (_stream(lines), "a.csv")}).status_code == 303
    assert desk.post("/admin/tariffs/new", {"title": "x" * 300_000}).status_code == 413


def test_only_owner_and_manager_move_in(desk: Browser, web: WebAdmin, club: ClubContext) -> None:
    assert desk.get("/admin/moving").status_code == 200
    for role, status in (("manager", 200), ("cashier", 403), ("technician", 403)):
        with club.write() as work:
            work.db.execute(update(Staff).values(role=role))
        assert desk.get("/admin/moving").status_code == status
        assert desk.get("/admin/customers?export=csv").status_code == status
        asked = web.app.test_client().get(
            "/api/v1/moves", base_url=ADDRESS, headers={"Authorization": f"Bearer {web.token()}"}
        )
        assert asked.status_code == status


def test_programs_move_in_too(web: WebAdmin) -> None:
    headers = {"Authorization": f"Bearer {web.token()}"}

    def ask(method: str, path: str, said: object = None) -> dict[str, object]:
        answer = web.app.test_client().open(
            f"/api/v1{path}", method=method, base_url=ADDRESS, headers=headers, json=said
        )
        body: dict[str, object] = answer.get_json()
        return {"status": answer.status_code, **body}

    content = base64.b64encode(FILE.encode()).decode()
    assert ask("POST", "/moves", {"file_name": "a", "content": "?"})["status"] == 409
    made = ask("POST", "/moves", {"file_name": "gizmo.csv", "content": content})
    path = f"/moves/{made['move_id']}"
    columns = ["login", "name", "phone", "balance", "hours"]
    chosen = {"columns": columns, "has_headings": True}
    assert ask("POST", f"{path}/columns", chosen)["status"] == 200
    dry_run = ask("GET", path)["dry_run"]
    assert isinstance(dry_run, dict)
    assert (dry_run["customers"], dry_run["balance_tiyn"], dry_run["left_out"]) == (3, 152_150, 2)
    assert dry_run["lines_left_out"][1]["code"] == "phone_malformed"
    for _ in range(2):
        assert ask("POST", f"{path}/import") == {
            "status": 200, "customers": 3, "finished": True,
        }  # fmt: skip
    assert ask("DELETE", path)["status"] == 409
    assert ask("POST", f"{path}/take-back")["status"] == 200
    moves = ask("GET", "/moves")["moves"]
    assert isinstance(moves, list)
    assert [move["state"] for move in moves] == ["taken_back"]
    assert ask("GET", "/moves/99")["status"] == 404
