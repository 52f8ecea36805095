"""The launcher as a whole.

Start-up, in this order:

1. `command.main` reads the arguments and, from standard input, the token; it makes the process deaf
   to signals that would end it. Qt is not imported before that.
2. `run` makes the QApplication and chooses the guard for the windowing system.
3. The lock goes up with «Подключение…», before anything is known: fail closed.
4. The connection to the agent is opened, and opened again whenever it breaks.
5. From then on whatever the agent says goes through `Launcher.handle`, and every change of what is
   known ends in `Launcher.refresh`, which alone decides between the lock and the main window.
6. What nobody sees before the lock is up is made later: the main window while the server looks at the
   first password, or when somebody plays without one.
7. Only the agent's `quit` ends the process.
"""

import gc
import logging
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from lovhub.clock import Clock
from lovhub.launcher import theme
from lovhub.launcher.aside import Aside
from lovhub.launcher.asking import Asking
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.comfort import Comfort
from lovhub.launcher.later import Later
from lovhub.launcher.lock import Lock
from lovhub.launcher.platform import KeyboardState, ScreenGuard, choose_guard
from lovhub.launcher.platform.desktop import Desktop, NoDesktop, choose_desktop
from lovhub.launcher.platform.sound import Sound, SystemSound
from lovhub.launcher.texts import (
    _,
    call_text,
    choose_language,
    deed_text,
    format_money,
    gift_text,
    language,
    night_text,
    paid_text,
    warning_text,
)
from lovhub.launcher.workers import AgentConnection
from lovhub.loading import without_collector
from lovhub.protocol import local

if TYPE_CHECKING:
    from lovhub.launcher.gamepad.watch import GamepadWatch
    from lovhub.launcher.main_window import MainWindow

FEWEST_SILENT_LOOKS = 4
"""When the PC has slept the clock jumps; the agent, which slept too, gets two seconds to speak."""

log = logging.getLogger(__name__)


