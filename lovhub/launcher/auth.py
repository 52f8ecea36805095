"""What the lock shows: the search for the server, the pairing code, the sign-in, the tariffs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from lovhub.clock import Clock
from lovhub.launcher.auth_frame import AuthFrame
from lovhub.launcher.hours_texts import to_play_text
from lovhub.launcher.later import Later
from lovhub.launcher.lock_messages import (
    LockMessage,
    address_of_server,
    agent_gone,
    connecting,
    is_own_pause,
    message_for,
    what_is_wrong,
)
from lovhub.launcher.platform import KeyboardState
from lovhub.launcher.texts import (
    _,
    ended_text,
    format_countdown,
    kept_text,
    paused_text,
)
from lovhub.launcher.theme import Look
from lovhub.protocol.local import Clock as ClockMessage
from lovhub.protocol.local import State, Trouble
from lovhub.protocol.views import AnswerCode, SessionView

if TYPE_CHECKING:
    from lovhub.launcher.widgets.away import AwayCard
    from lovhub.launcher.widgets.cards import CustomerCard
    from lovhub.launcher.widgets.register import RegisterCard
    from lovhub.launcher.widgets.servers import ServerChoice

REGISTER = "register"
"""The question by its tag, see `State.knows`."""

NOTICE_MILLISECONDS = 60_000


class AuthScreen(AuthFrame):
    """The content of the lock.

    Signals:
        sign_in_wanted(login, password), new_password_wanted(login, pin, password), code_wanted(code),
        buy_wanted(request_id, tariff_id, price_tiyn), sign_out_wanted(), call_wanted(reason, text),
        top_up_wanted(request_id, amount_tiyn), cancel_top_up_wanted(payment_id), promo_code_wanted(request_id, code),
        operations_wanted(request_id, before), next_layout_wanted(), come_back_wanted(secret), name_wanted(name),
        server_wanted(address), register_wanted(login, phone, password), technician_wanted(code):
        what is asked for here.
    """

    sign_in_wanted = Signal(str, str)
    new_password_wanted = Signal(str, str, str)
    code_wanted = Signal(str)
    buy_wanted = Signal(str, int, int)
    sign_out_wanted = Signal()
    call_wanted = Signal(str, str)
    top_up_wanted = Signal(str, int)
    cancel_top_up_wanted = Signal(int)
    promo_code_wanted = Signal(str, str)
    operations_wanted = Signal(str, str)
    next_layout_wanted = Signal()
    come_back_wanted = Signal(str)
    name_wanted = Signal(str)
    server_wanted = Signal(str)
    register_wanted = Signal(str, str, str)
    technician_wanted = Signal(str)

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__(look, clock)
        self._shown: object = None
        self._seconds_left = 0
        self._away = Later(self._make_away)
        self._customer = Later(self._make_customer)
        self._servers = Later(self._make_servers)
        self._register = Later(self._make_register)
        self.sign_in.sign_in_wanted.connect(self.sign_in_wanted)
        self.sign_in.new_password_wanted.connect(self.new_password_wanted)
        self.sign_in.code_wanted.connect(self.code_wanted)
        self.sign_in.registration_wanted.connect(self._begin_to_register)
        self.end_kept.clicked.connect(self.sign_out_wanted)
        self.call.call_wanted.connect(self.call_wanted)
        self.technician.code_wanted.connect(self.technician_wanted)
        self.pc_name.name_wanted.connect(self.name_wanted)
        self.sign_in.keyboard.badge.clicked.connect(self.next_layout_wanted)
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MILLISECONDS)
        self._notice_timer.timeout.connect(self.notice.hide)
        self.show_connecting()

    # --- what is seldom seen, and made when it is -------------------------------------------------

    @property
    def away(self) -> "AwayCard":
        """What brings a player back who has stepped away."""
        return self._away()

    @property
    def customer(self) -> "CustomerCard":
        """A customer without time."""
        return self._customer()

    @property
    def purse(self) -> "CustomerCard | None":
        """Where a customer's money is shown, if that has been made."""
        return self._customer.there

    def _make_away(self) -> "AwayCard":
        from lovhub.launcher.widgets.away import AwayCard  # noqa: PLC0415 (not before the lock is up)

        made = AwayCard(self._look)
        made.show_seconds_left(self._seconds_left)
        made.come_back_wanted.connect(self.come_back_wanted)
        made.keyboard.badge.clicked.connect(self.next_layout_wanted)
        self._pages.add(made)
        return made

    @property
    def register(self) -> "RegisterCard":
        """Where somebody becomes a customer."""
        return self._register()

    def _make_register(self) -> "RegisterCard":
        from lovhub.launcher.widgets.register import RegisterCard  # noqa: PLC0415 (not before the lock is up)

        made = RegisterCard(self._look)
        made.register_wanted.connect(self.register_wanted)
        made.back_wanted.connect(self._leave_registration)
        made.keyboard.badge.clicked.connect(self.next_layout_wanted)
        self._pages.add(made)
        return made

    def _begin_to_register(self) -> None:
        self._pages.turn_to(self.register)
        self.register.start_afresh()

    def _leave_registration(self) -> None:
        self.register.clear()
        if self._shown == "sign_in":
            self._pages.turn_to(self.sign_in)
            self.sign_in.focus_first()

    def _make_servers(self) -> "ServerChoice":
        from lovhub.launcher.widgets.servers import ServerChoice  # noqa: PLC0415 (hardly ever seen)

        made = ServerChoice(self._look)
        made.server_wanted.connect(self.server_wanted)
        self.message.add(made)
        return made

    def _make_customer(self) -> "CustomerCard":
        from lovhub.launcher.widgets.cards import CustomerCard  # noqa: PLC0415 (not before the lock is up)

        made = CustomerCard(self._look, self._content)
        made.shop.buy_wanted.connect(self.buy_wanted)
        made.sign_out.clicked.connect(self.sign_out_wanted)
        made.paying.top_up_wanted.connect(self.top_up_wanted)
        made.paying.cancel_wanted.connect(self.cancel_top_up_wanted)
        made.promo.code_wanted.connect(self.promo_code_wanted)
        made.operations.wanted.connect(self.operations_wanted)
        self._pages.add(made, fills=True)
        # With Tab, what is there on every card comes after the card.
        QWidget.setTabOrder(made.sign_out, self.call.button)
        QWidget.setTabOrder(self.call.button, self.staff.button)
        QWidget.setTabOrder(self.staff.button, self.technician.button)
        return made

    @property
    def servers(self) -> "ServerChoice":
        """Who announces itself in the network, where somebody has to choose."""
        return self._servers()

    # --- what is shown --------------------------------------------------------------------------

    def show_connecting(self, trouble: Trouble | None = None) -> None:
        """Nothing has been heard from the agent so far, or nothing will be, for this reason."""
        self._hide_beside()
        self._say(connecting() if trouble is None else what_is_wrong(trouble))

    def show_agent_gone(self) -> None:
        """The agent has been silent for too long."""
        self._hide_beside()
        self._say(agent_gone())

    def show_state(self, state: State) -> None:
        """Show what the agent says; `playing` is not for the lock."""
        self.club.setText(state.club_name or "LoVHub")
        self._name_computer(state.computer_name)
        searching = state.mode in ("starting", "pairing")
        self.link.setText("" if state.linked or searching else _("Нет связи с сервером"))
        self.call.setVisible(not searching)
        self.staff.setVisible(not searching)
        self.staff.show_staff(state.staff)
        self.technician.show_number(state.upkeep_number)
        self.pc_name.show_state(state)
        if self._servers.there is not None:  # a focus would not outlive being hidden
            self._servers.there.setVisible(state.mode == "starting" and bool(state.servers))
        self.call.show_call(state.call)
        if state.mode == "pairing":
            # Nobody may have named it: whoever sets the PC up sees where it asks.
            self.link.setText(address_of_server(state))
        message = message_for(state)
        if message is not None:
            self._say(message)
            if message.kind == "choosing":
                self.servers.show_servers(state.servers)
                self.servers.show()
        elif is_own_pause(state) and state.session is not None:
            self._show_own_pause(state.session)
        elif state.mode == "away":
            self._show_away()
        elif state.mode == "signed_in":
            self._show_customer(state)
        else:
            self._show_sign_in(state)
        self._show_kept(state)

    def show_clock(self, clock: ClockMessage) -> None:
        """A second has passed; here it counts only for games that wait."""
        # A label that nobody sees would be laid out anew each second of a game.
        if not self.kept.isHidden():
            self.kept.setText(format_countdown(clock.seconds_left))
        self._seconds_left = clock.seconds_left
        if self._away.there is not None:
            self._away.there.show_seconds_left(clock.seconds_left)

    def show_keyboard(self, state: KeyboardState) -> None:
        """Caps Lock and layout: half of all wrong passwords."""
        for card in (self.sign_in, self._register.there, self._away.there):
            if card is not None:
                card.keyboard.show_state(state)

    def show_notice(self, text: str) -> None:
        """A message from the desk."""
        self.notice.setText(text)
        self.notice.show()
        self._notice_timer.start()

    def show_sign_in_answer(self, code: AnswerCode) -> None:
        """How signing in ended."""
        self.sign_in.show_answer(code)

    def show_buy_answer(self, code: AnswerCode) -> None:
        """How buying ended."""
        self.customer.shop.show_answer(code)

    def show_call_answer(self, code: AnswerCode) -> None:
        """How calling the desk ended."""
        self.call.show_answer(code)

    def forget(self) -> None:
        """The lock goes: what was typed or asked here is not for whoever comes to it next."""
        self._close_questions()
        self.sign_in.start_afresh()
        self._shown = None

    def focus_first(self) -> None:
        """The focus where the player goes on."""
        if self._shown in ("sign_in", "own_pause"):
            self.sign_in.focus_first()
        elif self._shown == "away":
            self.away.start_afresh()
        elif isinstance(self._shown, tuple):
            self.customer.shop.focus_first()

    # --- inside ---------------------------------------------------------------------------------

    def _hide_beside(self) -> None:
        """What needs an agent."""
        self.technician.show_number("")
        for widget in (self.call, self.staff, self.kept, self.end_kept, self.pc_name):
            widget.hide()
        if self._servers.there is not None:
            self._servers.there.hide()

    def _show_kept(self, state: State) -> None:
        """The games are still open: until when, and how to get back to them."""
        waits = state.games_kept and state.mode in ("locked", "signed_in")
        has_account = state.customer is not None
        self.kept.setVisible(waits or self._shown == "own_pause")
        # A customer's own way out is on their card.
        self.end_kept.setVisible(waits and not has_account)
        if waits:
            self.kept.setText(format_countdown(self._seconds_left))
            in_game = bool(state.running_application_ids)
            self.hint.setText(kept_text(has_account=has_account, in_game=in_game))

    def _show_own_pause(self, session: SessionView) -> None:
        """Whoever paused here goes on by signing in, and nobody else does."""
        self.kept.setText(format_countdown(session.seconds_left))
        self.hint.setText(paused_text(session))
        self._turn_to_sign_in("own_pause", with_code=False, with_registration=False)

    def _show_away(self) -> None:
        if self._shown != "away":
            self._close_questions()
            self._shown = "away"
            self.hint.setText("")
            self._pages.turn_to(self.away)
            self.away.start_afresh()

    def _show_sign_in(self, state: State) -> None:
        if state.goes_on:
            hint = _(
                "Нет связи с сервером. Если ваш сеанс шёл за этим ПК, войдите: он продолжится."
            )
        else:
            hint = ended_text(state.ended_reason) or _("Войдите, чтобы начать играть.")
        self.hint.setText(hint)
        self.sign_in.offer_pin(offered=not state.goes_on)
        self._turn_to_sign_in(
            "sign_in",
            with_code=not state.goes_on,
            with_registration=REGISTER in state.knows and not state.goes_on,
        )

    def _turn_to_sign_in(self, kind: str, *, with_code: bool, with_registration: bool) -> None:
        self.sign_in.offer_registration(offered=with_registration)
        self.sign_in.offer_code(offered=with_code)
        if self._shown != kind:
            self._close_questions()
            self._shown = kind
            self.sign_in.start_afresh()
            self._pages.turn_to(self.sign_in)
            self.sign_in.focus_first()

    def _show_customer(self, state: State) -> None:
        customer = state.customer
        if customer is None:
            self._show_sign_in(state)
            return
        self.hint.setText(to_play_text(customer))
        is_new = self._shown != ("customer", customer.customer_id)
        if is_new:
            self.sign_in.start_afresh()
            self._close_questions()
            self._shown = ("customer", customer.customer_id)
            self._pages.turn_to(self.customer)
        self.customer.show_customer(customer, state)
        if is_new:
            self.customer.shop.focus_first()

    def _say(self, message: LockMessage) -> None:
        if self._shown != message.kind:
            self._close_questions()
        self._shown = message.kind
        self.hint.setText("")
        self.message.say(message.title, message.text, message.big)
        self._pages.turn_to(self.message)

    def _close_questions(self) -> None:
        if self._register.there is not None:
            self._register.there.clear()
        if self._customer.there is not None:
            self._customer.there.close_questions()
        self.call.close_question()
        self.staff.close_sheet()
        self.technician.close_sheet()
