"""What people do in our windows, as questions to the agent, and the way of each answer back to where it is shown."""

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.widgets.staff import StaffDesk
from lovhub.launcher.workers import (
    AddAppWorker,
    AgentConnection,
    Answered,
    Request,
    TopUpBalanceWorker,
)
from lovhub.protocol import local
from lovhub.protocol.views import AnswerCode, CallReason

if TYPE_CHECKING:
    from lovhub.launcher.main_window import MainWindow
    from lovhub.launcher.widgets.cards import CustomerCard


class Asking:
    """Listens to the windows that there are now: each may be made anew, in another language."""

    def __init__(self, connection: AgentConnection) -> None:
        self._connection = connection
        self._auth: AuthScreen
        self._window: MainWindow | None = None
        """None until somebody signs in or plays."""
        self.staff_is_here = False
        """Whether a member of staff is signed in at this PC."""

    def listen_to_lock(self, auth: AuthScreen) -> None:
        """What is done at the lock."""
        self._auth = auth
        auth.sign_in_wanted.connect(self._sign_in)
        auth.new_password_wanted.connect(self._set_password)
        auth.code_wanted.connect(self._sign_in_with_code)
        auth.register_wanted.connect(self._register)
        auth.buy_wanted.connect(self._buy_at_the_lock)
        auth.call_wanted.connect(self._call_from_the_lock)
        auth.come_back_wanted.connect(self._come_back)
        auth.technician_wanted.connect(self._let_technician_in)
        auth.name_wanted.connect(lambda name: self._connection.tell(local.PcIsCalled(name=name)))
        auth.server_wanted.connect(
            lambda address: self._connection.tell(local.ChooseServer(address=address))
        )
        self._listen(auth)

    def listen_to_window(self, window: "MainWindow") -> None:
        """What is done in a session."""
        self._window = window
        window.buy_wanted.connect(self._buy_more)
        window.launch_wanted.connect(self._launch)
        window.call_wanted.connect(self._call)
        window.step_away.step_away_wanted.connect(self._step_away)
        window.pause.pause_wanted.connect(self._pause)
        window.star_wanted.connect(self._star)
        self._listen(window)

    def _listen(self, screen: "AuthScreen | MainWindow") -> None:
        """What is done at both."""
        screen.sign_out_wanted.connect(self.sign_out)
        screen.top_up_wanted.connect(self._top_up)
        screen.cancel_top_up_wanted.connect(self._cancel_top_up)
        screen.promo_code_wanted.connect(self._use_promo_code)
        screen.operations_wanted.connect(self._ask_operations)
        self._serve(screen.staff)

    def _serve(self, staff: StaffDesk) -> None:
        """A member of staff, wherever they signed in; the workers live as long as what they answer to."""
        top_up = TopUpBalanceWorker(self._connection, staff)
        add = AddAppWorker(self._connection, staff)
        staff.sign_in_wanted.connect(
            lambda login, password, code: self._ask(
                local.PersonSignIn(uuid4().hex, login, password, code), staff, staff.show_answer
            )
        )
        staff.done_wanted.connect(self._staff_sign_out)
        staff.top_up_wanted.connect(top_up.start)
        staff.add_wanted.connect(add.start)
        staff.picked.connect(lambda path: staff.show_icon(add.icon(path)))
        for worker in (top_up, add):
            worker.answered.connect(staff.show_answer)

    def _ask(self, request: Request, widget: QWidget, show: Answered) -> None:
        """The answer goes where it was asked, if that is still there."""
        self._connection.ask(request, lambda code: show(code) if isValid(widget) else None)

    # --- at the lock ----------------------------------------------------------------------------

    def _sign_in(self, login: str, password: str) -> None:
        request = local.PlayerSignIn(request_id=uuid4().hex, login=login, password=password)
        self._ask(request, self._auth, self._auth.show_sign_in_answer)

    def _set_password(self, login: str, pin: str, password: str) -> None:
        request = local.PlayerSetPassword(
            request_id=uuid4().hex, login=login, pin=pin, password=password
        )
        self._ask(request, self._auth, self._auth.show_sign_in_answer)

    def _sign_in_with_code(self, code: str) -> None:
        request = local.PlayerSignInWithCode(request_id=uuid4().hex, code=code)
        self._ask(request, self._auth, self._auth.show_sign_in_answer)

    def _register(self, login: str, phone: str, password: str) -> None:
        request = local.PlayerRegister(uuid4().hex, login, phone, password)
        self._ask(request, self._auth, self._auth.register.show_answer)

    def _buy_at_the_lock(self, request_id: str, tariff_id: int, price_tiyn: int) -> None:
        request = local.PlayerBuy(request_id=request_id, tariff_id=tariff_id, price_tiyn=price_tiyn)
        self._ask(request, self._auth, self._auth.show_buy_answer)

    def _call_from_the_lock(self, reason: CallReason, text: str) -> None:
        request = local.PlayerCall(request_id=uuid4().hex, reason=reason, text=text)
        self._ask(request, self._auth, self._auth.show_call_answer)

    def _let_technician_in(self, code: str) -> None:
        request = local.TechnicianCode(request_id=uuid4().hex, code=code)
        self._ask(request, self._auth, self._auth.technician.show_answer)

    def _come_back(self, secret: str) -> None:
        request = local.PlayerComeBack(request_id=uuid4().hex, secret=secret)
        self._ask(request, self._auth, self._auth.away.show_answer)

    # --- in a session ---------------------------------------------------------------------------

    @property
    def _playing(self) -> "MainWindow":
        if self._window is None:
            raise RuntimeError("nobody asks for this but the window that is made by then")
        return self._window

    def _buy_more(self, request_id: str, tariff_id: int, price_tiyn: int) -> None:
        request = local.PlayerBuy(request_id=request_id, tariff_id=tariff_id, price_tiyn=price_tiyn)
        self._ask(request, self._playing, self._playing.show_buy_answer)

    def _call(self, reason: CallReason, text: str) -> None:
        request = local.PlayerCall(request_id=uuid4().hex, reason=reason, text=text)
        self._ask(request, self._playing, self._playing.show_call_answer)

    def _step_away(self, digits: str) -> None:
        request = local.PlayerStepAway(request_id=uuid4().hex, digits=digits)
        self._ask(request, self._playing, self._playing.step_away.show_answer)

    def _pause(self) -> None:
        request = local.PlayerPause(request_id=uuid4().hex)
        self._ask(request, self._playing, self._playing.pause.show_answer)

    def _launch(self, application_id: int) -> None:
        request = local.PlayerLaunch(request_id=uuid4().hex, application_id=application_id)
        self._ask(request, self._playing, self._playing.show_launch_answer)

    def _star(self, application_id: int, is_favourite: bool) -> None:  # noqa: FBT001 (a signal)
        request = local.PlayerStar(uuid4().hex, application_id, is_favourite)
        self._ask(request, self._playing, self._playing.show_launch_answer)

    def choose_habits(
        self, *, volume: int | None = None, layout: str = "", language: str = ""
    ) -> None:
        """The customer likes a PC so. Where that is not kept, it is set here all the same."""
        request = local.PlayerChooseHabits(uuid4().hex, volume, layout, language)
        self._connection.ask(request, lambda _code: None)

    # --- at both: answered where the player is by then -------------------------------------------

    def sign_out(self) -> None:
        """The player leaves, or a technician is done."""
        request = local.PlayerSignOut(request_id=uuid4().hex)
        self._connection.ask(request, self._show_sign_out_answer)

    def _show_sign_out_answer(self, code: AnswerCode) -> None:
        if self._window is not None:
            self._window.show_sign_out_answer(code)

    def _staff_sign_out(self) -> None:
        if self.staff_is_here:
            self._connection.ask(local.PersonSignOut(uuid4().hex), lambda _code: None)

    def _top_up(self, request_id: str, amount_tiyn: int) -> None:
        """Paying may be asked at the lock and answered in the session."""
        request = local.PlayerTopUp(request_id=request_id, amount_tiyn=amount_tiyn)
        self._connection.ask(request, self._show_top_up_answer)

    def _cancel_top_up(self, payment_id: int) -> None:
        request = local.PlayerCancelTopUp(request_id=uuid4().hex, payment_id=payment_id)
        self._connection.ask(request, self._show_top_up_answer)

    def _show_top_up_answer(self, code: AnswerCode) -> None:
        for purse in self._purses():
            purse.paying.show_answer(code)

    def _use_promo_code(self, request_id: str, code: str) -> None:
        """Time that a code gives opens the PC."""
        request = local.PlayerUsePromoCode(request_id=request_id, code=code)
        self._connection.ask(request, self._show_promo_answer)

    def _show_promo_answer(self, code: AnswerCode) -> None:
        for purse in self._purses():
            purse.promo.show_answer(code)

    def _ask_operations(self, request_id: str, before: str) -> None:
        request = local.PlayerAskOperations(request_id=request_id, before=before)
        self._connection.ask(request, self._show_operations_answer)

    def _show_operations_answer(self, code: AnswerCode) -> None:
        for purse in self._purses():
            purse.operations.show_answer(code)

    def show_operations(self, part: local.Operations) -> None:
        """What was asked for."""
        for purse in self._purses():
            purse.operations.show_part(part)

    def _purses(self) -> "list[CustomerCard | MainWindow]":
        """Wherever a customer's money is shown by now."""
        return [purse for purse in (self._auth.purse, self._window) if purse is not None]
