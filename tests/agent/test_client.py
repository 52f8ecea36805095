import itertools
import random
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.protocol import State

from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import FoundServer, Membership, MemoryStore
from lovhub.agent.whereabouts import Whereabouts
from lovhub.pinned_tls import context_for, name_in_certificate
from lovhub.protocol import HEARTBEAT_SECONDS, MAX_FRAME_BYTES, channel
from lovhub.protocol.pairing import bulk_token
from tests.agent.conftest import MakeServer
from tests.agent.support.certificates import make_certificate
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_client import PcClient


def member_of(club: ClubServer) -> MemoryStore:
    store = MemoryStore()
    identity_key = club.identity.public_key().public_bytes_raw()
    store.join(Membership(club.computer_id, club.token, identity_key), club.certificate.pem)
    return store


# --- trust ---


def test_a_false_server_gets_nothing_of_value(club: ClubServer, make_server: MakeServer) -> None:
    false_server = make_server()
    with PcClient(false_server.port, member_of(club)) as pc:
        pc.wait_until(lambda: len(pc.false_servers) >= 2)
        assert false_server.connections >= 2
        assert false_server.received_raw == []
        assert pc.store.certificate_pem() == club.certificate.pem


def test_a_renewed_certificate_of_the_same_identity_is_taken(
    club: ClubServer, make_server: MakeServer
) -> None:
    renewed = make_server(identity=club.identity)
    with PcClient(renewed.port, member_of(club)) as pc:
        renewed.wait_for(channel.Hello)
        assert pc.store.certificate_pem() == renewed.certificate.pem
        assert pc.false_servers == []


def test_the_server_is_asked_for_by_its_certificates_name_whatever_its_address(
    make_server: MakeServer, tmp_path: Path
) -> None:
    elsewhere = make_certificate(tmp_path / "c", dns_names=("old-name",), addresses=("10.1.2.3",))
    server = make_server(elsewhere)
    with PcClient(server.port):
        server.wait_for(channel.Hello)


def test_a_certificate_of_an_authority_is_trusted_without_the_authority(
    make_server: MakeServer, tmp_path: Path
) -> None:
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
    key = ec.generate_private_key(ec.SECP256R1())
    server = make_server(make_certificate(tmp_path / "c", issuer=(authority, key)))
    with PcClient(server.port):
        server.wait_for(channel.Hello)


def test_a_certificate_with_only_a_common_name_is_trusted(
    make_server: MakeServer, tmp_path: Path
) -> None:
    old = make_certificate(tmp_path / "c", "lovhub.local", dns_names=(), addresses=())
    assert name_in_certificate(old.pem) == "lovhub.local"
    server = make_server(old)
    with PcClient(server.port):
        server.wait_for(channel.Hello)


def test_an_expired_certificate_is_not_trusted(make_server: MakeServer, tmp_path: Path) -> None:
    expired = make_certificate(tmp_path / "c", days=-1)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(expired.pem, make_server(expired).port)


def test_another_certificate_than_the_trusted_one_is_refused(
    club: ClubServer, make_server: MakeServer
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(club.certificate.pem, make_server().port)


def test_no_check_is_switched_off(club: ClubServer) -> None:
    context = context_for(club.certificate.pem)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def _shake_hands(trusted_pem: str, port: int) -> None:
    name = name_in_certificate(trusted_pem)
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context_for(trusted_pem).wrap_socket(plain, server_hostname=name),
    ):
        pass


# --- where the server is ---


class Network:
    """Who announces itself, told at once; a PC looks as soon as its server does not answer."""

    def __init__(self, *servers: ClubServer) -> None:
        self.servers = servers

    def search(self, _stop: threading.Event) -> list[ServerFound]:
        return [ServerFound("Клуб", (address_of(server),)) for server in self.servers]

    def seen_by(self, store: MemoryStore, *given: Address) -> PcClient:
        minutes = itertools.count(step=60)
        where = Whereabouts(given, store, self.search, monotonic=lambda: next(minutes))
        return PcClient(0, store, whereabouts=where)


def address_of(server: ClubServer) -> Address:
    return Address("127.0.0.1", server.port)


def test_a_server_with_another_address_is_found_and_remembered(
    club: ClubServer, make_server: MakeServer
) -> None:
    moved = make_server(identity=club.identity)
    before = address_of(club)
    club.kill()
    store = member_of(club)
    with Network(moved).seen_by(store, before) as pc:
        moved.wait_for(channel.Hello)
        pc.wait_until(lambda: pc.client.linked)
        assert store.found() == FoundServer("127.0.0.1", moved.port, str(before))
        assert pc.asked[0] == before


def test_a_false_server_that_announces_itself_first_gets_nothing_and_the_true_one_is_found(
    club: ClubServer, make_server: MakeServer
) -> None:
    false_server = make_server()
    store = member_of(club)
    with Network(false_server, club).seen_by(store) as pc:
        club.wait_for(channel.Hello)
        pc.wait_until(lambda: pc.client.linked)
    assert pc.asked == [address_of(false_server), address_of(club)]
    assert false_server.received_raw == []
    assert store.certificate_pem() == club.certificate.pem
    assert pc.false_servers == []  # a neighbour's server is no alarm where nobody has named it


