"""A table out of a file that somebody sent: CSV in whatever encoding, or XLSX. Bounded, whatever is in it."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException

from lovhub.server.errors import OperationRefused

LARGEST_FILE_BYTES = 8 * 1024 * 1024
MOST_LINES = 100_000
MOST_COLUMNS = 40
LONGEST_CELL = 500
_LARGEST_UNPACKED_BYTES = 200 * 1024 * 1024
"""A sheet of 100,000 lines is smaller; a file that grows beyond this when unpacked is no table of customers."""

_MOST_ELEMENTS = 2_500_000
"""What 100,000 lines of eight columns have, cells and shared texts together; the reader takes its time for each."""

_MOST_ELEMENTS_IN_ROW = 20_000
"""The reader holds a whole row in memory, also the columns that nobody asked for."""

_CHUNK = 64 * 1024

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
    # A server would load its 175 modules at each start, for a file that a club brings once.
    from openpyxl import DEFUSEDXML, load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads without defusedxml")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED_BYTES:
                raise OperationRefused("moving_file_too_long")
            _check_elements(archive)
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
        zlib.error, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        # A broken or hostile file makes openpyxl fail in many ways; for whoever sent it they are one.
        raise OperationRefused("moving_file_unreadable") from error


class _Elements:
    """Counts a workbook's elements as a stream, over all its parts; refuses more than a table has."""

    def __init__(self) -> None:
        self._in_all = 0
        self._in_row = -1
        """Outside of a row: -1."""

    def count(self, part: IO[bytes]) -> None:
        """Count those of a part. Raises OperationRefused."""
        self._in_row = -1
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._refuse_entity
        try:
            while chunk := part.read(_CHUNK):
                parser.Parse(chunk)
        except expat.ExpatError:
            return  # a picture, or broken: whoever reads it as a sheet gets no further than this

    def _begin(self, name: str, _attributes: object) -> None:
        self._in_all += 1
        if _is_row(name):
            self._in_row = 0
        elif self._in_row >= 0:
            self._in_row += 1
        if self._in_all > _MOST_ELEMENTS or self._in_row > _MOST_ELEMENTS_IN_ROW:
            raise OperationRefused("moving_file_too_long")

    def _end(self, name: str) -> None:
        if _is_row(name):
            self._in_row = -1

    @staticmethod
    def _refuse_entity(*_about: object) -> None:
        raise OperationRefused("moving_file_unreadable")


def _is_row(name: str) -> bool:
    return name.rpartition(":")[2] == "row"


def _check_elements(archive: zipfile.ZipFile) -> None:
    """Refuse what a few kilobytes can blow up: millions of empty cells, all in one row or in many.

    Every part is looked at, whatever it is called, and none is held in memory.
    """
    elements = _Elements()
    for part in archive.infolist():
        with archive.open(part) as file:
            elements.count(file)


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
