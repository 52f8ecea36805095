"""A disk that takes its time to write (a failing one, or one that others fill): PCs are answered all the while."""

import asyncio
import threading
from typing import Any

import pytest

from lovhub.protocol.channel import Ack, Heartbeat, ServerHello
from lovhub.server.computers.service import rename
from tests.server.channel.conftest import WAIT_SECONDS, ChannelServer, PairPc, row, run, welcomed
from tests.support.club import OWNER


def test_heartbeats_are_acknowledged_while_a_write_is_not_yet_on_the_disk(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, on_disk = threading.Event(), threading.Event()
    dialect = channel.club.database.engine.dialect
    commit = dialect.do_commit

    def wait_for_the_disk(connection: Any) -> None:
        reached.set()
        assert on_disk.wait(WAIT_SECONDS)
        commit(connection)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc, channel.socket() as newcomer:
            await welcomed(pc, paired)
            monkeypatch.setattr(dialect, "do_commit", wait_for_the_disk)
            writing = asyncio.create_task(
                asyncio.to_thread(
                    rename, channel.club, computer_id=paired.computer_id, name="Новое", actor=OWNER
                )
            )
            try:
                await asyncio.to_thread(reached.wait, WAIT_SECONDS)
                for number in range(50):
                    await pc.say(Heartbeat(seq=number, lock="locked"))
                    assert (await pc.hear_a(Ack)).seq == number
                await newcomer.hear_a(ServerHello)  # who comes now is greeted as well
                assert not writing.done()
                with channel.club.read():  # and what only reads waits for nobody
                    assert row(channel, paired.computer_id).status == "active"
            finally:
                on_disk.set()
            await writing

    run(work)
