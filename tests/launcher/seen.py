"""What a test finds in a window."""

from PySide6.QtWidgets import QWidget

NBSP = "\N{NO-BREAK SPACE}"


def child(parent: QWidget, name: str) -> QWidget:
    found = parent.findChild(QWidget, name)
    assert found is not None, name
    return found
