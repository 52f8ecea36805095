"""A report as PDF: one narrow page, its letters inside, so that it looks the same everywhere."""

from pathlib import Path

import lovhub.server.web
from lovhub.server.shifts.showing import Report

_FONTS = Path(lovhub.server.web.__file__).parent / "static" / "vendor"
_FAMILY = "DejaVu"
_WIDTH = 190
_NAME = 130


def written(report: Report) -> bytes:
    """The report as a file."""
    from fpdf import FPDF  # noqa: PLC0415 (a tenth of the time until the server answers, for a file now and then)

    pdf = FPDF(format="A4")
    pdf.set_title(report.title)
    pdf.set_creator("LoVHub")
    pdf.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    pdf.set_font(_FAMILY, "B", 16)
    pdf.cell(_WIDTH, 10, report.title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FAMILY, "", 10)
    for line in report.head:
        pdf.multi_cell(_WIDTH, 5.5, line, new_x="LMARGIN", new_y="NEXT")
    for section in report.sections:
        pdf.ln(3)
        pdf.set_font(_FAMILY, "B", 11)
        pdf.cell(_WIDTH, 7, section.title, border="B", new_x="LMARGIN", new_y="NEXT")
        for row in section.lines:
            pdf.set_font(_FAMILY, "B" if row.strong else "", 10)
            top = pdf.get_y()
            pdf.multi_cell(_NAME, 6, row.name, new_x="RIGHT", new_y="TOP", align="L")
            pdf.multi_cell(_WIDTH - _NAME, 6, row.value, new_x="LMARGIN", new_y="NEXT", align="R")
            pdf.set_y(max(pdf.get_y(), top + 6))
    return bytes(pdf.output())
