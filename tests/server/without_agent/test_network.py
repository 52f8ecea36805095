"""Asking whether a system answers, on this machine's own loopback."""

import socket

import pytest

from lovhub.server.without_agent import network, rules
from lovhub.server.without_agent.network import LocalNetwork

NO_WAY = "255.255.255.255"


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


def test_as_many_as_are_asked_at_a_turn_are_asked_at_once() -> None:
    hall = [f"127.0.1.{place}" for place in range(1, rules.MOST_ASKED + 1)]
    assert LocalNetwork().answering(hall) == set(hall)
