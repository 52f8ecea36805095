"""The server is told of in the network, and the agent's own search finds it; over this machine's own card only."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from zeroconf import ServiceInfo

from lovhub.agent.search import ServerFound, search
from lovhub.agent.settings import Address
from lovhub.server import announcing as module
from lovhub.server.announcing import Announced, Announcer, announcing, reached_at
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext

PORT = 4444
HERE = Announced("Клуб «Арена»", ("127.0.0.1",), PORT)


@pytest.fixture
def announcer() -> Iterator[Announcer]:
    announcer = Announcer(lambda: HERE)
    yield announcer
    announcer.withdraw()


def found() -> list[ServerFound]:
    """Other tests may announce theirs at the same time."""
    everybody = search(threading.Event(), 1.0, ["127.0.0.1"])
    return [server for server in everybody if server.addresses[0].port == PORT]


def test_a_pc_finds_what_the_server_announces_until_it_goes(announcer: Announcer) -> None:
    announcer.look()
    announcer.look()
    assert found() == [ServerFound("Клуб «Арена»", (Address("127.0.0.1", PORT),))]
    announcer.withdraw()
    assert found() == []


class Network:
    """Takes the place of the library: notes what it is told."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        self.told: list[object] = TOLD

    def register_service(self, info: ServiceInfo, **_options: object) -> None:
        self.told.append((info.properties, info.parsed_addresses(), info.port))

    def close(self) -> None:
        self.told.append("gone")


TOLD: list[object] = []


def test_only_name_and_address_are_told_and_told_anew_when_they_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    TOLD.clear()
    monkeypatch.setattr("zeroconf.Zeroconf", Network)
    other = HERE._replace(club="Б", addresses=("10.0.0.5", "10.0.0.6"))
    wanted: list[Announced | None] = [HERE, HERE, other, None, None, HERE]
    announcer = Announcer(lambda: wanted.pop(0))
    while wanted:
        announcer.look()
    here = ({b"club": "Клуб «Арена»".encode()}, ["127.0.0.1"], PORT)
    there = ({b"club": "Б".encode()}, ["10.0.0.5", "10.0.0.6"], PORT)
    assert [here, "gone", there, "gone", here] == TOLD


def test_a_network_that_cannot_be_told_is_tried_again_and_logged_once(
    announcer: Announcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def refuse(wanted: object) -> None:
        tries.append(wanted)
        raise OSError("port 5353 is taken")

    monkeypatch.setattr(announcer, "_announce", refuse)
    with capture_logs() as logs:
        announcer.look()
        announcer.look()
    assert len(tries) == 2
    assert [log["event"] for log in logs] == ["not_announced"]


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", ()), ("0.0.0.0", ("10.0.0.5", "192.168.1.5"))],
)
def test_only_what_others_may_reach_is_announced(
    monkeypatch: pytest.MonkeyPatch, host: str, reached: tuple[str, ...]
) -> None:
    own = ["10.0.0.5", "192.168.1.5", "fd00::5", "127.0.0.1", "::1"]
    monkeypatch.setattr(module, "local_addresses", lambda: own)
    with socket.socket() as listener:
        listener.bind((host, 0))
        assert reached_at(listener) == reached


def test_the_club_is_announced_by_its_name_and_without_one_before_it_is_founded(
    club: ClubContext,
) -> None:
    with club.read() as db:
        name = club_service.get(db, club.club_id).name
    assert module._name(club) == name != ""
    assert module._name(replace(club, club_id=2)) == ""


@pytest.mark.parametrize("is_on", [True, False])
def test_the_owner_may_switch_it_off_and_a_server_of_this_machine_only_never_begins(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch, is_on: bool
) -> None:
    begun: list[float] = []

    class Timer(threading.Timer):
        """Begins nothing."""

        def start(self) -> None:
            begun.append(self.interval)
            self.cancel()
            super().start()

    monkeypatch.setattr(threading, "Timer", Timer)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with announcing(club, listener, is_on=is_on):
            assert begun == []
    # The network is not there yet: it may come later.
    monkeypatch.setattr(module, "local_addresses", lambda: ["127.0.0.1", "::1"])
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        assert reached_at(listener) == ()
        with announcing(club, listener, is_on=is_on):
            assert begun == ([module.FIRST_SECONDS] if is_on else [])
