"""Asking whether a system answers, on this machine's own loopback."""

import socket

import pytest

from lovhub.server.without_agent import network, rules
from lovhub.server.without_agent.network import LocalNetwork

NO_WAY = "255.255.255.255"
IP_RECVTTL = 12
"""Linux: the kernel tells with a datagram how many more routers would have passed it on."""


def test_a_system_answers_with_a_refusal_as_well_as_with_a_yes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as closed, socket.create_server(("127.0.0.2", 0)) as listener:
        closed.bind(("127.0.0.3", 0))  # taken, and nobody listens
        network_ports = (closed.getsockname()[1], listener.getsockname()[1])
        monkeypatch.setattr(network, "_PORTS", network_ports)
        assert LocalNetwork().answering(["127.0.0.2", "127.0.0.3"]) == {"127.0.0.2", "127.0.0.3"}


def test_where_there_is_no_way_nobody_answers_and_nothing_breaks() -> None:
    local = LocalNetwork()
    local.stir([NO_WAY, "127.0.0.1"])
    assert local.answering([NO_WAY]) == set()
    assert local.answering([]) == set()


def test_no_router_passes_on_what_is_sent_to_an_address_that_a_pc_has_told_as_linux_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.2", 0))
        there.settimeout(5)
        there.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        monkeypatch.setattr(network, "_DISCARD", there.getsockname()[1])
        LocalNetwork().stir(["127.0.0.2"])
        _empty, [(_level, _kind, hops_left)], _flags, _sender = there.recvmsg(16, 64)
    assert int.from_bytes(hops_left, "little") == 1


def test_as_many_as_are_asked_at_a_turn_are_asked_at_once() -> None:
    hall = [f"127.0.1.{place}" for place in range(1, rules.MOST_ASKED + 1)]
    assert LocalNetwork().answering(hall) == set(hall)
