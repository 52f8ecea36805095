"""Games and programs as a grid of tiles that takes the mouse and the keyboard alike."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look, tile_colors
from lovhub.protocol.views import ApplicationView

Index = QModelIndex | QPersistentModelIndex
APPLICATION_ROLE = Qt.ItemDataRole.UserRole
RUNNING_ROLE = Qt.ItemDataRole.UserRole + 1
TILE_WIDTH, TILE_HEIGHT, GAP = 208, 190, 18


def initials(title: str) -> str:
    """One or two letters that stand for a program without a picture: `Counter-Strike 2` → `CS`."""
    words = [
        word for word in title.replace("-", " ").replace(":", " ").split() if word[0].isalnum()
    ]
    match words:
        case [first, second, *_rest]:
            return (first[0] + second[0]).upper()
        case [only]:
            return only[:2].capitalize()
    return title[:1].upper()


class ApplicationModel(QAbstractListModel):
    """Those of the applications offered here that are of the chosen kind and match the search."""

    def __init__(self) -> None:
        super().__init__()
        self._applications: tuple[ApplicationView, ...] = ()
        self._shown: list[ApplicationView] = []
        self._running: frozenset[int] = frozenset()
        self._kind = "game"
        self._wanted = ""

    def show(self, applications: tuple[ApplicationView, ...], running_ids: tuple[int, ...]) -> None:
        """Take over what the agent sent, disturbing the view no more than needed."""
        self._applications = applications
        self._update()
        if self._running != frozenset(running_ids):
            self._running = frozenset(running_ids)
            if self._shown:
                self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def choose(self, kind: str, wanted: str) -> None:
        """Show this kind (`game` or `program`), and of it what has `wanted` in its title."""
        self._kind, self._wanted = kind, _folded(wanted)
        self._update()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        application = self._shown[index.row()]
        running = application.application_id in self._running
        if role == Qt.ItemDataRole.DisplayRole:
            return application.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{application.title}, {_('запущено')}" if running else application.title
        if role == APPLICATION_ROLE:
            return application
        if role == RUNNING_ROLE:
            return running
        return None

    def _update(self) -> None:
        shown = [
            application
            for application in self._applications
            if application.kind == self._kind and self._wanted in _folded(application.title)
        ]
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()


def _folded(text: str) -> str:
    return text.strip().casefold().replace("ё", "е")


class TileDelegate(QStyledItemDelegate):
    """Paints a tile: initials on colour, the title under it, a mark on what is running."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 (Qt's signature)
        return QSize(self._look.px(TILE_WIDTH), self._look.px(TILE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, px = self._look, self._look.px
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        title = str(index.data())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = QRectF(rect).adjusted(px(GAP) / 2, px(GAP) / 2, -px(GAP) / 2, -px(GAP) / 2)
        card = QPainterPath()
        card.addRoundedRect(tile, px(14), px(14))
        painter.fillPath(card, look.color("raised" if hovered or focused else "surface"))
        painter.setClipPath(card)
        picture = QRectF(tile.left(), tile.top(), tile.width(), tile.height() - px(50))
        self._paint_picture(painter, picture, title)
        painter.setClipping(False)
        if index.data(RUNNING_ROLE):
            self._paint_running(painter, tile)
        painter.setPen(QPen(look.color("accent" if focused else "line"), px(3) if focused else 1))
        painter.drawPath(card)
        painter.setPen(look.color("text"))
        painter.setFont(look.font(17, QFont.Weight.DemiBold))
        line = QRectF(tile.left() + px(14), picture.bottom(), tile.width() - px(28), px(50))
        text = painter.fontMetrics().elidedText(
            title, Qt.TextElideMode.ElideRight, int(line.width())
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRectF, title: str) -> None:
        top, bottom = tile_colors(title)
        gradient = QLinearGradient(place.topLeft(), place.bottomRight())
        gradient.setColorAt(0, top)
        gradient.setColorAt(1, bottom)
        painter.fillRect(place, gradient)
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(self._look.font(52, QFont.Weight.Bold))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, initials(title))

    def _paint_running(self, painter: QPainter, tile: QRectF) -> None:
        look, px = self._look, self._look.px
        painter.setFont(look.font(14, QFont.Weight.Bold))
        text = _("Запущено")
        width = painter.fontMetrics().horizontalAdvance(text) + px(20)
        badge = QRectF(tile.right() - width - px(10), tile.top() + px(10), width, px(26))
        shape = QPainterPath()
        shape.addRoundedRect(badge, px(13), px(13))
        painter.fillPath(shape, look.color("accent"))
        painter.setPen(look.color("on_accent"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


class TileView(QListView):
    """The grid.

    Signals:
        launch_wanted(application_id): double click or Enter.
    """

    launch_wanted = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("tiles")
        self.setAccessibleName(_("Игры и приложения"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(TileDelegate(look, self))
        self.doubleClicked.connect(self._launch)

    def focus_first(self) -> None:
        """The focus on the first tile."""
        self.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.model().index(0, 0))

    def chosen_application_id(self) -> int | None:
        """The application whose tile is chosen."""
        index = self.currentIndex()
        return index.data(APPLICATION_ROLE).application_id if index.isValid() else None

    def choose(self, application_id: int | None) -> None:
        """Choose the tile of this application, or the first one if it is not there."""
        model = self.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            if index.data(APPLICATION_ROLE).application_id == application_id:
                self.setCurrentIndex(index)
                return
        self.setCurrentIndex(model.index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._launch(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _launch(self, index: Index) -> None:
        if index.isValid():
            self.launch_wanted.emit(index.data(APPLICATION_ROLE).application_id)
