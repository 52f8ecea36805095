"""How the launcher looks: two palettes with one accent colour, and one scale for 720p to 4K.

Sizes everywhere are written for a screen 1080 pixels high and go through `Look.px`.
"""

import colorsys
import zlib

import msgspec
from PySide6.QtGui import QColor, QFont, QGuiApplication
from PySide6.QtWidgets import QApplication

DESIGN_HEIGHT = 1080
SMALLEST_SCALE = 0.8
LARGEST_SCALE = 2.5
FONT_FAMILIES = [
    "Inter",
    "Segoe UI Variable Display",
    "Segoe UI",
    "Noto Sans",
    "Ubuntu",
    "DejaVu Sans",
]
ARGUMENTS = ("-style", "Fusion")
"""Of the QApplication. Told by `setStyle` the same takes 4 ms more: Python then learns all that a style of Qt knows."""


class Palette(msgspec.Struct, frozen=True):
    """The colours of one theme, by what they are for."""

    background: str
    background_shape: str
    background_line: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    danger: str
    warning: str
    shade: str


DARK = Palette(
    background="#0C0F14",
    background_shape="#10151B",
    background_line="#222C1B",
    surface="#151A22",
    raised="#1E2530",
    line="#2D3644",
    text="#F3F6FA",
    muted="#9CA8BA",
    accent="#B4F03E",
    accent_hover="#C6F76A",
    on_accent="#10160A",
    danger="#FF7B7B",
    warning="#FFC857",
    shade="rgba(5, 7, 10, 200)",
)
LIGHT = Palette(
    background="#EEF1F5",
    background_shape="#E6EBF1",
    background_line="#C9DDB2",
    surface="#FFFFFF",
    raised="#F4F6F9",
    line="#CBD3DE",
    text="#12171F",
    muted="#566275",
    accent="#3E7A0C",
    accent_hover="#346609",
    on_accent="#FFFFFF",
    danger="#B3261E",
    warning="#8A5600",
    shade="rgba(30, 38, 50, 150)",
)
PALETTES = {"dark": DARK, "light": LIGHT}


