"""Choosing a program of this PC within the lock: a list of folders and files, and nothing that could change one."""

import sys

from PySide6.QtCore import QDir, QModelIndex, Signal
from PySide6.QtWidgets import QFileSystemModel, QHBoxLayout, QListView, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label

ROWS_HEIGHT = 320


class ProgramChooser(QWidget):
    """Begins where programs are; a file that is chosen is told of, a folder is opened.

    Signals:
        chosen(path): as the system writes it.
        given_up(): back without one.
    """

    chosen = Signal(str)
    given_up = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._model = QFileSystemModel(self)
        self._model.setReadOnly(True)
        self._model.setFilter(QDir.Filter.AllDirs | QDir.Filter.Files | QDir.Filter.NoDotAndDotDot)
        if sys.platform == "win32":
            self._model.setNameFilters(["*.exe"])
            self._model.setNameFilterDisables(False)
        self.place = label("", "small", "programPlace", wrap=True)
        self.up = Button(_("Вверх"), "", "programUp")
        self.back = Button(_("Отмена"), "", "programBack")
        self.list = QListView()
        self.list.setObjectName("programList")
        self.list.setAccessibleName(_("Папки и программы"))
        self.list.setModel(self._model)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setMinimumHeight(look.px(ROWS_HEIGHT))
        head = QHBoxLayout()
        head.setSpacing(look.px(12))
        head.addWidget(self.place, 1)
        head.addWidget(self.up)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(12))
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self.list.activated.connect(self._open)
        self.list.clicked.connect(self._open)
        self.up.clicked.connect(self._go_up)
        self.back.clicked.connect(self.given_up)

    def begin(self, folder: str = "") -> None:
        """Show this folder; without one, all disks."""
        self._model.setRootPath(folder or QDir.rootPath())
        self._show(folder)

    def _show(self, folder: str) -> None:
        self._folder = folder
        self.list.setRootIndex(self._model.index(folder) if folder else QModelIndex())
        self.place.setText(QDir.toNativeSeparators(folder))
        self.up.setEnabled(bool(folder))

    def _open(self, index: QModelIndex) -> None:
        path = self._model.filePath(index)
        if self._model.isDir(index):
            self._show(path)
        else:
            self.chosen.emit(QDir.toNativeSeparators(path))

    def _go_up(self) -> None:
        parent = QDir(self._folder)
        self._show(parent.absolutePath() if parent.cdUp() else "")
