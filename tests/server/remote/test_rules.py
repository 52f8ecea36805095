"""What a PC may be asked to do, and by which cards and neighbours it is woken."""

import pytest

from lovhub.protocol.views import CommandKind
from lovhub.server.remote import rules
from lovhub.server.remote.rules import Standing

ON = Standing(is_linked=True, knows={"lock", "unlock", "volume", "start", "restart", "screenshot"})
PLAYING = Standing(is_linked=True, knows=ON.knows, session_id=7, session_state="active")
PAUSED = Standing(is_linked=True, knows=ON.knows, session_id=7, session_state="paused")
OFF = Standing(is_linked=False, macs=("02:00:00:00:00:01",))


@pytest.mark.parametrize(
    ("kind", "standing", "shown", "refusal"),
    [
        ("message", ON, False, ""),
        ("message", OFF, False, "computer_silent"),
        ("message", Standing(is_linked=True), False, ""),
        ("sign_out", Standing(is_linked=True), False, ""),
        ("volume", Standing(is_linked=True), False, "agent_too_old"),
        ("volume", ON, False, ""),
        ("lock", ON, False, "nobody_plays"),
        ("lock", PAUSED, False, "nobody_plays"),
        ("lock", PLAYING, False, ""),
        ("unlock", PLAYING, False, ""),
        ("start", ON, False, "nobody_plays"),
        ("start", PLAYING, False, ""),
        ("restart", ON, False, ""),
        ("restart", PLAYING, False, "session_not_shown"),
        ("restart", PAUSED, False, "session_not_shown"),
        ("restart", PLAYING, True, ""),
        ("shut_down", ON, False, "agent_too_old"),
        ("screenshot", PLAYING, False, ""),
        ("wake", ON, False, "computer_on"),
        ("wake", OFF, False, ""),
        ("wake", Standing(is_linked=False), False, "mac_unknown"),
    ],
)
def test_what_a_pc_may_be_asked(
    kind: CommandKind, standing: Standing, shown: bool, refusal: str
) -> None:
    assert rules.refusal(kind, standing, session_was_shown=shown) == refusal


def test_the_card_it_spoke_by_comes_first_and_what_is_no_card_not_at_all() -> None:
    told = {
        "networks": [
            {"name": "VPN", "mac": "00:00:00:00:00:00", "addresses": ["10.8.0.2"]},
            {"name": "Wi-Fi", "mac": "02:00:00:00:00:02", "addresses": ["10.1.0.9"]},
            {"name": "Ethernet", "mac": "02:00:00:00:00:01", "addresses": ["192.168.1.5"]},
        ]
    }
    assert rules.cards(told, "192.168.1.5") == (
        ("02:00:00:00:00:01", "02:00:00:00:00:02"),
        ("192.168.1.5", "10.1.0.9"),
    )
    assert rules.cards({}, "") == ((), ())


def test_neighbours_are_those_of_the_same_network() -> None:
    linked = {1: "192.168.1.7", 2: "192.168.2.7", 3: "192.168.1.9", 4: "192.168.1.11", 5: ""}
    assert rules.helpers("192.168.1.5", linked) == [1, 3]
    assert rules.helpers("", linked) == []
