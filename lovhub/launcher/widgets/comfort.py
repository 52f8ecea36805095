"""«Звук и язык»: the volume of the PC, the keyboard layout and the language, without leaving our window."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from lovhub.launcher.platform.desktop import LAYOUTS
from lovhub.launcher.texts import LANGUAGES, _, language
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, label

REMEMBER_MILLISECONDS = 700
"""A slider that has stood still for so long says what was meant."""

STEP = 5
LAYOUT_NAMES = {"RU": "Русская", "KK": "Қазақша", "EN": "English"}


class ComfortSheet(QWidget):
    """The button and the sheet behind it. `behind` is what that covers.

    Signals:
        opened(): tell me how it is now, by `show_now`.
        volume_moved(percent): while it moves; volume_chosen(percent): once it stands.
        layout_chosen(layout), language_chosen(language).
    """

    opened = Signal()
    volume_moved = Signal(int)
    volume_chosen = Signal(int)
    layout_chosen = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self.button = Button(_("Звук и язык"), "", "comfort")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.sheet = Sheet(behind, look, 620)
        self.sheet.setObjectName("comfortSheet")
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setObjectName("volume")
        self.volume.setAccessibleName(_("Громкость"))
        self.volume.setRange(0, 100)
        self.volume.setSingleStep(STEP)
        self.volume.setPageStep(2 * STEP)
        self.percent = label("", "figure", "volumePercent")
        self.no_sound = label(_("Громкость этого ПК отсюда не меняется."), "small", "noSound")
        self.layouts = {name: _choice(LAYOUT_NAMES[name], f"layout{name}") for name in LAYOUTS}
        self.languages = {name: _choice(LANGUAGES[name], f"language-{name}") for name in LANGUAGES}
        self.close_button = Button(_("Готово"), "primary", "comfortClose")
        self._still = QTimer(self, singleShot=True, interval=REMEMBER_MILLISECONDS)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        px = self._look.px
        self.percent.setFixedWidth(px(90))
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        loud = QHBoxLayout()
        loud.setSpacing(px(16))
        loud.addWidget(self.volume, 1)
        loud.addWidget(self.percent)
        body = self.sheet.body
        body.addWidget(label(_("Звук и язык"), "title"))
        body.addWidget(label(_("Громкость"), "field"))
        body.addLayout(loud)
        body.addWidget(self.no_sound)
        self._layout_caption = label(_("Раскладка клавиатуры"), "field")
        body.addWidget(self._layout_caption)
        body.addLayout(_row(px(12), self.layouts))
        body.addWidget(label(_("Язык окон LoVHub"), "field"))
        body.addLayout(_row(px(12), self.languages))
        text = _("Запомним это для вас на всех ПК клуба. Этот ПК после вас станет прежним.")
        self.kept = label(text, "small", "comfortKept", wrap=True)
        body.addWidget(self.kept)
        body.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)

    def _connect(self) -> None:
        self.button.clicked.connect(self.open)
        self.close_button.clicked.connect(self.close_question)
        self.volume.valueChanged.connect(self._moved)
        self._still.timeout.connect(lambda: self.volume_chosen.emit(self.volume.value()))
        for name, button in self.layouts.items():
            button.clicked.connect(lambda _checked=False, name=name: self._choose_layout(name))
        for name, button in self.languages.items():
            button.clicked.connect(lambda _checked=False, name=name: self._choose_language(name))

    # --- what is shown --------------------------------------------------------------------------

    def show_now(self, *, level: int | None, layout: str, layouts: tuple[str, ...]) -> None:
        """How the PC is set. `level` None: not to be known."""
        self.volume.blockSignals(True)
        self.volume.setValue(level or 0)
        self.volume.blockSignals(False)
        self.percent.setText("" if level is None else f"{level} %")
        self.volume.setEnabled(level is not None)
        self.no_sound.setVisible(level is None)
        for name, button in self.layouts.items():
            button.setVisible(name in layouts)
            button.setChecked(name == layout)
        self._layout_caption.setVisible(bool(layouts))
        for name, button in self.languages.items():
            button.setChecked(name == language())

    def show_kept(self, *, kept: bool) -> None:
        """Whether the server remembers it for whoever plays."""
        self.kept.setVisible(kept)

    def open(self) -> None:
        """Show how it is, ready to be changed."""
        self.opened.emit()
        self.sheet.present(self.volume if self.volume.isEnabled() else self.close_button)

    def close_question(self) -> None:
        """Take it away; what was set stays set."""
        if self._still.isActive():
            self._still.stop()
            self.volume_chosen.emit(self.volume.value())
        self.sheet.dismiss()

    # --- inside ---------------------------------------------------------------------------------

    def _moved(self, percent: int) -> None:
        self.percent.setText(f"{percent} %")
        self.volume_moved.emit(percent)
        self._still.start()

    def _choose_layout(self, layout: str) -> None:
        for name, button in self.layouts.items():
            button.setChecked(name == layout)
        self.layout_chosen.emit(layout)

    def _choose_language(self, chosen: str) -> None:
        for name, button in self.languages.items():
            button.setChecked(name == chosen)
        if chosen != language():
            self.language_chosen.emit(chosen)


def _choice(text: str, name: str) -> Button:
    button = Button(text, "choice", name)
    button.setCheckable(True)
    return button


def _row(gap: int, buttons: dict[str, Button]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(gap)
    for button in buttons.values():
        row.addWidget(button)
    row.addStretch()
    return row
