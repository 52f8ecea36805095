"""Python's own `import` back in its place after PySide6 has put another there.

PySide6's reads the source of every module that is imported from then on, and keeps it in memory, to see whether the
module may choose other names for Qt's methods (`from __feature__ import …`). None of ours does, and it took ten
milliseconds of a start.
"""

import builtins


def load_qt() -> None:
    """Import Qt's core, and leave importing as it was. Nothing imports Qt before this."""
    plain_import = builtins.__import__
    try:
        import PySide6.QtCore  # noqa: F401, PLC0415 (the one import that must be first)
    finally:
        builtins.__import__ = plain_import
