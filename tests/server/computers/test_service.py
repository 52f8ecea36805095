"""Pairing, naming, revoking, coming and going."""

import pytest

from lovhub.server.bus import ComputerChanged, News
from lovhub.server.computers import queries, service
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People

KEY = bytes(range(32))


def _pair(club: ClubContext, key: bytes = KEY, hostname: str = "DESKTOP-1") -> service.Pairing:
    return service.pair(club, hostname=hostname, public_key=key, actor=OWNER)


def _owner_of(club: ClubContext, computer_id: int, token: str) -> int | None:
    with club.read() as db:
        computer = queries.by_token(db, club.club_id, computer_id, token)
        return None if computer is None else computer.id


def test_a_paired_pc_is_known_by_its_token_only(club: ClubContext, news: list[News]) -> None:
    pairing = _pair(club)
    assert pairing.computer_name == "DESKTOP-1"
    assert _owner_of(club, pairing.computer_id, pairing.token) == pairing.computer_id
    assert _owner_of(club, pairing.computer_id, "guess") is None
    assert _owner_of(club, pairing.computer_id + 1, pairing.token) is None
    assert ComputerChanged(pairing.computer_id) in news


def test_pairing_again_keeps_the_row_and_its_name_and_ends_the_old_token(
    club: ClubContext,
) -> None:
    first = _pair(club)
    service.rename(club, computer_id=first.computer_id, name="ПК-1", actor=OWNER)
    second = _pair(club)
    assert (second.computer_id, second.computer_name) == (first.computer_id, "ПК-1")
    assert _owner_of(club, first.computer_id, first.token) is None
    assert _owner_of(club, first.computer_id, second.token) == first.computer_id


def test_a_revoked_pc_is_not_known_and_pairs_as_a_new_one(club: ClubContext) -> None:
    first = _pair(club)
    service.revoke(club, computer_id=first.computer_id, actor=OWNER)
    assert _owner_of(club, first.computer_id, first.token) is None
    assert _pair(club).computer_id != first.computer_id


def test_a_pc_with_a_session_is_not_revoked(club: ClubContext, people: People) -> None:
    computer_id, customer_id = people.computer(), people.customer(balance_tiyn=50_000)
    sessions.buy(
        club,
        computer_id=computer_id,
        customer_id=customer_id,
        tariff_id=people.tariff(),
        key="purchase-1",
        actor=OWNER,
    )
    with pytest.raises(OperationRefused, match="computer_busy"):
        service.revoke(club, computer_id=computer_id, actor=OWNER)


@pytest.mark.parametrize(("name", "code"), [("  ", "name_missing"), ("ПК-2", "name_taken")])
def test_a_name_must_be_there_and_free(club: ClubContext, name: str, code: str) -> None:
    first, second = _pair(club), _pair(club, bytes(32))
    service.rename(club, computer_id=second.computer_id, name="ПК-2", actor=OWNER)
    with pytest.raises(OperationRefused, match=code):
        service.rename(club, computer_id=first.computer_id, name=name, actor=OWNER)


def test_a_hostname_is_one_line_of_printable_text(club: ClubContext) -> None:
    assert _pair(club, hostname="a\x00b\n\u202ec" + "x" * 100).computer_name == ("a b c" + "x" * 35)


def test_a_key_of_the_wrong_length_is_refused(club: ClubContext) -> None:
    with pytest.raises(OperationRefused, match="public_key_invalid"):
        _pair(club, b"short")


def test_a_goodbye_is_remembered(club: ClubContext, people: People) -> None:
    computer_id = people.computer()
    service.said_goodbye(club, computer_id=computer_id, reason="shutdown", address="10.0.0.5")
    with club.read() as db:
        computer = queries.by_id(db, club.club_id, computer_id)
    assert computer is not None
    assert computer.said_goodbye


def test_a_name_given_at_the_pairing_is_the_name_unless_another_has_it(club: ClubContext) -> None:
    def pair(key: bytes, name: str) -> str:
        return service.pair(
            club, hostname="DESKTOP-1", public_key=key, actor=OWNER, name=name
        ).computer_name

    assert pair(KEY, " ПК-17 ") == "ПК-17"
    with pytest.raises(OperationRefused) as refused:
        pair(bytes(32), "ПК-17")
    assert refused.value.code == "name_taken"
    assert pair(KEY, "ПК-17") == "ПК-17"
    assert pair(KEY, "") == "ПК-17"
    assert pair(bytes(32), "ПК-18") == "ПК-18"
