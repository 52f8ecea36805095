"""Files as other systems and people make them; and files made to hurt."""

import contextlib
import io
import random
import zipfile
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from lovhub.server.errors import OperationRefused
from lovhub.server.moving import reading
from lovhub.server.moving.reading import packed, read_table, unpacked

TABLE = [["Логин", "Баланс"], ["снайпер", "1500,5"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_of_every_kind(encoding: str, delimiter: str, newline: str) -> None:
    text = newline.join([delimiter.join(["Логин", "Баланс"]), delimiter.join(["снайпер", "15"])])
    assert read_table(text.encode(encoding)) == [["Логин", "Баланс"], ["снайпер", "15"]]


def test_quotes_and_line_breaks_in_cells() -> None:
    assert read_table('логин;имя\n"a;b";"два\nряда ""и"""\n\n'.encode()) == [
        ["логин", "имя"],
        ["a;b", 'два\nряда "и"'],
    ]


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_xlsx_with_numbers_and_times() -> None:
    content = xlsx(
        [
            ["Логин", "Телефон", "Баланс", "Часы", None],
            ["снайпер", 77011234567.0, 1500.5, timedelta(hours=26, minutes=3), None],
            ["ghost", None, 10, time(2, 30), None],
        ]
    )
    assert read_table(content) == [
        ["Логин", "Телефон", "Баланс", "Часы"],
        ["снайпер", "77011234567", "1500.5", "26:03:00"],
        ["ghost", "", "10", "2:30:00"],
    ]


@pytest.mark.parametrize("content", [b"", b" \n\n", b";;;\n;;"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(OperationRefused, match="moving_file_empty"):
        read_table(content)


def archive(files: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def with_entity(content: bytes) -> bytes:
    """The workbook with an entity that would grow, or read a file, where it is used."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        files = {name: made.read(name).decode() for name in made.namelist()}
    for name, text in files.items():
        if name.endswith("sheet1.xml"):
            head = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            files[name] = head + text.replace("<v>5</v>", "<v>&e;</v>")
    return archive(files)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 this is no archive",
        archive({"a.txt": "no workbook"}),
        xlsx([["a"]])[:-200],
        with_entity(xlsx([["логин"], [5]])),
        b"\x00\x01\x02\x03",
    ],
)
def test_a_broken_or_hostile_file_is_refused(content: bytes) -> None:
    with pytest.raises(OperationRefused, match="moving_file_unreadable"):
        read_table(content)


def test_what_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert len(read_table(b"a\nb\nc")) == 3
    for content in (b"a\nb\nc\nd", xlsx([["a"], ["b"], ["c"], ["d"]])):
        with pytest.raises(OperationRefused, match="moving_file_too_long"):
            read_table(content)
    monkeypatch.setattr(reading, "LARGEST_FILE_BYTES", 4)
    with pytest.raises(OperationRefused, match="moving_file_too_long"):
        read_table(b"a\nb\nc")


def with_sheet(rows: str, part: str = "sheet1.xml") -> bytes:
    """A workbook whose sheet (or another part) was written by hand."""
    with zipfile.ZipFile(io.BytesIO(xlsx([["a"]]))) as made:
        files = {name: made.read(name).decode() for name in made.namelist()}
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for name in files:
        if name.endswith(part):
            files[name] = f'<x:worksheet xmlns:x="{space}">{rows}</x:worksheet>'
    return archive(files)


@pytest.mark.parametrize(
    "rows",
    [
        "<x:sheetData><x:row>" + "<x:c/>" * 30_000 + "</x:row></x:sheetData>",
        "<x:sheetData>" + '<x:row r="1"/>' * 30_000 + "</x:sheetData>",
        "<x:c/>" * 30_000,
    ],
    ids=["one_row", "the_same_row", "no_row"],
)
def test_cells_without_end_are_refused_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    monkeypatch.setattr(reading, "_MOST_ELEMENTS", 29_000)
    monkeypatch.setattr(reading, "_MOST_ELEMENTS_IN_ROW", 20_000)
    with pytest.raises(OperationRefused, match="moving_file_too_long"):
        read_table(with_sheet(rows))


def test_one_row_may_not_have_all_the_cells() -> None:
    content = with_sheet("<x:sheetData><x:row>" + "<x:c/>" * 30_000 + "</x:row></x:sheetData>")
    with pytest.raises(OperationRefused, match="moving_file_too_long"):
        read_table(content)


def test_a_workbook_damaged_on_its_way_is_refused() -> None:
    """Whatever is damaged in it: unpacking fails in as many ways as parsing."""
    whole = xlsx([["логин", "баланс"], ["снайпер", 15]])
    draw = random.Random(1)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[draw.randrange(4, len(damaged))] = draw.randrange(256)
        with contextlib.suppress(OperationRefused):
            read_table(bytes(damaged))


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LARGEST_UNPACKED_BYTES", 100_000)
    monkeypatch.setattr("openpyxl.load_workbook", None)
    with pytest.raises(OperationRefused, match="moving_file_too_long"):
        read_table(archive({"xl/workbook.xml": "0" * 1_000_000}))


def test_long_cells_and_wide_rows_are_cut() -> None:
    table = read_table((";".join(["a" * 1000] * 60)).encode())
    assert [len(row) for row in table] == [reading.MOST_COLUMNS]
    assert {len(cell) for cell in table[0]} == {reading.LONGEST_CELL}


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        table = read_table(content)
    except OperationRefused:
        return
    assert unpacked(packed(table)) == table
