"""Real announcements and a real search, over this machine's own network card only.

Other tests may announce servers at the same time: each looks for its own.
"""

import itertools
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from lovhub.agent.search import SEARCH_SECONDS, ServerFound, search
from lovhub.agent.settings import Address
from lovhub.agent.store import Membership, MemoryStore
from lovhub.agent.whereabouts import Whereabouts
from lovhub.protocol import channel
from lovhub.protocol.discovery import CLUB, SERVICE_TYPE, club_name, club_property
from tests.agent.conftest import MakeServer
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_client import PcClient
from tests.support.waiting import eventually

ITSELF = ["127.0.0.1"]
SECONDS = 1.0


@contextmanager
def announced(*addresses: str, port: int = 5000, club: bytes | None = b"Club") -> Iterator[str]:
    """A stranger's announcement, as it may come from any program; gives its own name."""
    name = uuid.uuid4().hex
    info = ServiceInfo(
        SERVICE_TYPE,
        f"{name}.{SERVICE_TYPE}",
        parsed_addresses=list(addresses),
        port=port,
        properties={} if club is None else {CLUB: club},
        server=f"{name}.local.",
    )
    with Zeroconf(ITSELF, ip_version=IPVersion.V4Only, use_asyncio=False) as network:
        network.register_service(info, cooperating_responders=True)
        yield name


def found_with(*ports: int) -> list[ServerFound]:
    """Where a machine is slow, nobody answers within a second: then it is looked again, for as long as by a PC."""
    seconds = itertools.chain([SECONDS], itertools.repeat(SEARCH_SECONDS))

    def look() -> list[ServerFound]:
        found = search(threading.Event(), next(seconds), ITSELF)
        return [server for server in found if server.addresses[0].port in ports]

    return eventually(look)


def test_who_announces_itself_is_found_with_its_near_addresses_first() -> None:
    with announced("10.99.0.1", "127.0.0.1", "10.98.0.1", port=41):
        assert found_with(41) == [
            ServerFound(
                "Club",
                (Address("127.0.0.1", 41), Address("10.98.0.1", 41), Address("10.99.0.1", 41)),
            )
        ]


def test_a_paired_pc_follows_its_server_to_another_address_and_tells_a_false_one_nothing(
    club: ClubServer, make_server: MakeServer
) -> None:
    moved, false_server = make_server(identity=club.identity), make_server()
    store = MemoryStore()
    identity_key = club.identity.public_key().public_bytes_raw()
    store.join(Membership(club.computer_id, club.token, identity_key), club.certificate.pem)
    club.kill()
    minutes = itertools.count(step=60)
    where = Whereabouts(
        [Address("127.0.0.1", club.port)],
        store,
        partial(search, interfaces=ITSELF),
        monotonic=lambda: next(minutes),
    )
    with (
        announced("127.0.0.1", port=false_server.port),
        announced("127.0.0.1", port=moved.port),
        PcClient(0, store, whereabouts=where),
    ):
        moved.wait_for(channel.Hello)
        moved.wait_for(channel.Heartbeat)
    assert false_server.received_raw == []
    found = store.found()
    assert found is not None
    assert found.port == moved.port


def test_an_address_outside_of_any_club_is_not_believed() -> None:
    with announced("8.8.8.8", port=42), announced("8.8.4.4", "10.0.0.9", port=43, club=None):
        assert found_with(42, 43) == [ServerFound("", (Address("10.0.0.9", 43),))]


def test_whoever_is_told_to_stop_does_not_wait() -> None:
    stop = threading.Event()
    stop.set()
    search(stop, 3600, ITSELF)


def test_a_network_that_cannot_be_asked_has_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("no multicast here")

    monkeypatch.setattr("zeroconf.Zeroconf", refuse)
    assert search(threading.Event(), 3600, ITSELF) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (club_property("Клуб «Арена»"), "Клуб «Арена»"),
        (club_property("я" * 300), "я" * 100),
        (b"a\x00\r\n\xffb" + "\N{RIGHT-TO-LEFT OVERRIDE}".encode(), "a b"),
    ],
)
def test_the_name_of_a_club_is_fit_to_be_shown_whoever_wrote_it(
    value: bytes | None, shown: str
) -> None:
    assert club_name(value) == shown
