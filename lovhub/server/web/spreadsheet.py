"""Lists as files that Excel opens: CSV and XLSX, with numbers that can be summed and no formula from outside."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Literal
from zoneinfo import ZoneInfo

from lovhub.server.web.formatting import duration, local

Cell = str | int | None
Kind = Literal["text", "number", "money", "duration", "moment", "day"]
"""What a column holds: words, a count, tiyn, seconds, or an instant (shown to the second, or as a day)."""

Format = Literal["csv", "xlsx"]

FORMATS: dict[str, Format] = {"csv": "csv", "xlsx": "xlsx"}
"""By their names in an address."""

MIME_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_STARTS_A_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_HARMLESS = re.compile(r"\+\d{1,15}")
"""A phone number: as a formula it is the number itself."""

_LONGEST_CELL = 32_767
_SECONDS_PER_DAY = 24 * 3600
_WIDTHS: dict[Kind, int] = {
    "text": 28, "number": 12, "money": 14, "duration": 12, "moment": 20, "day": 12,
}  # fmt: skip
_XLSX_FORMATS: dict[Kind, str] = {
    "money": "#,##0.00",
    "duration": "[h]:mm:ss",
    "moment": "dd.mm.yyyy hh:mm:ss",
    "day": "dd.mm.yyyy",
}


@dataclass(frozen=True)
class Heading:
    """A column's title, and what it holds."""

    title: str
    kind: Kind = "text"


def harmless(text: str) -> str:
    """`text` as a cell that no program takes for a formula: an apostrophe stands before one."""
    text = text[: _LONGEST_CELL - 1]
    if _STARTS_A_FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def write_csv(
    file: IO[bytes], headings: Sequence[Heading], rows: Iterable[Sequence[Cell]], time_zone: str
) -> None:
    """As Excel in Russian reads it: UTF-8 with its mark, semicolons, decimal commas."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow([harmless(heading.title) for heading in headings])
    for row in rows:
        writer.writerow(
            [
                _csv_cell(cell, heading.kind, time_zone)
                for heading, cell in zip(headings, row, strict=True)
            ]
        )
    text.flush()
    text.detach()


def _csv_cell(cell: Cell, kind: Kind, time_zone: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if kind == "money":
        whole, hundredths = divmod(abs(cell), 100)
        return f"{'-' if cell < 0 else ''}{whole},{hundredths:02}"
    if kind == "duration":
        return duration(cell)
    if kind == "moment":
        return f"{local(cell, time_zone):%d.%m.%Y %H:%M:%S}"
    if kind == "day":
        return f"{local(cell, time_zone):%d.%m.%Y}"
    return str(cell)


def write_xlsx(
    file: IO[bytes], headings: Sequence[Heading], rows: Iterable[Sequence[Cell]], time_zone: str
) -> None:
    """One sheet. Each row leaves memory as soon as the next one begins."""
    import xlsxwriter  # noqa: PLC0415 (not needed until somebody asks for a file)

    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": look}) for kind, look in _XLSX_FORMATS.items()}
    zone = ZoneInfo(time_zone)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, _WIDTHS[heading.kind])
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, harmless(heading.title), bold)
    for number, row in enumerate(rows, start=1):
        for column, (heading, cell) in enumerate(zip(headings, row, strict=True)):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(number, column, harmless(cell))
            elif heading.kind in {"moment", "day"}:
                # A spreadsheet knows no time zones: what it gets is the club's clock on the wall.
                at = local(cell, zone.key).replace(tzinfo=None)
                sheet.write_datetime(number, column, at, formats[heading.kind])
            elif heading.kind == "money":
                sheet.write_number(number, column, cell / 100, formats["money"])
            elif heading.kind == "duration":
                sheet.write_number(number, column, cell / _SECONDS_PER_DAY, formats["duration"])
            else:
                sheet.write_number(number, column, cell)
    book.close()


WRITERS: dict[
    Format, Callable[[IO[bytes], Sequence[Heading], Iterable[Sequence[Cell]], str], None]
] = {"csv": write_csv, "xlsx": write_xlsx}
