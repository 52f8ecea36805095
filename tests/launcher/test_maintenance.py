"""A PC that a technician has open: no lock, a bar that says so, and a lock again without an agent."""

from pytestqt.qtbot import QtBot

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.maintenance import MaintenanceBar
from lovhub.protocol import local
from lovhub.protocol.views import MaintenanceView
from tests.launcher.conftest import LauncherProcess, shows_only_the_lock, wait_until
from tests.launcher.fake_agent import LOCKED

VIEW = MaintenanceView(3, "Тимур", "новый драйвер", 600)
IN_MAINTENANCE = local.State(
    mode="maintenance", computer_name="ПК-1", club_name="Арена", linked=True, maintenance=VIEW
)


def test_the_bar_says_who_works_there_and_how_long_yet(qtbot: QtBot, look: Look) -> None:
    bar = MaintenanceBar(look)
    qtbot.addWidget(bar)
    bar.show_maintenance(VIEW)
    assert (bar.who.text(), bar.time_left.text()) == ("Тимур: новый драйвер", "0:10:00")
    assert bar.time_left.property("urgent") == "false"
    bar.show_seconds_left(59)
    assert (bar.time_left.text(), bar.time_left.property("urgent")) == ("0:00:59", "true")
    with qtbot.waitSignal(bar.end_wanted):
        bar.end.click()


def test_the_lock_goes_for_the_technician_and_comes_back(launcher: LauncherProcess) -> None:
    launcher.lock()
    launcher.agent.say(IN_MAINTENANCE)
    wait_until(lambda: not shows_only_the_lock(launcher.screen.screenshot()), "the lock is gone")
    launcher.agent.wait_until_covering(False)
    wait_until(lambda: len(launcher.window_ids()) == 1, "the bar alone is shown")
    launcher.lock(LOCKED)
    launcher.agent.say(IN_MAINTENANCE)
    launcher.agent.wait_until_covering(False)
    launcher.advance_clock(local.AGENT_GONE_SECONDS + 1)
    launcher.agent.wait_until_covering()  # nothing is heard any more: fail closed
