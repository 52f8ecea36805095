"""At zero: the lock over a silent game that waits, and the way back into it."""

from collections.abc import Callable, Sequence

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QWindow
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.app import Launcher
from lovhub.launcher.platform import Cover, Fault, KeyboardState
from lovhub.launcher.platform.sound import NoSound, chime_file
from lovhub.launcher.texts import format_duration
from lovhub.launcher.theme import Look
from lovhub.launcher.workers import AgentConnection
from lovhub.protocol import local
from tests.launcher.fake_agent import CUSTOMER, LOCKED, PLAYING, SIGNED_IN


class OpenGuard:
    """Holds nothing, so that the test's screen stays free."""

    bypasses_window_manager = False

    def watch(self, changed: Callable[[], None]) -> None: ...

    def seize_input(self, window: QWindow) -> bool:
        return True

    def release_input(self, window: QWindow) -> None: ...

    def faults(self, covers: Sequence[Cover]) -> dict[int, Fault]:
        return {}

    def put_back(self, cover: Cover) -> None: ...

    def keyboard(self) -> KeyboardState:
        return KeyboardState()


class HeardSound(NoSound):
    """Remembers what was to be heard."""

    def __init__(self) -> None:
        self.muted = False
        self.chimes: list[bool] = []

    def chime(self, *, urgent: bool) -> None:
        self.chimes.append(urgent)

    def set_muted(self, *, muted: bool) -> None:
        self.muted = muted


@pytest.fixture
def sound() -> HeardSound:
    return HeardSound()


@pytest.fixture
def launcher(qtbot: QtBot, look: Look, sound: HeardSound) -> Launcher:
    connection = AgentConnection("/no/agent", "token")
    launcher = Launcher(connection, OpenGuard(), sound, look, ManualClock())
    qtbot.addWidget(launcher.main_window)
    qtbot.addWidget(launcher.auth)
    return launcher


IN_GAME = msgspec.structs.replace(PLAYING, running_application_ids=(11,))
KEPT = msgspec.structs.replace(
    SIGNED_IN, ended_reason="time_over", games_kept=True, running_application_ids=(11,)
)


def test_the_game_waits_in_silence_and_is_back_once_there_is_time_again(
    launcher: Launcher, sound: HeardSound
) -> None:
    launcher.handle(IN_GAME)
    assert not launcher.lock.engaged
    launcher.handle(KEPT)
    launcher.handle(local.Clock(seconds_left=161, played_seconds=0))
    auth = launcher.auth
    assert (launcher.lock.engaged, sound.muted) == (True, True)
    assert (auth.kept.text(), auth.kept.isHidden(), auth.end_kept.isHidden()) == (
        "0:02:41",
        False,
        True,
    )
    assert "снова в матче" in auth.hint.text()
    launcher.handle(IN_GAME)
    assert (launcher.lock.engaged, sound.muted) == (False, False)
    launcher.handle(KEPT)
    launcher.handle(LOCKED)  # nobody paid
    assert (launcher.lock.engaged, sound.muted, auth.kept.isHidden()) == (True, False, True)
    launcher.lock.release()


def test_a_guest_is_sent_to_the_desk_and_may_give_the_game_up(
    qtbot: QtBot, launcher: Launcher
) -> None:
    launcher.handle(msgspec.structs.replace(KEPT, mode="locked", customer=None))
    auth = launcher.auth
    assert "администратору" in auth.hint.text()
    with qtbot.waitSignal(auth.sign_out_wanted):
        auth.end_kept.click()
    launcher.lock.release()


def test_warnings_are_heard_too(launcher: Launcher, sound: HeardSound) -> None:
    launcher.handle(IN_GAME)
    launcher.handle(local.Warn(minutes_left=15))
    launcher.handle(local.Warn(minutes_left=1))
    assert sound.chimes == [False, True]
    launcher.aside.toasts.dismiss()
    launcher.handle(msgspec.structs.replace(LOCKED, customer=CUSTOMER, mode="signed_in"))
    launcher.handle(local.Warn(minutes_left=1))
    assert sound.chimes == [False, True]
    launcher.lock.release()


def test_the_chime_is_a_sound_of_a_second_or_less() -> None:
    calm, urgent = chime_file(urgent=False), chime_file(urgent=True)
    assert calm.read_bytes()[:4] == urgent.read_bytes()[:4] == b"RIFF"
    assert 5_000 < calm.stat().st_size < urgent.stat().st_size < 44_100


