"""The page, the API and the files of the books, read as a person or a program reads them."""

import csv
import io
import re
from typing import Any

import pytest
from fpdf import FPDF
from openpyxl import load_workbook

from lovhub.server.reports import books
from lovhub.server.reports.book_tables import SHOWN
from lovhub.server.reports.rules import Period
from tests.server.reports.books.busy_club import Busy
from tests.support.web import ADDRESS, WebAdmin


def assert_told_alike(busy: Busy, period: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page, the API and every file say what `books` reads, which is what the entries say."""
    written: list[str] = []
    cell = FPDF.cell

    def noted(self: FPDF, *arguments: Any, **options: Any) -> bool:
        written.append(str(arguments[2]) if len(arguments) > 2 else "")
        return cell(self, *arguments, **options)

    monkeypatch.setattr(FPDF, "cell", noted)
    web = WebAdmin(busy.club)
    web.make_owner()
    web.make_staff("manager", name="Дәурен Қасымұлы")
    span = f"first_day={period.first}&last_day={period.last}"
    for step, by in (("day", "whole"), ("week", "zone"), ("whole", "person"), ("month", "method")):
        with busy.club.read() as db:
            found = books.read(db, busy.club.club_id, period, step, by)  # type: ignore[arg-type]
        shown = SHOWN[found.by]
        expected = [[line.sums.of(what) for what in shown] for line in books.lines(found)]
        api = web.app.test_client().get(
            f"/api/v1/reports/books?{span}&step={step}&by={by}",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {web.token()}"},
        )
        lines = api.get_json()["lines"]
        assert [[line["sums"][what] for what in shown] for line in lines] == expected
        total = [sum(column) for column in zip(*expected, strict=True)]
        assert [api.get_json()["total"]["sums"][what] for what in shown] == total
        page = f"/admin/books?from={period.first}&until={period.last}&step={step}&by={by}"
        amounts = [
            [amount for amount in map(tiyn, row) if amount is not None]
            for row in rows_of(web.owner().get(page).text)
        ]
        assert amounts == [*expected, total]
        csv_rows = list(
            csv.reader(
                io.StringIO(web.owner().get(f"{page}&export=csv").data.decode("utf-8-sig")),
                delimiter=";",
            )
        )
        assert [[tiyn(cell) for cell in row[-len(shown) :]] for row in csv_rows[1:]] == expected
        sheet = load_workbook(io.BytesIO(web.owner().get(f"{page}&export=xlsx").data)).worksheets[0]
        assert [
            [round(float(str(cell)) * 100) for cell in row[-len(shown) :]]
            for row in sheet.iter_rows(min_row=2, values_only=True)
        ] == expected
        written.clear()
        file = web.owner().get(f"{page}&export=pdf")
        assert (file.status_code, file.data[:5]) == (200, b"%PDF-")
        texts = iter(written)
        for amount in (amount for row in [*expected, total] for amount in row):
            assert any(tiyn(text) == amount for text in texts), "each is written, in this order"
    assert any("Дәурен Қасымұлы" in line["name"] for line in web_lines(web, f"{span}&by=person"))
    for role, status in (("cashier", 403), ("technician", 403), ("manager", 200)):
        assert web.signed_in(role).get("/admin/books").status_code == status
        assert web.signed_in(role).get("/admin/books?export=pdf").status_code == status
    web.give_back()


def web_lines(web: WebAdmin, query: str) -> list[dict[str, Any]]:
    answer = web.app.test_client().get(
        f"/api/v1/reports/books?{query}",
        base_url=ADDRESS,
        headers={"Authorization": f"Bearer {web.token()}"},
    )
    lines: list[dict[str, Any]] = answer.get_json()["lines"]
    return lines


def rows_of(page: str) -> list[list[str]]:
    table = page.partition('data-test="books"')[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("</tr>")]
    return [row for row in rows if row]


def tiyn(text: str) -> int | None:
    """«−1 500,50 ₸» → -150050; None for what is no amount."""
    found = re.fullmatch(r"(-?)(\d+)(?:,(\d\d))?", re.sub(r"[\s₸]", "", text).replace("−", "-"))
    if found is None:
        return None
    return int(f"{found[1]}{found[2]}{found[3] or '00'}")
