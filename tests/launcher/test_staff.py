"""A member of staff at a PC: signs in, tops up once, adds a program; whoever goes leaves nothing behind."""

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lovhub.clock import ManualClock
from lovhub.launcher.asking import Asking
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.main_window import MainWindow
from lovhub.launcher.theme import Look
from lovhub.launcher.workers import AddAppWorker, TopUpBalanceWorker
from lovhub.protocol import local
from lovhub.protocol.views import AnswerCode, StaffView
from tests.launcher.fake_agent import LOCKED, PLAYING

DANIYAR = StaffView("Данияр", may_top_up=True, may_add_applications=True)


class Asked:
    """In place of the connection to the agent."""

    def __init__(self) -> None:
        self.requests: list[local.LauncherMessage] = []
        self.answer: AnswerCode = "ok"

    def ask(self, request: local.LauncherMessage, answered: object) -> None:
        self.requests.append(request)
        answered(self.answer)  # type: ignore[operator]


def test_money_goes_once_and_the_sheet_keeps_nothing(  # noqa: PLR0915 - one evening of a cashier
    qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    screen = AuthScreen(look, ManualClock())
    qtbot.addWidget(screen)
    screen.resize(1280, 720)
    with qtbot.waitExposed(screen):
        screen.show()
    screen.show_state(LOCKED)
    staff = screen.staff
    staff.button.click()
    staff.login.insert("daniyar")
    staff.password.insert("очень длинный пароль")
    with qtbot.waitSignal(staff.sign_in_wanted) as wanted:
        qtbot.keyClick(staff.password, Qt.Key.Key_Return)
    assert wanted.args == ["daniyar", "очень длинный пароль", ""]
    assert not staff.code.isVisible()
    staff.show_answer("second_factor_needed")
    assert staff.code.isVisible()
    staff.code.insert("123456")
    with qtbot.waitSignal(staff.sign_in_wanted) as wanted:
        staff.enter.click()
    assert wanted.args[2] == "123456"
    staff.show_answer("ok")
    screen.show_state(msgspec.structs.replace(LOCKED, staff=DANIYAR))
    assert (staff.title.text(), staff.password.text(), staff.code.text()) == ("Данияр", "", "")

    assert not staff.top_up.isEnabled()
    staff.customer.insert("aliya")
    staff.amount.insert("1 500")
    assert staff.top_up.text().replace("\xa0", " ") == "Пополнить 1 500 ₸"
    staff.methods["card"].click()
    with qtbot.waitSignal(staff.top_up_wanted) as wanted:
        staff.top_up.click()
    assert wanted.args == ["aliya", 150_000, "card"]
    assert not staff.top_up.isEnabled()
    staff.show_answer("shift_needed")
    assert "откройте смену" in staff.error.text()
    assert staff.amount.text() == "1 500"
    staff.top_up.click()
    staff.show_answer("ok")
    assert "Баланс пополнен на" in staff.told.text()
    assert staff.amount.text() == ""

    staff.to_add.click()
    staff.choose.click()
    staff.files.begin(str(tmp_path))
    (tmp_path / "dota2").touch()
    model = staff.files.list.model()
    qtbot.waitUntil(lambda: model.rowCount(staff.files.list.rootIndex()) == 1)
    staff.files.list.clicked.emit(model.index(0, 0, staff.files.list.rootIndex()))
    assert (staff.path.text(), staff.name.text()) == (str(tmp_path / "dota2"), "dota2")
    with qtbot.waitSignal(staff.add_wanted) as wanted:
        staff.add.click()
    assert wanted.args == [str(tmp_path / "dota2"), "dota2", "game"]
    staff.show_answer("ok")

    with qtbot.waitSignal(staff.done_wanted):
        staff.done.click()
    staff.button.click()
    assert staff.login.text() == staff.customer.text() == ""
    # The server has signed the person out for doing nothing.
    screen.show_state(msgspec.structs.replace(LOCKED, staff=DANIYAR))
    screen.show_state(LOCKED)
    assert staff.login.isVisible()


def test_staff_work_beside_a_player_and_are_gone_when_the_lock_comes(
    qtbot: QtBot, look: Look
) -> None:
    asked = Asked()
    asking = Asking(asked)  # type: ignore[arg-type]
    auth, window = AuthScreen(look, ManualClock()), MainWindow(look)
    for widget in (auth, window):
        qtbot.addWidget(widget)
    asking.listen_to_lock(auth)
    asking.listen_to_window(window)
    window.show_state(PLAYING)
    with qtbot.waitExposed(window):
        window.appear(behind_a_game=False)
    staff = window.staff
    qtbot.keyClick(staff.button, Qt.Key.Key_Return)
    staff.login.insert("daniyar")
    staff.password.insert("очень длинный пароль")
    staff.enter.click()
    asking.staff_is_here = True
    window.show_state(msgspec.structs.replace(PLAYING, staff=DANIYAR))
    staff.customer.insert("aliya")
    staff.amount.insert("500")
    staff.top_up.click()
    assert "Баланс пополнен" in staff.told.text()
    window.disappear()
    kinds = [type(request) for request in asked.requests]
    assert kinds == [local.PersonSignIn, local.PersonTopUp, local.PersonSignOut]
    assert (staff.login.text(), staff.customer.text(), staff.title.text()) == (
        "",
        "",
        "Для персонала",
    )


def test_a_top_up_without_an_answer_is_asked_again_as_the_same(qtbot: QtBot) -> None:
    asked = Asked()
    worker = TopUpBalanceWorker(asked)  # type: ignore[arg-type]
    asked.answer = "server_unreachable"
    worker.start("aliya", 100_00, "cash")
    asked.answer = "ok"
    worker.start("aliya", 100_00, "cash")
    worker.start("aliya", 100_00, "cash")
    first, again, another = (request.request_id for request in asked.requests)  # type: ignore[union-attr]
    assert first == again != another


def test_a_programs_own_picture_goes_with_it(qtbot: QtBot) -> None:
    asked = Asked()
    worker = AddAppWorker(asked)  # type: ignore[arg-type]
    worker.start("/bin/true", "Правда", "program")
    [request] = asked.requests
    assert isinstance(request, local.PersonAddApplication)
    assert (request.exe_path, request.title, request.kind) == ("/bin/true", "Правда", "program")
    assert request.picture == b"" or request.picture.startswith(b"\x89PNG")
