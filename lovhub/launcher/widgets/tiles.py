"""Games and programs as a grid of tiles that takes the mouse and the keyboard alike."""

import math

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look, tile_colors
from lovhub.protocol.views import ApplicationView, HabitsView

Index = QModelIndex | QPersistentModelIndex
APPLICATION_ROLE = Qt.ItemDataRole.UserRole
RUNNING_ROLE = Qt.ItemDataRole.UserRole + 1
FAVOURITE_ROLE = Qt.ItemDataRole.UserRole + 2
FAVOURITES = "favourite"
"""The kind of tab that shows what has a star, whatever it is."""

STAR_SIDE, STAR_POINTS, STAR_WAIST = 38, 5, 0.45
STAR_COLOR, STAR_EDGE = "#FFC857", "#3A2A00"
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
        self._favourites: frozenset[int] = frozenset()
        self._kind = "game"
        self._wanted = ""

    def show(
        self,
        applications: tuple[ApplicationView, ...],
        running_ids: tuple[int, ...],
        habits: HabitsView | None = None,
    ) -> None:
        """Take over what the agent sent, disturbing the view no more than needed."""
        habits = habits or HabitsView()
        marks = (frozenset(running_ids), frozenset(habits.favourite_ids))
        changed = marks != (self._running, self._favourites)
        self._running, self._favourites = marks
        self._applications = in_order(applications, habits)
        self._update()
        if changed and self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def choose(self, kind: str, wanted: str) -> None:
        """Show this kind (`game`, `program` or FAVOURITES), and of it what has `wanted` in its title."""
        self._kind, self._wanted = kind, _folded(wanted)
        self._update()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        application = self._shown[index.row()]
        running = application.application_id in self._running
        favourite = application.application_id in self._favourites
        if role == Qt.ItemDataRole.DisplayRole:
            return application.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            marks = [_("запущено")] if running else []
            marks += [_("в избранном")] if favourite else []
            return ", ".join([application.title, *marks])
        if role == APPLICATION_ROLE:
            return application
        if role == RUNNING_ROLE:
            return running
        if role == FAVOURITE_ROLE:
            return favourite
        return None

    def _update(self) -> None:
        shown = [
            application
            for application in self._applications
            if self._is_of_kind(application) and self._wanted in _folded(application.title)
        ]
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    def _is_of_kind(self, application: ApplicationView) -> bool:
        if self._kind == FAVOURITES:
            return application.application_id in self._favourites
        return application.kind == self._kind


def in_order(
    applications: tuple[ApplicationView, ...], habits: HabitsView
) -> tuple[ApplicationView, ...]:
    """What was started last comes first, then what has a star, then the rest as the club has it."""
    places = {one: place for place, one in enumerate(habits.recent_ids)}
    starred = frozenset(habits.favourite_ids)

    def place(application: ApplicationView) -> tuple[int, bool]:
        number = application.application_id
        return places.get(number, len(places)), number not in starred

    return tuple(sorted(applications, key=place))


def _folded(text: str) -> str:
    return text.strip().casefold().replace("ё", "е")


class TileDelegate(QStyledItemDelegate):
    """Paints a tile: initials on colour, the title under it, a mark on what is running."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.takes_stars = False

    def star_place(self, tile: QRect) -> QRectF:
        """Where the star of a tile is, and where it is clicked."""
        px = self._look.px
        return QRectF(
            tile.left() + px(GAP) / 2 + px(6), tile.top() + px(GAP) / 2 + px(6), px(STAR_SIDE), px(STAR_SIDE)
        )  # fmt: skip

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
        if index.data(FAVOURITE_ROLE):
            self._paint_star(painter, rect, filled=True)
        elif self.takes_stars and (focused or hovered):
            self._paint_star(painter, rect, filled=False)
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

    def _paint_star(self, painter: QPainter, rect: QRect, *, filled: bool) -> None:
        place = self.star_place(rect)
        outer = place.width() * 0.42
        points = QPolygonF()
        for corner in range(2 * STAR_POINTS):
            reach = outer if corner % 2 == 0 else outer * STAR_WAIST
            turn = math.pi * corner / STAR_POINTS - math.pi / 2
            points.append(place.center() + QPointF(math.cos(turn), math.sin(turn)) * reach)
        pen = QPen(QColor(STAR_EDGE if filled else "white"), self._look.px(2))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(QColor(STAR_COLOR) if filled else QColor(0, 0, 0, 90))
        painter.drawPolygon(points)
        painter.setBrush(Qt.BrushStyle.NoBrush)

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
        star_wanted(application_id, is_favourite): a click on the star, or Ctrl+D.
        typed(text): letters, which belong to the search.
    """

    launch_wanted = Signal(int)
    star_wanted = Signal(int, bool)
    typed = Signal(str)

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
        self._delegate = TileDelegate(look, self)
        self.setItemDelegate(self._delegate)
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

    @property
    def takes_stars(self) -> bool:
        """Whether whoever plays has favourites."""
        return self._delegate.takes_stars

    @takes_stars.setter
    def takes_stars(self, takes_stars: bool) -> None:
        self._delegate.takes_stars = takes_stars
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        )
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._launch(self.currentIndex())
        elif _is_star_key(event):
            self._star(self.currentIndex())
        elif plain and event.text().strip() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._starred_at(event)
        if index is None:
            super().mousePressEvent(event)
        else:
            self.setCurrentIndex(index)
            self._star(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._starred_at(event) is None:  # two clicks on a star start nothing
            super().mouseDoubleClickEvent(event)

    def _starred_at(self, event: QMouseEvent) -> QModelIndex | None:
        """The tile whose star is there."""
        index = self.indexAt(event.position().toPoint())
        if not self.takes_stars or not index.isValid():
            return None
        return index if self.star_place(index).contains(event.position()) else None

    def star_place(self, index: QModelIndex) -> QRectF:
        """Where the star of this tile is, in the viewport."""
        return self._delegate.star_place(self.visualRect(index))

    def _launch(self, index: Index) -> None:
        if index.isValid():
            self.launch_wanted.emit(index.data(APPLICATION_ROLE).application_id)

    def _star(self, index: Index) -> None:
        if self.takes_stars and index.isValid():
            application_id = index.data(APPLICATION_ROLE).application_id
            self.star_wanted.emit(application_id, not index.data(FAVOURITE_ROLE))


def _is_star_key(event: QKeyEvent) -> bool:
    """Ctrl+D, by the key and not by the letter: on another layout it is «В»."""
    control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return control and (event.key() in (Qt.Key.Key_D, ord("В")))
