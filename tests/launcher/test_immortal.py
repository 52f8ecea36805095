import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from lovhub.launcher.immortal import FIRST_VERSION_WITH_IMMORTAL_NONE

MORE_THAN_A_PROCESS_HAS = 100_000


@pytest.mark.usefixtures("qapp")
def test_none_survives_more_calls_into_qt_than_it_has_references(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    for _ in range(MORE_THAN_A_PROCESS_HAS):
        label.setText("")
    if sys.version_info < FIRST_VERSION_WITH_IMMORTAL_NONE:
        assert sys.getrefcount(None) > MORE_THAN_A_PROCESS_HAS
