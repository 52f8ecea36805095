"""The window of a player in a session: time left, games and programs, more time, the way out.

A normal window: games lie over it.
"""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import (
    _,
    answer_text,
    format_duration,
    format_money,
    leaving_text,
    now_text,
    plan_text,
)
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.away import StepAway
from lovhub.launcher.widgets.basics import Button, Sheet, label
from lovhub.launcher.widgets.call import CallDesk
from lovhub.launcher.widgets.comfort import ComfortSheet
from lovhub.launcher.widgets.header import Header
from lovhub.launcher.widgets.operations import MyOperations
from lovhub.launcher.widgets.pause import PauseSession
from lovhub.launcher.widgets.paying import Paying
from lovhub.launcher.widgets.promo import PromoCode
from lovhub.launcher.widgets.shelf import Shelf
from lovhub.launcher.widgets.shop import BY_MINUTE, Shop, wallet_of
from lovhub.launcher.widgets.staff import StaffDesk
from lovhub.protocol.local import Clock, State
from lovhub.protocol.views import AnswerCode, TimeView

SETTLE_MILLISECONDS = 150
"""How long a window manager takes to put up a window, at the most that is usual."""


class MainWindow(QWidget):
    """What a player sees between signing in and leaving.

    Signals:
        launch_wanted(application_id), buy_wanted(request_id, tariff_id, price_tiyn), sign_out_wanted(),
        call_wanted(reason, text), top_up_wanted(request_id, amount_tiyn), cancel_top_up_wanted(payment_id),
        promo_code_wanted(request_id, code), operations_wanted(request_id, before),
        star_wanted(application_id, is_favourite).
    """

    launch_wanted = Signal(int)
    buy_wanted = Signal(str, int, int)
    sign_out_wanted = Signal()
    call_wanted = Signal(str, str)
    top_up_wanted = Signal(str, int)
    cancel_top_up_wanted = Signal(int)
    promo_code_wanted = Signal(str, str)
    operations_wanted = Signal(str, str)
    star_wanted = Signal(int, bool)

    def __init__(self, look: Look) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("mainWindow")
        self.setWindowTitle("LoVHub")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._look = look
        self._customer_has_account = False
        self._seconds_left = 0
        self._in_minutes = False
        self._plan: tuple[TimeView, ...] = ()
        self._content = QWidget(self)
        self.paying = Paying(look, self._content)
        self.header = Header(look, self.paying)
        self.link_lost = label("", "banner", "linkLost")
        self.problem = label("", "error", "problem", wrap=True)
        self.quick = Button("", "", "quickTime")
        self.call = CallDesk(look, self._content)
        self.step_away = StepAway(look, self._content)
        self.pause = PauseSession(look, self._content)
        self.operations = MyOperations(look, self._content)
        self.comfort = ComfortSheet(look, self._content)
        self.staff = StaffDesk(look, self._content)
        self.shelf = Shelf(look, self.quick, self.step_away, self.call)
        self.tiles, self.search = self.shelf.tiles, self.shelf.search
        self._arrange()
        self._more_time, self.shop, self.promo = self._make_more_time()
        self._leaving, self._leaving_text = self._make_leaving()
        self._connect()

    # --- building -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        px = self._look.px
        self.link_lost.hide()
        self.problem.hide()
        body = QVBoxLayout()
        body.setContentsMargins(px(40), px(20), px(40), px(20))
        body.setSpacing(px(16))
        body.addWidget(self.link_lost)
        body.addWidget(self.problem)
        body.addWidget(self.shelf, 1)
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(body, 1)
        layout.addWidget(self._make_footer())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._content)

    def _make_footer(self) -> QFrame:
        """What is wanted less often than a game."""
        px = self._look.px
        footer = QFrame()
        footer.setProperty("role", "footer")
        across = QHBoxLayout(footer)
        across.setContentsMargins(px(40), px(10), px(40), px(10))
        across.setSpacing(px(12))
        across.addWidget(self.pause)
        across.addWidget(self.operations)
        across.addWidget(self.comfort)
        across.addStretch()
        across.addWidget(self.staff)
        return footer

    def _make_more_time(self) -> tuple[Sheet, Shop, PromoCode]:
        sheet = Sheet(self._content, self._look, 720)
        sheet.setObjectName("moreTimeSheet")
        shop = Shop(self._look, sheet)
        shop.setMinimumHeight(self._look.px(400))
        close = Button(_("Закрыть"), "", "closeMoreTime")
        close.clicked.connect(sheet.dismiss)
        sheet.body.addWidget(label(_("Ещё время"), "title"))
        sheet.body.addWidget(shop, 1)
        promo = PromoCode(self._look, sheet)
        below = QHBoxLayout()
        below.addWidget(promo)
        below.addStretch()
        below.addWidget(close)
        sheet.body.addLayout(below)
        return sheet, shop, promo

    def _make_leaving(self) -> tuple[Sheet, QWidget]:
        sheet = Sheet(self._content, self._look, 560)
        sheet.setObjectName("leaveSheet")
        text = label("", "subtitle", "leaveText", wrap=True)
        self.confirm_leave = Button(_("Завершить сеанс"), "primary", "confirmLeave")
        stay = Button(_("Остаться"), "", "stay")
        buttons = QHBoxLayout()
        buttons.setSpacing(self._look.px(12))
        buttons.addWidget(self.confirm_leave, 1)
        buttons.addWidget(stay)
        sheet.body.addWidget(label(_("Выйти?"), "title"))
        sheet.body.addWidget(text)
        sheet.body.addLayout(buttons)
        self.confirm_leave.clicked.connect(self._leave)
        stay.clicked.connect(sheet.dismiss)
        self._leave_label = text
        return sheet, text

    def _connect(self) -> None:
        self.shelf.launch_wanted.connect(self.launch_wanted)
        self.shelf.star_wanted.connect(self.star_wanted)
        self.shop.buy_wanted.connect(self.buy_wanted)
        self.call.call_wanted.connect(self.call_wanted)
        self.paying.top_up_wanted.connect(self.top_up_wanted)
        self.paying.cancel_wanted.connect(self.cancel_top_up_wanted)
        self.promo.code_wanted.connect(self.promo_code_wanted)
        self.operations.wanted.connect(self.operations_wanted)
        self.header.more_time.clicked.connect(self._offer_more_time)
        self.quick.clicked.connect(self._offer_quickly)
        self.header.leave.clicked.connect(self._ask_to_leave)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)

    # --- what is shown --------------------------------------------------------------------------

    def appear(self, *, behind_a_game: bool) -> None:
        """Show the window over the whole desktop, ready to start the first game.

        `behind_a_game`: the player is in a match, to which the screen goes back.
        """
        self._close_questions()
        self._leaving.dismiss()
        # Without a window manager nobody maximises: the size is set as well.
        self.setGeometry(QGuiApplication.primaryScreen().availableGeometry())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, behind_a_game)
        self.showMaximized()
        if not behind_a_game:
            self.raise_()
            self.activateWindow()
        self.shelf.start_afresh()
        self.paying.appear()
        if behind_a_game:
            # A window manager puts a new window in front: it is asked once it has done so.
            QTimer.singleShot(SETTLE_MILLISECONDS, self.lower)

    def disappear(self) -> None:
        """Go, and leave nobody signed in and nothing to be read behind it."""
        self._close_questions()
        self.hide()

    def show_state(self, state: State) -> None:
        """Show what the agent says."""
        session, customer = state.session, state.customer
        header = self.header
        header.computer.setText(state.computer_name)
        name = customer.name if customer else session.customer_name if session else ""
        header.customer.setText(name or _("Гость"))
        self._plan = session.plan if session else ()
        title = session.title if session else ""
        now = now_text(title, self._plan)
        header.tariff.setText(" · ".join(text for text in (now, plan_text(self._plan)) if text))
        header.balance.setText(wallet_of(customer).words if customer else "\N{EM DASH}")
        header.more_time.setVisible(customer is not None)
        self._customer_has_account = customer is not None
        if session is not None:
            self._show_seconds_left(session.seconds_left)
        self.shelf.show_state(state)
        by_minute = any(time.hour_tiyn is not None for time in self._plan)
        self.shop.show_tariffs(
            tuple(one for one in state.tariffs if not (by_minute and one.kind == BY_MINUTE)),
            wallet_of(customer),
        )
        self._show_quick()
        self.step_away.show_needs_digits(needs_digits=state.away_needs_digits)
        self.pause.show_state(state)
        self.call.show_call(state.call)
        self.paying.show_state(state)
        self.promo.show_state(state)
        self.operations.show_state(state)
        self.staff.show_staff(state.staff)
        if state.linked:
            self.link_lost.hide()

    def show_clock(self, clock: Clock) -> None:
        """A second has passed."""
        self._show_seconds_left(clock.seconds_left)
        self.link_lost.setVisible(clock.link_lost_seconds > 0)
        if clock.link_lost_seconds > 0:
            lost = format_duration(clock.link_lost_seconds)
            self.link_lost.setText(
                _("Связь с сервером потеряна {lost} назад, игра продолжается.").format(lost=lost)
            )

    def count_minutes(self, *, only: bool) -> None:
        """`only`: another clock counts the seconds, over the game that lies over this window.

        To paint the window each second beside it took a sixth of what we compute under a game.
        """
        if only != self._in_minutes:
            self._in_minutes = only
            self._show_seconds_left(self._seconds_left)

    def show_launch_answer(self, code: AnswerCode) -> None:
        """How starting a program ended."""
        self._show_problem(code)

    def show_buy_answer(self, code: AnswerCode) -> None:
        """How buying ended."""
        self.shop.show_answer(code)
        if code == "ok":
            self._more_time.dismiss()

    def show_sign_out_answer(self, code: AnswerCode) -> None:
        """How leaving ended."""
        self.confirm_leave.setEnabled(True)
        self._leaving.dismiss()
        self._show_problem(code)

    def show_call_answer(self, code: AnswerCode) -> None:
        """How calling the desk ended."""
        self.call.show_answer(code)

    # --- inside ---------------------------------------------------------------------------------

    def _show_problem(self, code: AnswerCode) -> None:
        self.problem.setText(answer_text(code))
        self.problem.setVisible(code != "ok")

    def _show_seconds_left(self, seconds_left: int) -> None:
        self._seconds_left = seconds_left
        self.header.show_seconds_left(seconds_left, in_minutes=self._in_minutes)
        self.pause.show_seconds_left(seconds_left)

    def _offer_more_time(self) -> None:
        self._more_time.present(self.shop)
        self.shop.focus_first()

    def _offer_quickly(self) -> None:
        """One click names what an hour costs, the next one buys it."""
        self._more_time.present(self.shop)
        self.shop.choose_quickly()

    def _show_quick(self) -> None:
        quick = self.shop.quick_tariff() if self._customer_has_account else None
        self.quick.setVisible(quick is not None)
        if quick is not None:
            text = _("Ещё {time}: {price}").format(
                time=format_duration(quick.seconds), price=format_money(quick.price_tiyn)
            )
            self.quick.setText(text)
            self.quick.setAccessibleName(text)

    def _ask_to_leave(self) -> None:
        left = format_duration(self._seconds_left)
        self._leave_label.setText(
            _("Осталось {left}. {fate} Запущенные игры закроются.").format(
                left=left, fate=leaving_text(self._plan) or _("Время сохранится на вашем счёте.")
            )
            if self._customer_has_account
            else _("Осталось {left}. Запущенные игры закроются.").format(left=left)
        )
        self._leaving.present(self.confirm_leave)

    def _leave(self) -> None:
        self.confirm_leave.setEnabled(False)
        self.sign_out_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        """The player is back from the game: the seconds are counted here again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.count_minutes(only=False)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window means leaving, and leaving is asked about."""
        event.ignore()
        self._close_questions()
        self._ask_to_leave()

    def _close_questions(self) -> None:
        self.shop.close_confirmation()
        self._more_time.dismiss()
        self.staff.close_sheet()
        for question in (
            self.promo,
            self.call,
            self.step_away,
            self.pause,
            self.paying,
            self.operations,
            self.comfort,
        ):
            question.close_question()