class Look(msgspec.Struct, frozen=True):
    """A palette at a scale."""

    palette: Palette
    scale: float

    def px(self, size: float) -> int:
        """Pixels on this screen for a size designed at 1080 lines."""
        return max(1, round(size * self.scale))

    def font(self, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The launcher's font at a designed size in pixels."""
        font = QFont()
        font.setFamilies(FONT_FAMILIES)
        font.setPixelSize(self.px(size))
        font.setWeight(weight)
        return font

    def color(self, name: str) -> QColor:
        """A colour of the palette for painting."""
        return QColor(getattr(self.palette, name))


def scale_for_height(height: int) -> float:
    """The scale for a screen this many logical pixels high."""
    return min(max(height / DESIGN_HEIGHT, SMALLEST_SCALE), LARGEST_SCALE)


def look_for_screen(theme: str) -> Look:
    """The look for the primary screen; `theme` is a key of PALETTES."""
    screen = QGuiApplication.primaryScreen()
    return Look(PALETTES[theme], scale_for_height(screen.geometry().height()))


def dress(application: QApplication, look: Look) -> None:
    """Give every window of the application this look. It was made with `ARGUMENTS`."""
    application.setFont(look.font(18))
    application.setStyleSheet(stylesheet(look))


def tile_colors(title: str) -> tuple[QColor, QColor]:
    """Two colours for the tile of a program without a picture: the same for the same title."""
    hue = (zlib.crc32(title.casefold().encode()) % 360) / 360
    red, green, blue = colorsys.hls_to_rgb(hue, 0.42, 0.5)
    top = QColor.fromRgbF(red, green, blue)
    red, green, blue = colorsys.hls_to_rgb((hue + 0.08) % 1, 0.24, 0.55)
    return top, QColor.fromRgbF(red, green, blue)


def stylesheet(look: Look) -> str:
    """The style sheet of the application. Widgets choose their style by the property `role`."""
    c, px = look.palette, look.px
    return f"""
* {{ color: {c.text}; outline: none; }}
QLabel {{ background: transparent; }}
#mainWindow, #maintenanceBar {{ background: {c.background}; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="small"] {{ color: {c.muted}; font-size: {px(16)}px; }}
QLabel[role="title"] {{ font-size: {px(32)}px; font-weight: 700; }}
QLabel[role="subtitle"] {{ font-size: {px(19)}px; color: {c.muted}; }}
QLabel[role="field"] {{ font-size: {px(16)}px; color: {c.muted}; font-weight: 600; }}
QLabel[role="hero"] {{ font-size: {px(116)}px; font-weight: 800; }}
QLabel[role="longName"] {{ font-size: {px(60)}px; font-weight: 800; }}
QLabel[role="brand"] {{ font-size: {px(28)}px; font-weight: 700; }}
QLabel[role="clock"] {{ font-size: {px(40)}px; font-weight: 600; }}
QLabel[role="code"] {{ font-size: {px(92)}px; font-weight: 800; color: {c.accent}; }}
QLabel[role="amount"] {{ font-size: {px(44)}px; font-weight: 800; }}
QLabel[role="timer"] {{ font-size: {px(56)}px; font-weight: 800; color: {c.accent}; }}
QLabel[role="timer"][urgent="true"] {{ color: {c.danger}; }}
QLabel[role="floating"] {{ font-size: {px(24)}px; font-weight: 700; color: {c.accent}; }}
QLabel[role="floating"][urgent="true"] {{ color: {c.danger}; }}
QLabel[role="figure"] {{ font-size: {px(26)}px; font-weight: 700; }}
QLabel[role="figure"][urgent="true"] {{ color: {c.danger}; }}
QLabel[role="sum"] {{ font-size: {px(19)}px; font-weight: 700; }}
QLabel[role="error"] {{ color: {c.danger}; font-size: {px(17)}px; }}
QLabel[role="warning"] {{ color: {c.warning}; font-size: {px(17)}px; font-weight: 600; }}
QLabel[role="banner"] {{ color: {c.warning}; background: {c.raised}; border-radius: {px(10)}px;
    padding: {px(10)}px {px(18)}px; font-size: {px(18)}px; }}
QLabel[role="badge"] {{ background: {c.raised}; border: 1px solid {c.line};
    border-radius: {px(8)}px;
    padding: {px(4)}px {px(12)}px; font-size: {px(16)}px; font-weight: 600; color: {c.muted}; }}
QFrame[role="card"], QFrame[role="sheetCard"] {{ background: {c.surface};
    border: 1px solid {c.line};
    border-radius: {px(18)}px; }}
QFrame[role="header"] {{ background: {c.surface}; border: none;
    border-bottom: 1px solid {c.line}; }}
QFrame[role="footer"] {{ background: {c.surface}; border: none;
    border-top: 1px solid {c.line}; }}
QFrame[role="sheet"] {{ background: {c.shade}; border: none; }}
QFrame[role="rule"] {{ background: {c.line}; border: none; }}
QLineEdit {{ background: {c.raised}; border: {px(2)}px solid {c.line}; border-radius: {px(10)}px;
    padding: {px(11)}px {px(16)}px; font-size: {px(21)}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QLineEdit:focus {{ border-color: {c.accent}; }}
QLineEdit[wrong="true"] {{ border-color: {c.danger}; }}
QLineEdit:disabled {{ color: {c.muted}; }}
QPushButton {{ background: {c.raised}; border: {px(2)}px solid {c.line}; border-radius: {px(10)}px;
    padding: {px(11)}px {px(24)}px; font-size: {px(19)}px; font-weight: 600; }}
QPushButton:hover {{ border-color: {c.muted}; }}
QPushButton:focus {{ border-color: {c.accent}; }}
QPushButton:disabled {{ color: {c.muted}; }}
QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent};
    border-color: {c.accent};
    font-weight: 700; }}
QPushButton[role="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[role="primary"]:focus {{ border-color: {c.text}; }}
QPushButton[role="primary"]:disabled {{ background: {c.raised}; color: {c.muted};
    border-color: {c.line}; }}
QPushButton[role="choice"]:checked {{ border-color: {c.accent}; color: {c.accent}; }}
QPushButton[role="danger"] {{ color: {c.danger}; }}
QPushButton[role="badge"] {{ border-width: 1px; border-radius: {px(8)}px; color: {c.muted};
    padding: {px(4)}px {px(12)}px; font-size: {px(16)}px; }}
QPushButton[role="key"] {{ padding: 0 {px(8)}px; font-size: {px(20)}px; }}
QPushButton[role="tab"] {{ background: transparent; border: none; border-radius: 0;
    border-bottom: {px(3)}px solid transparent; padding: {px(8)}px {px(4)}px; color: {c.muted}; }}
QPushButton[role="tab"]:hover {{ color: {c.text}; }}
QPushButton[role="tab"]:checked {{ color: {c.text}; border-bottom-color: {c.accent}; }}
QPushButton[role="tab"]:focus {{ color: {c.accent}; }}
QPushButton[role="eye"] {{ background: transparent; border: {px(2)}px solid transparent;
    padding: {px(6)}px; border-radius: {px(8)}px; }}
QPushButton[role="eye"]:focus {{ border-color: {c.accent}; }}
QPushButton[role="tariff"] {{ background: {c.surface}; border-radius: {px(16)}px;
    text-align: left; padding: 0; }}
QPushButton[role="tariff"]:hover {{ background: {c.raised}; }}
QPushButton[role="tariff"][affordable="false"] {{ background: transparent; border-style: dashed; }}
QSlider {{ background: transparent; min-height: {px(34)}px; }}
QSlider::groove:horizontal {{ background: {c.line}; height: {px(8)}px; border-radius: {px(4)}px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: {px(4)}px; }}
QSlider::handle:horizontal {{ background: {c.text}; width: {px(24)}px; margin: {-px(8)}px 0;
    border: {px(2)}px solid {c.text}; border-radius: {px(11)}px; }}
QSlider::handle:horizontal:focus {{ border-color: {c.accent}; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{
    background: {c.line}; border-color: {c.line}; }}
QListView {{ background: transparent; border: none; }}
#programList {{ background: {c.raised}; border: {px(2)}px solid {c.line}; font-size: {px(19)}px; }}
#programList::item {{ padding: {px(6)}px; }}
#programList::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {px(10)}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {c.line}; border-radius: {px(5)}px;
    min-height: {px(40)}px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ height: 0;
    background: transparent; }}
QLabel[role="toastTitle"] {{ font-size: {px(22)}px; font-weight: 700; }}
#toast {{ background: {c.surface}; border: 1px solid {c.line};
    border-left: {px(8)}px solid {c.accent}; }}
#toast[urgent="true"] {{ border-left-color: {c.danger}; }}
"""
