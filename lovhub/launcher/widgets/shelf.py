"""Games and programs: tabs, search and tiles. What the player started last comes first; a star keeps one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label
from lovhub.launcher.widgets.tiles import FAVOURITES, ApplicationModel, TileView
from lovhub.protocol.local import State


class SearchField(QLineEdit):
    """Arrow down goes to what was found, Escape gives the search up.

    Signals:
        left: the keyboard belongs to the tiles again.
    """

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Shelf(QWidget):
    """All that may be started here.

    Signals:
        launch_wanted(application_id), star_wanted(application_id, is_favourite).
    """

    launch_wanted = Signal(int)
    star_wanted = Signal(int, bool)

    def __init__(self, look: Look, *beside: QWidget) -> None:
        """`beside`: what stands in one row with tabs and search."""
        super().__init__()
        px = look.px
        self._kind = "game"
        self.games_tab = Button(_("Игры"), "tab", "gamesTab")
        self.programs_tab = Button(_("Приложения"), "tab", "programsTab")
        self.favourites_tab = Button(_("Избранное"), "tab", "favouritesTab")
        self._tabs = {
            "game": self.games_tab,
            "program": self.programs_tab,
            FAVOURITES: self.favourites_tab,
        }
        self.search = SearchField()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(_("Поиск"))
        self.search.setAccessibleName(_("Поиск"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(px(150))
        self.search.setMaximumWidth(px(260))
        self.model = ApplicationModel()
        self.tiles = TileView(look)
        self.tiles.setModel(self.model)
        self._empty = label("", "subtitle", "noTiles", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        group = QButtonGroup(self)
        bar = QHBoxLayout()
        bar.setSpacing(px(24))
        for tab in self._tabs.values():
            tab.setCheckable(True)
            group.addButton(tab)
            bar.addWidget(tab)
        self.games_tab.setChecked(True)
        self.favourites_tab.hide()
        bar.addStretch()
        for widget in beside:
            bar.addWidget(widget)
        bar.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(16))
        column.addLayout(bar)
        column.addWidget(self._empty)
        column.addWidget(self.tiles, 1)
        self._connect()

    def _connect(self) -> None:
        for kind, tab in self._tabs.items():
            tab.clicked.connect(lambda _checked=False, kind=kind: self.choose(kind))
        self.search.textChanged.connect(self._refilter)
        self.search.returnPressed.connect(self.tiles.focus_first)
        self.search.left.connect(self.tiles.focus_first)
        self.tiles.launch_wanted.connect(self.launch_wanted)
        self.tiles.star_wanted.connect(self.star_wanted)
        self.tiles.typed.connect(self._typed)

    def show_state(self, state: State) -> None:
        """What may be started here, in the order of whoever plays."""
        chosen = self.tiles.chosen_application_id()
        habits = state.customer.habits if state.customer is not None else None
        self.model.show(state.applications, state.running_application_ids, habits)
        self.tiles.takes_stars = habits is not None
        self.favourites_tab.setVisible(habits is not None)
        if habits is None and self._kind == FAVOURITES:
            self.choose("game")
        self._refilter()
        self.tiles.choose(chosen)

    def start_afresh(self) -> None:
        """All games, nothing searched for, the first one chosen."""
        self.search.clear()
        self.choose("game")
        self.tiles.setCurrentIndex(self.model.index(0, 0))
        self.tiles.focus_first()

    def choose(self, kind: str) -> None:
        """Turn to this tab."""
        self._kind = kind
        self._tabs[kind].setChecked(True)
        self._refilter()

    def _typed(self, text: str) -> None:
        """Whoever types over the tiles searches."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.setText(self.search.text() + text)

    def _refilter(self) -> None:
        self.model.choose(self._kind, self.search.text())
        nothing = self.model.rowCount() == 0
        if self.search.text():
            text = _("Ничего не нашлось.")
        elif self._kind == FAVOURITES:
            text = _(
                "Здесь будут ваши игры. Нажмите звёздочку в углу игры или Ctrl+D, когда она выбрана."
            )
        else:
            text = _("Здесь пока ничего нет.")
        self._empty.setText(text)
        self._empty.setVisible(nothing)
        self.tiles.setVisible(not nothing)
