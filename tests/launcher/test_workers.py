import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from lovhub.agent.cover import NO_PROCESS
from lovhub.launcher.workers import ANSWER_TIMEOUT_TICKS, AgentConnection
from lovhub.protocol import local
from tests.launcher.fake_agent import LOCKED, FakeAgent


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[FakeAgent]:
    agent = FakeAgent(tmp_path / "agent.sock")
    yield agent
    agent.close()


@pytest.fixture
def connection(qtbot: QtBot, tmp_path: Path, agent: FakeAgent) -> Iterator[AgentConnection]:
    connection = AgentConnection(str(tmp_path / "agent.sock"), "token")
    pulse = QTimer(connection, interval=int(local.LAUNCHER_ALIVE_SECONDS * 1000))
    pulse.timeout.connect(lambda: connection.tick(covering=True))
    pulse.start()
    with qtbot.waitSignal(connection.connected_changed):
        connection.open()
    agent.accept()
    yield connection
    connection.close()


def sign_in(request_id: str) -> local.PlayerSignIn:
    return local.PlayerSignIn(request_id=request_id, login="aliya", password="secret")


def test_an_answer_comes_back_to_who_asked(
    qtbot: QtBot, connection: AgentConnection, agent: FakeAgent
) -> None:
    first: list[str] = []
    second: list[str] = []
    connection.ask(sign_in("1"), first.append)
    connection.ask(sign_in("2"), second.append)
    agent.answer(agent.wait_for(local.PlayerSignIn, request_id="2"), "ok")
    qtbot.waitUntil(lambda: second == ["ok"])
    assert first == []


def test_asking_does_not_wait(connection: AgentConnection) -> None:
    answers: list[str] = []
    connection.ask(sign_in("1"), answers.append)
    assert answers == []


def test_a_broken_connection_answers_what_was_asked_and_comes_back(
    qtbot: QtBot, connection: AgentConnection, agent: FakeAgent
) -> None:
    answers: list[str] = []
    connection.ask(sign_in("1"), answers.append)
    agent.wait_for(local.PlayerSignIn)
    agent.close()
    qtbot.waitUntil(lambda: answers == ["server_unreachable"])
    agent.listen()
    with qtbot.waitSignal(connection.connected_changed):
        pass
    agent.accept()
    with qtbot.waitSignal(connection.message_received) as received:
        agent.say(LOCKED)
    assert received.args == [LOCKED]


def test_a_late_answer_is_given_up(
    qtbot: QtBot, connection: AgentConnection, agent: FakeAgent
) -> None:
    answers: list[str] = []
    connection.ask(sign_in("1"), answers.append)
    for _ in range(ANSWER_TIMEOUT_TICKS - 1):
        connection.tick(covering=True)
    assert answers == []
    connection.tick(covering=True)
    assert answers == ["server_unreachable"]


def test_without_a_connection_the_answer_is_unreachable(qtbot: QtBot, tmp_path: Path) -> None:
    answers: list[str] = []
    connection = AgentConnection(str(tmp_path / "nobody.sock"), "token")
    connection.ask(sign_in("1"), answers.append)
    qtbot.waitUntil(lambda: answers == ["server_unreachable"])


@pytest.mark.parametrize(
    "line", [b"not json\n", b'{"type":"unheard_of"}\n', b'{"type":"state"}\n', b"x" * 70_000]
)
def test_what_cannot_be_understood_ends_that_connection_only(
    qtbot: QtBot, connection: AgentConnection, agent: FakeAgent, line: bytes
) -> None:
    with qtbot.waitSignals([connection.connected_changed, connection.connected_changed]):
        agent.say_raw(line)
    agent.accept()
    assert connection.connected


def test_a_message_may_come_in_pieces(
    qtbot: QtBot, connection: AgentConnection, agent: FakeAgent
) -> None:
    line = local.agent_codec.encode(local.Notice(text="Ёлка")) + b"\n"
    agent.say_raw(line[:9])
    qtbot.wait(50)
    with qtbot.waitSignal(connection.message_received) as received:
        agent.say_raw(line[9:])
    assert received.args == [local.Notice(text="Ёлка")]


def test_the_agents_own_process_is_told_the_token(
    qtbot: QtBot, tmp_path: Path, agent: FakeAgent
) -> None:
    connection = AgentConnection(str(tmp_path / "agent.sock"), "token", os.getpid())
    with qtbot.waitSignal(connection.connected_changed):
        connection.open()
    agent.accept()  # hears it
    connection.close()


@pytest.mark.parametrize(
    "agent_pid",
    [pytest.param(os.getpid() + 1, id="another"), pytest.param(NO_PROCESS, id="nobody")],
)
def test_another_process_in_the_agents_place_is_told_nothing_and_not_heard(
    qtbot: QtBot, tmp_path: Path, agent: FakeAgent, agent_pid: int
) -> None:
    """As little as whoever listens where a launcher without an agent asks."""
    connection = AgentConnection(str(tmp_path / "agent.sock"), "token", agent_pid)
    said: list[object] = []
    connection.message_received.connect(said.append)
    connection._send = said.append  # type: ignore[method-assign]
    with qtbot.waitSignal(connection._socket.disconnected):
        connection.open()
    assert said == []
    connection.close()