def test_a_pc_that_knows_nothing_pairs_with_the_only_server_there_is(club: ClubServer) -> None:
    with Network(club).seen_by(MemoryStore()) as pc:
        club.wait_for(channel.Hello)
        pc.wait_until(lambda: pc.client.linked)
        assert pc.codes[0] == club.code
        assert pc.store.found() == FoundServer("127.0.0.1", club.port)


def test_with_a_token_its_own_club_is_found_among_others(
    club: ClubServer, make_server: MakeServer
) -> None:
    other = make_server()
    token = bulk_token("s" * 32, club.identity.public_key().public_bytes_raw())
    where = Whereabouts([], None, Network(other, club).search)
    with PcClient(0, bulk_token=token, whereabouts=where):
        club.wait_for(channel.Hello)
    assert other.received_raw == []


def test_when_a_node_dies_its_pc_goes_on_at_another(
    club: ClubServer, make_server: MakeServer
) -> None:
    other = make_server(identity=club.identity)
    store = member_of(club)
    where = Whereabouts([address_of(club), address_of(other)], store, chance=random.Random(1))
    with PcClient(0, store, whereabouts=where) as pc:
        pc.wait_until(lambda: pc.client.linked)
        first, second = (club, other) if club.all(channel.Hello) else (other, club)
        first.kill()
        second.wait_for(channel.Hello)
        pc.wait_until(lambda: pc.client.linked)
        assert store.found() is None


# --- the link ---


def test_heartbeats_go_by_the_clock(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        first = club.wait_for(channel.Heartbeat)
        for number in range(2, 5):
            pc.clock.advance(HEARTBEAT_SECONDS)
            assert club.wait_for(channel.Heartbeat, number).seq == first.seq + number - 1
        assert pc.losses == 0


def test_a_change_is_told_at_once(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        pc.call(pc.client.beat_now)
        club.wait_for(channel.Heartbeat, 2)


def test_unanswered_heartbeats_end_the_connection(club: ClubServer) -> None:
    club.answers_heartbeats = False
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        pc.clock.advance(16)
        club.wait_for(channel.Hello, 2)
        assert pc.losses == 1


def test_a_clock_that_jumps_an_hour_does_not_cost_the_link(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        pc.clock.advance(3600)
        club.wait_for(channel.Heartbeat, 2)
        pc.clock.advance(3600)
        club.wait_for(channel.Heartbeat, 3)
        assert pc.losses == 0


def test_the_pc_comes_back_when_the_server_does(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        club.kill()
        pc.wait_until(lambda: not pc.client.linked)
        club.start()
        club.wait_for(channel.Hello, 2)


def test_bye_is_honoured_and_the_pc_comes_back(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        club.send(channel.Bye(reconnect_after_seconds=0))
        pc.wait_until(lambda: pc.losses == 1)
        club.wait_for(channel.Hello, 2)


def test_a_client_cancelled_while_it_parts_leaves_nothing_open(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        connection = pc.client._connection
        assert connection is not None
        club.read_no_more()
        club.send(channel.Bye(reconnect_after_seconds=0))
        pc.wait_until(lambda: pc.losses == 1)
    assert connection.state is State.CLOSED


def test_frames_without_a_link_are_refused_at_once() -> None:
    pc = PcClient(1)
    assert not pc.client.send(channel.Heartbeat(seq=1, lock="locked"))


def test_a_pc_the_server_has_forgotten_pairs_anew_with_the_same_club_only(
    club: ClubServer,
) -> None:
    club.refuses_hello_with = channel.Error(code="unknown_computer")
    with PcClient(club.port, member_of(club)) as pc:
        pc.wait_until(lambda: pc.unknown)
        club.refuses_hello_with = None
        club.wait_for(channel.PairCommit)
        assert pc.store.pinned_identity_key() == club.identity.public_key().public_bytes_raw()
        club.wait_for(channel.Hello, 2)


def test_frames_of_a_newer_server_are_passed_over(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        club.send_raw('{"type": "fireworks", "colour": "red"}')
        club.send_raw('{"type": "name", "computer_name": "ПК-2", "font": "new"}')
        pc.wait_until(lambda: channel.NameChanged(computer_name="ПК-2") in pc.frames)
        assert pc.losses == 0


@pytest.mark.parametrize(
    "text",
    ["no JSON", '{"type": "name", "computer_name": 5}', "[]", "x" * (MAX_FRAME_BYTES + 1)],
    ids=["no JSON", "wrong type", "no object", "oversized"],
)
def test_nonsense_costs_the_connection_and_nothing_else(club: ClubServer, text: str) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)
        club.send_raw(text)
        club.wait_for(channel.Hello, 2)
        assert pc.losses == 1


def test_a_handler_that_fails_costs_the_connection_and_nothing_else(club: ClubServer) -> None:
    with PcClient(club.port, member_of(club)) as pc:
        club.wait_for(channel.Heartbeat)

        def fail_once(frame: channel.ServerFrame) -> None:
            del pc.server_frame  # type: ignore[method-assign]
            raise RuntimeError(frame)

        pc.server_frame = fail_once  # type: ignore[method-assign]
        club.send(channel.NameChanged(computer_name="ПК-2"))
        club.wait_for(channel.Hello, 2)
