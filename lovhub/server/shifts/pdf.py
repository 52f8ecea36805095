"""A shift's report as PDF: one narrow page."""

from lovhub.server.shifts.showing import Report
from lovhub.server.web.pdf import FAMILY, document

_NAME = 130


def written(report: Report) -> bytes:
    """The report as a file."""
    pdf = document(report.title, report.head)
    for section in report.sections:
        pdf.ln(3)
        pdf.set_font(FAMILY, "B", 11)
        pdf.cell(pdf.epw, 7, section.title, border="B", new_x="LMARGIN", new_y="NEXT")
        for row in section.lines:
            pdf.set_font(FAMILY, "B" if row.strong else "", 10)
            top = pdf.get_y()
            pdf.multi_cell(_NAME, 6, row.name, new_x="RIGHT", new_y="TOP", align="L")
            pdf.multi_cell(pdf.epw - _NAME, 6, row.value, new_x="LMARGIN", new_y="NEXT", align="R")
            pdf.set_y(max(pdf.get_y(), top + 6))
    return bytes(pdf.output())
