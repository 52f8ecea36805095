"""Wake-on-LAN, to the byte."""

import pytest

from lovhub import waking


def test_the_packet_is_the_one_that_cards_listen_for() -> None:
    packet = waking.magic_packet("02:00:5e:10:00:0f")
    assert packet == b"\xff" * 6 + bytes.fromhex("02005e10000f") * 16


@pytest.mark.parametrize("mac", ["", "02-00-5e-10-00-0f", "ff:ff:ff:ff:ff:ff", "02:00:5e:10:00:0G"])
def test_what_is_no_card_is_not_called(mac: str) -> None:
    assert not waking.is_mac(mac)
    with pytest.raises(ValueError, match="network card"):
        waking.magic_packet(mac)


def test_neighbours_hear_it() -> None:
    assert waking.neighbourhood("192.168.1.17") == "192.168.1.255"
    assert [waking.neighbourhood(text) for text in ("", "fe80::1", "1.2.3.400")] == ["", "", ""]
