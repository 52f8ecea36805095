from lovhub.agent.store import MemoryStore
from lovhub.protocol import channel
from lovhub.protocol.identity import make_statement
from tests.agent.conftest import MakeServer
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_client import PcClient


def test_both_sides_show_the_same_code_and_the_pc_signs_in(club: ClubServer) -> None:
    with PcClient(club.port) as pc:
        hello = club.wait_for(channel.Hello)
        assert pc.codes[0] == club.code
        assert pc.codes[-1] == ""
        assert (hello.computer_id, hello.token) == (7, "token-of-pc-7")
        assert pc.store.pinned_identity_key() == club.identity.public_key().public_bytes_raw()
        assert pc.store.certificate_pem() == club.certificate.pem


def test_no_token_before_the_desk_approves(club: ClubServer) -> None:
    club.approves = False
    with PcClient(club.port) as pc:
        pc.wait_until(lambda: pc.codes)
        assert pc.store.membership() is None
        club.approves = True
        club.wait_for(channel.Hello)


def test_a_man_in_the_middle_shows_another_code_than_the_server(
    club: ClubServer, make_server: MakeServer
) -> None:
    """He ends the PC's TLS himself and pairs with the real server in the PC's place."""
    middle = make_server()
    middle.approves = club.approves = False
    his_own = PcClient(club.port, MemoryStore())
    with PcClient(middle.port) as pc, his_own:
        pc.wait_until(lambda: pc.codes and club.code)
        assert pc.codes[0] != club.code


def test_a_man_in_the_middle_cannot_pass_on_the_servers_own_statement(
    club: ClubServer, make_server: MakeServer
) -> None:
    middle = make_server()
    middle.statement = make_statement(club.identity, club.certificate.der)
    with PcClient(middle.port) as pc:
        pc.wait_until(lambda: pc.false_servers)
        assert middle.received_raw == []


def test_a_refused_pairing_begins_anew_with_another_code(club: ClubServer) -> None:
    club.approves = False
    with PcClient(club.port) as pc:
        pc.wait_until(lambda: pc.codes)
        club.send(channel.Error(code="pairing_refused"))
        pc.wait_until(lambda: len([code for code in pc.codes if code]) > 1)
        assert pc.codes[1] == ""
        assert pc.codes[2] != pc.codes[0]
