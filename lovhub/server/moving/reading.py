"""A table out of a file that somebody sent: CSV in whatever encoding, or XLSX. Bounded, whatever is in it."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from lovhub.server.errors import OperationRefused

LARGEST_FILE_BYTES = 8 * 1024 * 1024
MOST_LINES = 100_000
MOST_COLUMNS = 40
LONGEST_CELL = 500
_LARGEST_UNPACKED_BYTES = 200 * 1024 * 1024
"""A sheet of 100,000 lines is smaller; a file that grows beyond this when unpacked is no table of customers."""

Table = list[list[str]]


def read_table(content: bytes) -> Table:
    """The rows of the file, cells as text.

    Raises OperationRefused: `moving_file_empty`, `moving_file_unreadable`, `moving_file_too_long`.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise OperationRefused("moving_file_too_long")
    rows = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    table = [_cut(row) for row in rows]
    while table and not any(table[-1]):
        table.pop()
    if not any(any(row) for row in table):
        raise OperationRefused("moving_file_empty")
    return table


def packed(table: Table) -> bytes:
    """The table as it is kept between the dry run and the import."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(table)
    return file.getvalue().encode()


def unpacked(content: bytes) -> Table:
    """What `packed` made."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def _cut(row: Iterable[str]) -> list[str]:
    cells = [cell.replace("\x00", "").strip()[:LONGEST_CELL] for cell in row][:MOST_COLUMNS]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        if number > MOST_LINES:
            raise OperationRefused("moving_file_too_long")
        yield row


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\x00" in text[:1000]:
        raise OperationRefused("moving_file_unreadable")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=first.count)
    try:
        yield from _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise OperationRefused("moving_file_unreadable") from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it; anything else is what Windows in Russian writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _xlsx(content: bytes) -> Iterator[list[str]]:
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads without defusedxml")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED_BYTES:
                raise OperationRefused("moving_file_too_long")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
            yield from _bounded([_text(cell) for cell in row] for row in rows)
        finally:
            book.close()
    except (
        zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError,
        KeyError, ValueError, IndexError, TypeError, AttributeError, EOFError, OverflowError,
    ) as error:  # fmt: skip
        # A broken or hostile file makes openpyxl fail in many ways; for whoever sent it they are one.
        raise OperationRefused("moving_file_unreadable") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".12g")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}"
    if isinstance(cell, time):
        return f"{cell.hour}:{cell.minute:02}:{cell.second:02}"
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell)
