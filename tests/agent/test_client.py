import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lovhub.agent.store import Membership, MemoryStore
from lovhub.pinned_tls import context_for, name_in_certificate
from lovhub.protocol import HEARTBEAT_SECONDS, MAX_FRAME_BYTES, channel
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