def test_a_small_clock_stands_over_the_game_and_not_over_our_own_window(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front = [False]
    monkeypatch.setattr(launcher.main_window, "isActiveWindow", lambda: in_front[0])
    launcher.handle(PLAYING)
    clock = launcher.aside.clock
    assert clock.isHidden()
    launcher.handle(IN_GAME)
    launcher.handle(local.Clock(seconds_left=299, played_seconds=3301))
    assert (clock.isHidden(), clock.time.text(), clock.time.property("urgent")) == (
        False,
        "0:04:59",
        "true",
    )
    in_front[0] = True
    launcher.handle(local.Clock(seconds_left=298, played_seconds=3302))
    assert clock.isHidden()
    in_front[0] = False
    launcher.handle(local.Clock(seconds_left=297, played_seconds=3303))
    assert not clock.isHidden()
    launcher.handle(KEPT)
    assert clock.isHidden()
    launcher.lock.release()


def test_seconds_are_counted_over_the_game_and_minutes_in_the_window_beneath(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = launcher.main_window
    in_front = [False]
    monkeypatch.setattr(window, "isActiveWindow", lambda: in_front[0])
    launcher.handle(IN_GAME)
    launcher.handle(local.Clock(seconds_left=3_552, played_seconds=48))
    assert launcher.aside.clock.time.text() == "0:59:12"
    assert window.header.time_left.text() == format_duration(3_552)
    in_front[0] = True
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    assert window.header.time_left.text() == "0:59:12"  # at once, not with the next second
    launcher.handle(local.Clock(seconds_left=3_551, played_seconds=49))
    assert window.header.time_left.text() == "0:59:11"


@pytest.mark.parametrize("after", [PLAYING, LOCKED])
def test_the_window_counts_seconds_again_when_the_game_or_the_session_is_over(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch, after: local.State
) -> None:
    window = launcher.main_window
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    launcher.handle(IN_GAME)
    launcher.handle(local.Clock(seconds_left=3_552, played_seconds=48))
    assert window.header.time_left.text() == format_duration(3_552)
    launcher.handle(after)
    assert window.header.time_left.text().count(":") == 2
    launcher.lock.release()


def test_an_hour_more_is_two_clicks(qtbot: QtBot, launcher: Launcher) -> None:
    launcher.handle(PLAYING)
    window = launcher.main_window
    assert window.quick.text().startswith("Ещё 1")
    window.quick.click()
    with qtbot.waitSignal(window.buy_wanted) as bought:
        window.shop.confirm.click()
    assert bought.args[1:] == [1, 50_000]
    poor = msgspec.structs.replace(CUSTOMER, balance_tiyn=0)
    launcher.handle(msgspec.structs.replace(PLAYING, customer=poor))
    assert window.quick.isHidden()


def test_the_player_steps_away_and_comes_back(qtbot: QtBot, launcher: Launcher) -> None:
    launcher.handle(msgspec.structs.replace(PLAYING, away_needs_digits=True))
    window, auth = launcher.main_window, launcher.auth
    window.step_away.button.click()
    window.step_away.digits.insert("4711")
    with qtbot.waitSignal(window.step_away.step_away_wanted) as asked:
        window.step_away.confirm.click()
    assert asked.args == ["4711"]
    launcher.handle(msgspec.structs.replace(PLAYING, mode="away"))
    launcher.handle(local.Clock(seconds_left=600, played_seconds=3000))
    assert (launcher.lock.engaged, auth.away.time.text()) == (True, "0:10:00")
    auth.away.secret.insert("0000")
    with qtbot.waitSignal(auth.away.come_back_wanted):
        auth.away.submit.click()
    auth.away.show_answer("wrong_credentials")
    assert (auth.away.secret.text(), auth.away.error.isHidden()) == ("", False)
    launcher.handle(PLAYING)
    assert not launcher.lock.engaged


def test_what_was_typed_at_the_lock_is_gone_once_somebody_else_has_played(
    launcher: Launcher,
) -> None:
    offered = msgspec.structs.replace(LOCKED, knows=("register",))
    launcher.handle(offered)
    auth = launcher.auth
    auth.sign_in.code.setText("041733")
    auth.sign_in.password.setText("dombyra")
    auth.sign_in.register.click()
    auth.register.password.setText("dombyra")
    launcher.handle(PLAYING)  # the desk has begun a session here
    launcher.handle(offered)
    assert auth.sign_in.isVisible()
    assert not auth.register.isVisible()
    typed = (auth.sign_in.code, auth.sign_in.password, auth.register.password)
    assert [field.text() for field in typed] == ["", "", ""]
    launcher.lock.release()


def test_a_warning_and_a_message_do_not_lie_on_each_other_whichever_comes_first(
    launcher: Launcher,
) -> None:
    launcher.handle(PLAYING)
    toasts = launcher.aside.toasts
    launcher.handle(local.Notice("Подойдите к стойке"))
    launcher.handle(local.Warn(minutes_left=5))
    assert not toasts.notice.geometry().intersects(toasts.warning.geometry())
    launcher.handle(local.Notice("Подойдите к стойке"))
    assert not toasts.notice.geometry().intersects(toasts.warning.geometry())
    toasts.dismiss()
