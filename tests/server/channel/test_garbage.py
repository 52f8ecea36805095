"""A PC may say whatever it likes: it is taken, or refused in the protocol's words, and is no fault of the program."""

import json
import traceback
from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Answer,
    AskOperations,
    ClientFrame,
    Hello,
    Journal,
    ReportedSession,
    ServerHello,
    Welcome,
)
from lovhub.server.channel import connection, player_requests, staff_requests
from tests.fuzz.junk import shaped, spoilt
from tests.server.channel.conftest import ChannelServer, PairPc, run, welcomed

BEYOND = [
    {"entry": kind, "number": number, "at": 1, "session_id": 2**63, "application_id": 1, **more}
    for number, (kind, more) in enumerate(
        {
            "application_started": {},
            "application_exited": {"ran_seconds": 2**70},
            "session_stopped": {"played_seconds": 2**70, "reason": "signed_out"},
        }.items(),
        1,
    )
]
"""Numbers that no column of a database holds."""

EXAMPLES = 4
MORE_EXAMPLES: dict[object, int] = {Journal: 15, ReportedSession: 10}


class Faults:
    """A log in which nothing may be written that has a traceback."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def exception(self, event: str, **_values: object) -> None:
        self.found.append(f"{event}: {traceback.format_exc()}")

    def info(self, _event: str, **_values: object) -> None:
        """Fine."""

    warning = info


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    log = Faults()
    for module in (connection, player_requests, staff_requests):
        if hasattr(module, "log"):
            monkeypatch.setattr(module, "log", log)
    return log


def _examples(kind: object) -> list[str]:
    """Frames of one kind: the right shape with any values, and some of another shape."""
    found: list[str] = []
    count = MORE_EXAMPLES.get(kind, EXAMPLES)

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.one_of(shaped(kind), shaped(kind), spoilt(shaped(kind))))
    def collect(value: object) -> None:
        found.append(json.dumps(value))

    collect()
    return found


def test_a_known_pc_says_anything(
    channel: ChannelServer, pair_pc: PairPc, faults: Faults, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        frames = [said for kind in get_args(ClientFrame) for said in _examples(kind)]
        frames += [json.dumps({"type": "journal", "entries": [entry]}) for entry in BEYOND]
        while frames:
            clock.advance(2)  # no faster than a PC may come back, and one that says `hello` twice
            async with channel.socket() as pc:
                await welcomed(pc, paired)
                with suppress(ConnectionClosed):
                    while frames:
                        await pc.websocket.send(frames.pop())
                        await pc.say(AskOperations(request_id="last"))
                        while (await pc.hear_a(Answer)).request_id != "last":
                            pass

    run(work)
    assert faults.found == []


def test_whoever_comes_introduces_itself_with_anything(
    channel: ChannelServer, pair_pc: PairPc, faults: Faults, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        known = {**PLAIN_HELLO, "computer_id": paired.computer_id, "token": paired.token}
        sessions = [json.loads(said) for said in _examples(ReportedSession)]
        hellos = [json.dumps({**known, "session": session}) for session in sessions]
        numbers = [
            json.dumps({**PLAIN_HELLO, "computer_id": number}) for number in (2**63, -(2**70))
        ]
        for said in [*_examples(Hello), *numbers, *hellos]:
            clock.advance(1)
            async with channel.socket() as pc:
                await pc.hear_a(ServerHello)
                with suppress(ConnectionClosed):
                    await pc.websocket.send(said)
                    await pc.hear_a(Welcome)

    run(work)
    assert faults.found == []


PLAIN_HELLO = {
    "type": "hello", "protocol": 1, "agent_version": "1", "token": "dG9rZW4=", "boot_id": "b", "hostname": "h",
    "operating_system": "w", "journal_id": "j", "lock": "locked",
}  # fmt: skip
