"""Keeps None alive on Python 3.11, where it can die.

From Python 3.12 None is immortal, and C code built against its headers returns it without counting
the reference. PySide6 6.12 is built so and yet installs on 3.11: there every call into Qt without a
result takes one reference from None, and after a minute of use the interpreter ends with
«none_dealloc: deallocating None». Seen with PySide6 6.12.0 on CPython 3.11.7.
"""

import ctypes
import sys

FIRST_VERSION_WITH_IMMORTAL_NONE = (3, 12)
PLENTY = 1 << 40
"""So many references that a million lost ones a second are nothing for twelve days."""


def keep_none_alive() -> None:
    """Give None more references than a program can lose. Called once, before Qt is used."""
    if sys.version_info < FIRST_VERSION_WITH_IMMORTAL_NONE:
        # The count is the first field of every object, and id() is the object's address.
        ctypes.c_ssize_t.from_address(id(None)).value += PLENTY
