import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from lovhub.protocol import MAX_FRAME_BYTES, PROTOCOL_VERSION
from lovhub.protocol.local import Alive, Attach, State, agent_codec, launcher_codec
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent


@pytest.fixture
def pc(club: ClubServer, tmp_path: Path) -> Iterator[PcAgent]:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        yield pc


class Visitor:
    """A process that knocks at the agent's socket."""

    def __init__(self, pc: PcAgent) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(pc.endpoint)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def attach(self, token: str) -> None:
        attach = Attach(protocol=PROTOCOL_VERSION, token=token, pid=os.getpid())
        self.say(launcher_codec.encode(attach) + b"\n")

    def say(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except ConnectionError:
            return  # closed on the first half of it

    def hears(self) -> bytes:
        """The next line; b"" when the agent closed the connection."""
        try:
            return self._file.readline()
        except ConnectionResetError:
            return b""


def current_token(pc: PcAgent) -> str:
    token: str = pc.call(lambda: pc.agent._local_server._token)
    return token


def test_the_socket_is_for_this_user_only(pc: PcAgent) -> None:
    assert stat.S_IMODE(Path(pc.endpoint).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "first_words",
    [
        launcher_codec.encode(Attach(protocol=1, token="wrong", pid=1)) + b"\n",
        launcher_codec.encode(Attach(protocol=1, token="", pid=1)) + b"\n",
        launcher_codec.encode(Alive(covering=True)) + b"\n",
        b"nonsense\n",
        b"\xff\xfe\n",
        b"x" * (MAX_FRAME_BYTES + 10) + b"\n",
    ],
    ids=["wrong token", "no token", "not attached", "nonsense", "not UTF-8", "oversized"],
)
def test_a_stranger_is_shown_the_door_and_hears_nothing(pc: PcAgent, first_words: bytes) -> None:
    pid = pc.launcher_pid()
    with Visitor(pc) as stranger:
        stranger.say(first_words)
        assert stranger.hears() == b""
    assert pc.launcher_pid() == pid
    assert pc.call(lambda: pc.agent._local_server._attached is not None)


def test_only_one_launcher_is_attached(pc: PcAgent) -> None:
    token = current_token(pc)
    with Visitor(pc) as first, Visitor(pc) as second:
        first.attach(token)
        assert isinstance(agent_codec.decode(first.hears()), State)
        second.attach(token)
        assert isinstance(agent_codec.decode(second.hears()), State)
        while first.hears():
            pass  # what was under way, then the end


@pytest.mark.parametrize(
    "data", [b"nonsense\n", b"x" * (MAX_FRAME_BYTES + 10)], ids=["nonsense", "oversized"]
)
def test_an_attached_launcher_that_talks_nonsense_is_cut_off(pc: PcAgent, data: bytes) -> None:
    with Visitor(pc) as launcher:
        launcher.attach(current_token(pc))
        assert launcher.hears()
        launcher.say(data)
        while launcher.hears():
            pass


def test_the_token_of_an_earlier_launcher_is_worth_nothing(pc: PcAgent) -> None:
    token = current_token(pc)
    pid = pc.launcher_pid()
    os.kill(pid, 9)
    pc.wait_until(lambda: pc.launcher_pid() != pid)
    assert current_token(pc) != token
    with Visitor(pc) as stranger:
        stranger.attach(token)
        assert stranger.hears() == b""
