from lovhub.agent.store import MemoryStore
from lovhub.protocol import channel
from lovhub.protocol.identity import make_statement
from lovhub.protocol.pairing import bulk_token
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


def token_of(club: ClubServer) -> str:
    return bulk_token("s" * 32, club.identity.public_key().public_bytes_raw())


def test_a_token_is_told_to_its_own_club_once(club: ClubServer) -> None:
    with PcClient(club.port, bulk_token=token_of(club)) as pc:
        club.wait_for(channel.Hello)
        assert club.wait_for(channel.PairReveal).bulk_token == token_of(club)
        assert pc.forgotten == [token_of(club)]
        club.refuses_hello_with = channel.Error(code="unknown_computer")
        connection = pc.client._connection
        assert connection is not None
        pc.call(connection.transport.abort)
        assert club.wait_for(channel.PairReveal, 2).bulk_token == ""


def test_a_false_server_hears_neither_token_nor_anything_else(
    club: ClubServer, make_server: MakeServer
) -> None:
    middle = make_server()
    with PcClient(middle.port, bulk_token=token_of(club)) as pc:
        pc.wait_until(lambda: pc.false_servers)
        assert middle.received_raw == []
        assert pc.codes == []


def test_a_paired_pc_trusts_its_pin_and_forgets_a_token_of_whatever_club(
    club: ClubServer, make_server: MakeServer
) -> None:
    with PcClient(club.port) as pc:
        club.wait_for(channel.Heartbeat)
    anothers = token_of(make_server())
    with PcClient(club.port, pc.store, bulk_token=anothers) as again:
        club.wait_for(channel.Hello, 2)
        again.wait_until(lambda: again.forgotten == [anothers])
        assert again.false_servers == []


def test_a_name_typed_at_the_pc_is_told_now_and_at_the_next_attempt(club: ClubServer) -> None:
    club.approves = False
    with PcClient(club.port) as pc:
        pc.wait_until(lambda: pc.codes)
        pc.call(pc.client.wish.say, "ПК-17")
        club.wait_for(channel.PairName)
        pc.call(pc.client.wish.say, "ПК-18")
        assert club.wait_for(channel.PairName, 2).name == "ПК-18"
        club.send(channel.Error(code="pairing_refused"))
        assert club.wait_for(channel.PairName, 3).name == "ПК-18"
        club.approves = True
        club.wait_for(channel.Hello)


def test_a_server_that_knows_no_names_is_told_none(club: ClubServer) -> None:
    club.takes_name = club.approves = False
    with PcClient(club.port) as pc:
        pc.call(pc.client.wish.say, "ПК-17")
        pc.wait_until(lambda: pc.codes)
        club.approves = True
        club.wait_for(channel.Heartbeat)
        assert club.all(channel.PairName) == []
