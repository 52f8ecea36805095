"""PDF files: their letters inside, so that they look the same everywhere, Kazakh ones too."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import lovhub.server.web

if TYPE_CHECKING:
    from fpdf import FPDF

MIME_TYPE = "application/pdf"
FAMILY = "DejaVu"
_FONTS = Path(lovhub.server.web.__file__).parent / "static" / "vendor"
_LINE = 5.5
_ROW = 6.0
_FIRST_COLUMNS = 1.6
"""A column of words is so much wider than one of figures."""


def document(title: str, head: Sequence[str], *, landscape: bool = False) -> "FPDF":
    """A page that begins with a title and some lines."""
    from fpdf import FPDF  # noqa: PLC0415 (a tenth of the time until the server answers, for a file now and then)

    pdf = FPDF(orientation="landscape" if landscape else "portrait", format="A4")
    pdf.set_title(title)
    pdf.set_creator("LoVHub")
    pdf.add_font(FAMILY, "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font(FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    pdf.set_font(FAMILY, "B", 16)
    pdf.cell(pdf.epw, 10, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "", 10)
    for line in head:
        pdf.multi_cell(pdf.epw, _LINE, line, new_x="LMARGIN", new_y="NEXT")
    return pdf


def table(
    pdf: "FPDF",
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: int,
    total: Sequence[str] = (),
) -> None:
    """Add a table; the first `words` columns hold words, the others figures. Its head stands on every page."""
    unit = pdf.epw / (words * _FIRST_COLUMNS + len(headings) - words)
    widths = [unit * (_FIRST_COLUMNS if number < words else 1) for number in range(len(headings))]

    def line(cells: Sequence[str], style: str, border: str = "") -> None:
        pdf.set_font(FAMILY, style, 8)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            fitting = _fitting(pdf, cell, width - 2)
            pdf.cell(width, _ROW, fitting, border=border, align="L" if number < words else "R")
        pdf.ln(_ROW)

    pdf.ln(3)
    pdf.set_font(FAMILY, "B", 11)
    pdf.cell(pdf.epw, 7, title, new_x="LMARGIN", new_y="NEXT")
    line(headings, "B", "B")
    for row in rows:
        if pdf.will_page_break(_ROW):
            pdf.add_page()
            line(headings, "B", "B")
        line(row, "")
    if total:
        line(total, "B", "T")


def _fitting(pdf: "FPDF", text: str, width: float) -> str:
    """As much of the text as there is room for."""
    if pdf.get_string_width(text) <= width:
        return text
    while text and pdf.get_string_width(text + "…") > width:
        text = text[:-1]
    return text + "…"
