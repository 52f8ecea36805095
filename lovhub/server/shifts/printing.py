"""A report on the receipt printer: plain text in ESC/POS, sent over the network (port 9100) or to a device file.

Our own few lines and not a library: what a report needs is a code page, bold, and a cut. Printers differ in the number
of a code page, which is why the owner chooses between the two that are common here.
"""

import os
import socket
import stat
import unicodedata
from pathlib import Path

from lovhub.server.club.models import Club
from lovhub.server.club.rules import is_device, network_printer
from lovhub.server.errors import OperationRefused
from lovhub.server.shifts.showing import Report

CHARSETS = {"cp866": ("cp866", 17), "cp1251": ("cp1251", 46)}
"""Choice → Python's name of it, and its number in ESC t, as on Epson and what copies it."""

PATIENCE_SECONDS = 5

_RESET, _BOLD_ON, _BOLD_OFF, _DOUBLE, _PLAIN = (
    b"\x1b@",
    b"\x1bE\x01",
    b"\x1bE\x00",
    b"\x1d!\x11",
    b"\x1d!\x00",
)
_CUT = b"\n\n\n\x1dVB\x00"
_INSTEAD = str.maketrans(
    {
        "₸": "тг", "−": "-", "—": "-", "–": "-", "×": "x", "«": '"', "»": '"', "\N{NO-BREAK SPACE}": " ",
        "ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "і": "и",
        "Ә": "А", "Ғ": "Г", "Қ": "К", "Ң": "Н", "Ө": "О", "Ұ": "У", "Ү": "У", "Һ": "Х", "І": "И",
    }
)  # fmt: skip
"""What neither code page has, in letters that it has."""


def commands(report: Report, *, charset: str, width: int) -> bytes:
    """What the printer is sent."""
    codec, number = CHARSETS[charset]

    def text(line: str) -> bytes:
        plain = unicodedata.normalize("NFC", line).translate(_INSTEAD)
        # A name may hold anything: a control character would be a command.
        clean = "".join(letter for letter in plain if letter.isprintable())
        return clean.encode(codec, "replace") + b"\n"

    parts = [_RESET, b"\x1bt" + bytes([number]), _DOUBLE, text(report.title), _PLAIN]
    parts += [text(piece) for line in report.head for piece in _folded(line, width)]
    for section in report.sections:
        parts += [text("-" * width), _BOLD_ON, text(section.title), _BOLD_OFF]
        for row in section.lines:
            parts += [_BOLD_ON] if row.strong else []
            parts += [text(piece) for piece in _columns(row.name, row.value, width)]
            parts += [_BOLD_OFF] if row.strong else []
    return b"".join([*parts, _CUT])


def on_paper(report: Report, club: Club) -> None:
    """Print on the club's printer. Refused as `send` is."""
    data = commands(report, charset=club.printer_charset, width=club.printer_width)
    send(club.printer_address, data)


def send(address: str, data: bytes) -> None:
    """Print. Raises OperationRefused: `printer_not_set`, `printer_silent`."""
    if not address:
        raise OperationRefused("printer_not_set")
    try:
        if is_device(address):
            _to_device(address, data)
        else:
            found = network_printer(address)
            if found is None:
                raise OperationRefused("printer_address_malformed")
            with socket.create_connection(found, timeout=PATIENCE_SECONDS) as printer:
                printer.sendall(data)
                printer.shutdown(socket.SHUT_WR)
    except OSError as error:
        raise OperationRefused("printer_silent") from error


def _to_device(address: str, data: bytes) -> None:
    """Only to a device: an ordinary file of that name would be written over."""
    if address.startswith("/dev/") and not stat.S_ISCHR(Path(address).stat().st_mode):
        raise OSError("not a device")
    # Not to hang for ever on a printer without paper.
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    device = os.open(address, flags)
    try:
        while data:
            data = data[os.write(device, data) :]
    finally:
        os.close(device)


def _folded(line: str, width: int) -> list[str]:
    return [line[start : start + width] for start in range(0, len(line), width)] or [""]


def _columns(name: str, value: str, width: int) -> list[str]:
    """The name on the left, the value on the right; on lines of their own if they do not fit."""
    value = value.translate(_INSTEAD)
    name = name.translate(_INSTEAD)
    room = width - len(value) - 1
    if room < 8:
        return [*_folded(name, width), *(piece.rjust(width) for piece in _folded(value, width))]
    *before, last = _folded(name, room)
    return [*before, last.ljust(width - len(value)) + value]
