"""Qt's core without what PySide6 does to Python besides, which took a tenth of the time until the lock was up.

It puts an `import` of its own in Python's place, which reads the source of every module that is imported from then on,
and keeps it in memory, to see whether the module may choose other names for Qt's methods (`from __feature__ import …`).
None of ours does: Python's own is put back.

And it carries Python source inside it, which is compiled at each start: a third of that only writes stub files for
editors, and is left empty.
"""

import builtins
from typing import Any

_WRITE_STUBS = ("/pyi_generator.py", "/enum_sig.py")


def load_qt() -> None:
    """Import Qt's core, and leave Python as it was. Nothing imports Qt before this."""
    plain_import, plain_compile = builtins.__import__, builtins.compile

    def compile_what_is_used(source: Any, filename: Any, *arguments: Any) -> Any:
        is_used = not str(filename).endswith(_WRITE_STUBS)
        return plain_compile(source if is_used else "", filename, *arguments)

    builtins.compile = compile_what_is_used  # type: ignore[assignment]
    try:
        import PySide6.QtCore  # noqa: F401, PLC0415 (the one import that must be first)
    finally:
        builtins.__import__, builtins.compile = plain_import, plain_compile
