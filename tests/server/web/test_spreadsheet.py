"""What Excel makes of the files: numbers that add up, and words that stay words."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lovhub.server.web.spreadsheet import Cell, Heading, harmless, write_csv, write_xlsx

HEADINGS = [
    Heading("Имя"), Heading("Баланс", "money"), Heading("Время", "duration"),
    Heading("Был", "moment"), Heading("День", "day"), Heading("Штук", "number"),
]  # fmt: skip
AT = 1_790_000_000  # 21.09.2026 19:13:20 in Almaty (+5)
ROWS: list[list[Cell]] = [
    ["Ерлан; «Снайпер»", 150_050, 93_784, AT, AT, 7],
    ["=1+1", -5, 0, None, None, None],
]


def as_csv(headings: Sequence[Heading], rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    file = io.BytesIO()
    write_csv(file, headings, rows, "Asia/Almaty")
    written = file.getvalue()
    assert written.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark only"
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_csv_is_what_excel_in_russian_reads() -> None:
    assert as_csv(HEADINGS, ROWS) == [
        ["Имя", "Баланс", "Время", "Был", "День", "Штук"],
        ["Ерлан; «Снайпер»", "1500,50", "26:03:04", "21.09.2026 19:13:20", "21.09.2026", "7"],
        ["'=1+1", "-0,05", "0:00:00", "", "", ""],
    ]


def test_xlsx_holds_numbers_and_times_that_add_up() -> None:
    file = io.BytesIO()
    write_xlsx(file, HEADINGS, ROWS, "Asia/Almaty")
    sheet = load_workbook(file).active
    assert sheet is not None
    read = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert read[0] == ["Имя", "Баланс", "Время", "Был", "День", "Штук"]
    name, money, time, moment, day, count = read[1]
    assert (name, money, count) == ("Ерлан; «Снайпер»", 1500.5, 7)
    assert time == timedelta(seconds=93_784)
    assert moment == day == datetime(2026, 9, 21, 19, 13, 20)  # noqa: DTZ001 (a sheet has no zone)
    assert read[2][:2] == ["'=1+1", -0.05]
    assert [cell.data_type for cell in sheet[3]][:2] == ["s", "n"]
    assert [cell.number_format for cell in sheet[2]] == [
        "General", "#,##0.00", "[h]:mm:ss", "dd.mm.yyyy hh:mm:ss", "dd.mm.yyyy", "General",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠x", "+7 701", "+"],
)
def test_what_would_be_a_formula_is_led_by_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Ерлан", "1=1", "a@b", "+77011234567", "'=1", "1-2"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))))
def test_no_text_becomes_a_formula(text: str) -> None:
    [[_title], *read] = as_csv([Heading("x")], [[text]])
    cell = read[0][0] if read and read[0] else ""
    assert cell == harmless(text)
    lead = cell.lstrip()
    assert not lead.startswith(("=", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert not lead.startswith("+") or lead[1:].isdecimal()
    assert cell.removeprefix("'") == text.removeprefix("'")
