"""A bare PySide6 window over the whole screen: what Qt alone costs.

python -m bench.baseline.window [tick]    with `tick` its text is another every second
"""

import itertools
import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel

COLOR = "#2a6f4e"
TICK_MILLISECONDS = 1000


def main(ticks: bool) -> int:  # noqa: FBT001 (the one word of the command line)
    """Show it until the process is ended."""
    application = QApplication([])
    label = QLabel("LoVHub")
    label.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    label.setStyleSheet(f"background: {COLOR}")
    label.setGeometry(application.primaryScreen().geometry())
    label.showFullScreen()
    if ticks:
        numbers = itertools.count()
        timer = QTimer(label, interval=TICK_MILLISECONDS)
        timer.timeout.connect(lambda: label.setText(str(next(numbers))))
        timer.start()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main("tick" in sys.argv[1:]))