class AgentWatch:
    """Decides when the agent counts as gone. `heard` and `look` are all it is told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard_at = clock.monotonic()
        self._silent_looks = 0

    def heard(self) -> None:
        """The agent spoke."""
        self._heard_at = self._clock.monotonic()
        self._silent_looks = 0

    def look(self) -> bool:
        """Called every LAUNCHER_ALIVE_SECONDS: whether the agent has been silent for too long."""
        self._silent_looks += 1
        silent_seconds = self._clock.monotonic() - self._heard_at
        return (
            silent_seconds >= local.AGENT_GONE_SECONDS and self._silent_looks >= FEWEST_SILENT_LOOKS
        )


class Launcher(QObject):
    """Holds the lock, the main window and the connection together."""

    def __init__(
        self,
        connection: AgentConnection,
        guard: ScreenGuard,
        sound: Sound,
        look: theme.Look,
        clock: Clock,
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._look = look
        self._clock = clock
        self._own_language = language()
        self._sound = sound
        self._muted = False
        self._state: local.State | None = None
        self._agent_gone = False
        self.trouble: local.Trouble | None = None
        """Why nothing will be heard from an agent, where that is known."""
        self._watch = AgentWatch(clock)
        self._asking = Asking(connection)
        self._comfort = Comfort(
            sound,
            desktop or NoDesktop(),
            speak=self._speak,
            remember=self._asking.choose_habits,
        )
        self._main_window = Later(self._make_main_window)
        self.auth = self._make_auth()
        self.aside = Aside(look, self._asking.sign_out)
        self.lock = Lock(guard, look, self.auth, self)
        self.lock.on_keyboard(self._show_keyboard)
        connection.message_received.connect(self.handle)
        connection.connected_changed.connect(lambda _connected: self._tell_alive())
        self._gamepad = Later(self._make_gamepad)
        # One timer for all that is looked after: under a game each waking up counts.
        self._pulse = QTimer(self, interval=int(local.LAUNCHER_ALIVE_SECONDS * 1000))
        for look_after in (self._tick, self._look_for_agent, self._look_for_gamepad):
            self._pulse.timeout.connect(look_after)

    # --- windows and languages ------------------------------------------------------------------

    @property
    def main_window(self) -> "MainWindow":
        """What a player sees in a session."""
        return self._main_window()

    def _make_auth(self) -> AuthScreen:
        self._auth_language = language()
        auth = AuthScreen(self._look, self._clock)
        self._asking.listen_to_lock(auth)
        auth.next_layout_wanted.connect(self._comfort.next_layout)
        for asked in (auth.sign_in_wanted, auth.new_password_wanted, auth.code_wanted):
            asked.connect(self._get_ready)
        return auth

    def _get_ready(self, *_typed: str) -> None:
        """While the server looks at the password there is nothing else to do here."""
        QTimer.singleShot(0, self._main_window)

    def _make_main_window(self) -> "MainWindow":
        from lovhub.launcher.main_window import MainWindow  # noqa: PLC0415 (not before the lock is up)

        self._window_language = language()
        window = MainWindow(self._look)
        self._asking.listen_to_window(window)
        self._comfort.listen_to(window.comfort)
        return window

    def _speak(self, wanted: str) -> None:
        """All windows in this language from now on; "": in the PC's own."""
        choose_language(wanted or self._own_language)
        # Not from within a click in the window that goes.
        QTimer.singleShot(0, lambda: self._renew(at_once=True))
        self._renew()

    def _renew(self, *, at_once: bool = False) -> None:
        """What speaks another language than it should is made anew: while nobody looks, or `at_once`."""
        old = self._main_window.there
        if (
            old is not None
            and self._window_language != language()
            and (at_once or not old.isVisible())
        ):
            self._main_window = Later(self._make_main_window)
            self._main_window()  # at once: answers that are under way would find the old one gone
            if old.isVisible() and self._state is not None:
                self.main_window.show_state(self._state)
                self.main_window.appear(behind_a_game=not old.isActiveWindow())
                if old.isActiveWindow():
                    self.main_window.comfort.open()
            old.hide()
            old.deleteLater()
        if self._auth_language != language() and not self.lock.engaged:
            old_auth, self.auth = self.auth, self._make_auth()
            self.lock.show_instead(self.auth)
            old_auth.deleteLater()

    def start(self) -> None:
        """Lock, then look for the agent."""
        self.refresh()
        self._pulse.start()
        self._connection.open()

    def handle(self, message: local.AgentMessage) -> None:  # noqa: C901 - a flat table
        """The agent says something."""
        self._watch.heard()
        was_gone, self._agent_gone = self._agent_gone, False
        if isinstance(message, local.State):
            self._asking.staff_is_here = message.staff is not None
            before, self._state = self._state, message
            self._comfort.follow(message)
            self.refresh()
            self._renew()
            self._tell_who_comes(before, message)
            self._tell_paid(before, message)
            self._tell_gift(before, message)
        elif was_gone:
            self.refresh()
        if isinstance(message, local.Clock):
            self._show_floating_clock(self._state)
            if self._main_window.there is not None:
                self._main_window.there.show_clock(message)
            self.aside.show_seconds_left(message.seconds_left)
            self.auth.show_clock(message)
        elif isinstance(message, local.Warn):
            self._warn(message)
        elif isinstance(message, local.Operations):
            self._asking.show_operations(message)
        elif isinstance(message, local.Notice):
            self._notice(message.text)
        elif isinstance(message, local.DeskDid):
            self._notice(deed_text(message.what), _("Администратор"))
        elif isinstance(message, local.TakeScreenshot):
            from lovhub.launcher import screenshot  # noqa: PLC0415 (not before the lock is up)

            self._connection.tell(local.Screenshot(message.command_id, screenshot.take()))
        elif isinstance(message, local.Quit):
            QApplication.exit(0)

    def refresh(self) -> None:
        """Bring the screen into line with what is known: all but what is certainly open is locked."""
        state = self._state
        self._mute(state is not None and state.games_kept)
        self._show_floating_clock(state)
        if state is not None and state.mode == "playing" and not self._agent_gone:
            self.main_window.show_state(state)
            if self.lock.engaged or not self.main_window.isVisible():
                in_game = bool(state.running_application_ids)
                # Before the lock goes, so that the desktop is never bare.
                self.main_window.appear(behind_a_game=in_game)
                self._open_up()
                if not in_game:
                    self.main_window.activateWindow()
                self._tell_alive()
            self.aside.hide_maintenance()
            return
        if state is not None and state.maintenance is not None and not self._agent_gone:
            self.aside.maintenance.show_maintenance(state.maintenance)
            self._disappear()
            if self.lock.engaged:
                self._open_up()
                self._tell_alive()
            return
        if state is None:
            self.auth.show_connecting(self.trouble)
        elif self._agent_gone:
            self.auth.show_agent_gone()
        else:
            self.auth.show_state(state)
        if not self.lock.engaged:
            self.aside.dismiss_toasts()
            self.lock.engage()
            self.auth.focus_first()
            self._disappear()
            self.aside.hide_maintenance()
            self._tell_alive()

    def _disappear(self) -> None:
        if self._main_window.there is not None:
            self._main_window.there.disappear()

    def _show_keyboard(self, keyboard: KeyboardState) -> None:
        self.auth.show_keyboard(keyboard)

    def _show_floating_clock(self, state: local.State | None) -> None:
        """While a game lies over our window, which has the big one."""
        playing = state is not None and state.mode == "playing" and not self._agent_gone
        in_game = state is not None and playing and bool(state.running_application_ids)
        is_over_game = in_game and not self.main_window.isActiveWindow()
        if is_over_game:
            self.aside.clock.appear()
        else:
            self.aside.hide_clock()
        if self._main_window.there is not None:
            self._main_window.there.count_minutes(only=is_over_game)

    def _open_up(self) -> None:
        """The lock goes, and nobody of the staff stays signed in behind it, nor anything that was typed."""
        self.auth.forget()
        self.lock.release()

    def _mute(self, muted: bool) -> None:  # noqa: FBT001 - reads as a sentence
        """A game that waits behind the lock is not heard; what the player had muted themselves is not our business."""
        if muted != self._muted:
            self._muted = muted
            self._sound.set_muted(muted=muted)

    # --- what the agent says --------------------------------------------------------------------

    def _warn(self, warning: local.Warn) -> None:
        if not self.lock.engaged:
            text = _("Продлите время в окне LoVHub, чтобы не прерывать игру.")
            self.aside.toasts.warn(
                warning_text(warning.minutes_left),
                night_text() if warning.why else text,
                urgent=warning.minutes_left <= 1,
            )
            self._sound.chime(urgent=warning.minutes_left <= 1)

    def _notice(self, text: str, title: str = "") -> None:
        if self.lock.engaged:
            self.auth.show_notice(text)
        else:
            self.aside.toasts.tell(title or _("Сообщение от администратора"), text)

    def _tell_who_comes(self, before: local.State | None, now: local.State) -> None:
        """A player in a game does not look at our window."""
        was = before.call.taken_by if before is not None and before.call is not None else ""
        if now.call is not None and now.call.taken_by and not was and not self.lock.engaged:
            self.aside.toasts.tell(call_text(now.call), _("Администратор подойдёт к вашему ПК."))

    def _tell_paid(self, before: local.State | None, now: local.State) -> None:
        """Money has come for whoever sits here, while they play or while they wait at the lock."""
        was, customer = before.customer if before is not None else None, now.customer
        if was is None or customer is None or was.customer_id != customer.customer_id:
            return
        paid = customer.pay.paid if customer.pay is not None else None
        if paid is None or (was.pay is not None and was.pay.paid == paid):
            return
        if self.lock.engaged:
            self.auth.show_notice(paid_text(paid))
        else:
            balance = format_money(customer.balance_tiyn)
            self.aside.toasts.tell(
                paid_text(paid), _("На балансе {balance}").format(balance=balance)
            )

    def _tell_gift(self, before: local.State | None, now: local.State) -> None:
        """A promo code has given something to whoever sits here, wherever it was typed."""
        was, customer = before.customer if before is not None else None, now.customer
        if was is None or customer is None or was.customer_id != customer.customer_id:
            return
        gift = customer.promo.gift if customer.promo is not None else None
        if gift is None or (was.promo is not None and was.promo.gift == gift):
            return
        if self.lock.engaged:
            self.auth.show_notice(gift_text(gift))
        else:
            self.aside.toasts.tell(gift_text(gift), gift.title)

    def _look_for_agent(self) -> None:
        if not self._watch.look() or self._agent_gone or self._state is None:
            return
        # An agent says nothing while nothing changes; the lock is up in any case.
        if self._state.mode in local.OPEN_MODES or not self._connection.connected:
            log.error("nothing heard from the agent for %s s: locked", local.AGENT_GONE_SECONDS)
            self._agent_gone = True
            self.refresh()

    def _make_gamepad(self) -> "GamepadWatch":
        from lovhub.launcher.gamepad.watch import GamepadWatch  # noqa: PLC0415 (not before the lock is up)

        return GamepadWatch(self._look, self._clock)

    def _look_for_gamepad(self) -> None:
        """It steers what has the keyboard; in a game that is nothing of ours."""
        if self._state is not None:
            locked = self.lock.engaged
            self._gamepad().follow(self.auth.window() if locked else QApplication.activeWindow())

    def _tick(self) -> None:
        self._connection.tick(covering=self.lock.covering)

    def _tell_alive(self) -> None:
        self._connection.tell_alive(covering=self.lock.covering)


def run(
    socket_name: str, agent_pid: int, token: str, theme_name: str, clock: Clock, trouble: str = ""
) -> int:
    """Run until the agent says `quit`; returns the exit code. Raises PlatformNotSupported.

    `trouble`: why there is no agent, a `local.Trouble` as JSON.
    """
    with without_collector():
        application = QApplication(["lovhub-launcher", *theme.ARGUMENTS])
        application.setApplicationName("LoVHub")
        application.setQuitOnLastWindowClosed(False)
        look = theme.look_for_screen(theme_name)
        theme.dress(application, look)
        guard = choose_guard(application)
        connection = AgentConnection(socket_name, token, agent_pid)
        launcher = Launcher(connection, guard, SystemSound(), look, clock, choose_desktop())
        launcher.trouble = msgspec.json.decode(trouble, type=local.Trouble) if trouble else None
        launcher.start()
        gc.freeze()  # or the first look for garbage goes through all of it, before the lock is complete
    return application.exec()
