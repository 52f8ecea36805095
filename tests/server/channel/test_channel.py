"""The channel, over real TLS: who gets in, what is said, and what a stranger can do (nothing)."""

import asyncio
import http.client
import json
from contextlib import AsyncExitStack

import pytest
from msgspec import Raw
from sqlalchemy import select
from starlette.types import Message
from websockets.exceptions import ConnectionClosed

from lovhub.clock import ManualClock
from lovhub.protocol import MAX_FRAME_BYTES
from lovhub.protocol.channel import (
    Ack,
    Command,
    CommandResult,
    Error,
    Goodbye,
    Heartbeat,
    Journal,
    JournalAck,
    PairCommit,
    ServerFrame,
    ServerHello,
    server_codec,
)
from lovhub.protocol.entries import AlarmRaised, written
from lovhub.protocol.identity import statement_holds
from lovhub.server import strangers
from lovhub.server.channel import connection, hub, rules
from lovhub.server.channel.connection import Connection
from lovhub.server.computers import service as computers_service
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm, Event
from tests.server.channel.conftest import (
    WAIT_SECONDS,
    ChannelServer,
    PairPc,
    all_news_told,
    eventually,
    past_the_grace,
    row,
    run,
    welcomed,
)
from tests.support.club import OWNER


def test_the_server_proves_itself_first(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            hello = await pc.hear_a(ServerHello)
            ssl_object = pc.websocket.transport.get_extra_info("ssl_object")
            seen = ssl_object.getpeercert(binary_form=True)
            assert statement_holds(hello.identity, seen)
            assert not statement_holds(hello.identity, seen + b"x")

    run(work)


def test_a_paired_pc_is_welcomed_and_its_heartbeats_acknowledged(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            welcome = await welcomed(pc, paired)
            assert (welcome.computer_name, welcome.club_name) == ("DESKTOP-1", "Арена")
            assert welcome.session is None
            await pc.say(Heartbeat(seq=7, lock="locked"))
            assert (await pc.hear_a(Ack)).seq == 7
            assert row(channel, paired.computer_id).status == "active"

    run(work)


def test_heartbeats_are_answered_where_they_come_in(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[bytes | None] = []
    hear = Connection._hear

    def hear_and_note(self: Connection, computer_id: int, text: bytes) -> bytes | None:
        answered.append(hear(self, computer_id, text))
        return answered[-1]

    monkeypatch.setattr(Connection, "_hear", hear_and_note)

    async def work() -> None:
        async with channel.socket() as pc:
            await welcomed(pc, await pair_pc())
            await all_news_told(channel)
            seqs = range(1, 6)
            for seq in seqs:  # the first may come before the connection listens there
                await pc.say(Heartbeat(seq=seq, lock="locked"))
                assert (await pc.hear_a(Ack)).seq == seq
            texts = [server_codec.encode(Ack(seq=seq)) for seq in seqs]
            assert answered in (texts, texts[1:])
            assert channel.hub.heartbeats == len(seqs)

    run(work)


def test_the_desk_may_refuse_a_pc(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await eventually(channel.hub.pairings.pending)
            pairing_id = channel.hub.pairings.pending()[0].pairing_id
            await asyncio.to_thread(channel.hub.pairings.refuse, pairing_id, OWNER)
            assert (await pc.hear_a(Error)).code == "pairing_refused"
            with pytest.raises(OperationRefused, match="pairing_gone"):
                await asyncio.to_thread(channel.hub.pairings.approve, pairing_id, OWNER)

    run(work)


def test_a_pc_that_went_away_can_no_longer_be_approved(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await eventually(channel.hub.pairings.pending)
        await eventually(lambda: not channel.hub.pairings.pending())

    run(work)


def test_a_wrong_token_opens_nothing(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        for changes in ({"token": "guess"}, {"computer_id": 999}):
            async with channel.socket() as pc:
                await pc.hello(paired, **changes)
                assert (await pc.hear_a(Error)).code == "unknown_computer"
                with pytest.raises(ConnectionClosed):
                    await pc.hear()

    run(work)


def test_a_revoked_pc_is_sent_away_at_once(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await asyncio.to_thread(
                computers_service.revoke,
                channel.club,
                computer_id=paired.computer_id,
                actor=OWNER,
            )
            assert (await pc.hear_a(Error)).code == "unknown_computer"

    run(work)


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        ("не JSON", "malformed"),
        ("[" * 10_000, "malformed"),
        ('{"type": "heartbeat", "seq": "много"}', "malformed"),
        ('{"type": "launch_missiles"}', "unknown_type"),
        ('{"type": "heartbeat", "seq": 1, "lock": "locked", "x": "' + "x" * MAX_FRAME_BYTES + '"}', "oversized"),
        (b"\xff\xfe\x00", "malformed"),
        ('{"type": "pair_reveal", "public_key": "", "nonce": ""}', "unexpected"),
    ],
)  # fmt: skip
def test_nonsense_closes_only_its_own_connection(
    channel: ChannelServer, pair_pc: PairPc, nonsense: str | bytes, code: str
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as good, channel.socket() as bad:
            await welcomed(good, paired)
            await bad.hear_a(ServerHello)
            await bad.websocket.send(nonsense)
            assert (await bad.hear_a(Error)).code == code
            with pytest.raises(ConnectionClosed):
                await bad.hear()
            await good.say(Heartbeat(seq=1, lock="locked"))
            assert (await good.hear_a(Ack)).seq == 1

    run(work)


def test_a_known_pc_that_talks_nonsense_is_closed_too(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.websocket.send(json.dumps({"type": "hello"}))
            assert (await pc.hear_a(Error)).code == "malformed"

    run(work)


@pytest.mark.parametrize("protocol", [1, 4])
def test_an_older_and_a_newer_protocol_are_told_which_ones_are_spoken(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    refusal = Error("protocol_version", "this server speaks 2 to 3")

    async def work() -> None:
        paired = await pair_pc()
        monkeypatch.setattr(connection, "OLDEST_PROTOCOL_VERSION", 2)
        monkeypatch.setattr(connection, "PROTOCOL_VERSION", 3)
        async with channel.socket() as pc:
            await pc.hello(paired, protocol=protocol)
            assert await pc.hear_a(Error) == refusal
        async with channel.socket() as pc:
            spoken = await pc.hear_a(ServerHello)
            assert (spoken.oldest_protocol, spoken.protocol) == (2, 3)
            await pc.say(PairCommit(protocol, "DESKTOP-2", bytes(32)))
            assert await pc.hear_a(Error) == refusal

    run(work)
    assert not channel.hub.pairings.pending()


def test_a_newer_connection_takes_the_pc_over(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as first, channel.socket() as second:
            await welcomed(first, paired)
            await welcomed(second, paired)
            assert (await first.hear_a(Error)).code == "replaced"
            await second.say(Heartbeat(seq=2, lock="locked"))
            await second.hear_a(Ack)
            assert row(channel, paired.computer_id).link == "linked"

    run(work)


def test_two_machines_with_one_token_are_noticed_and_told_of_once(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    def alarms() -> list[tuple[str, int | None]]:
        with channel.club.read() as db:
            return [(alarm.kind, alarm.computer_id) for alarm in db.scalars(select(Alarm))]

    async def work() -> None:
        paired = await pair_pc()
        told = []
        async with AsyncExitStack() as open_links:
            for host in (1, 1, 2, 2, 1, 2, 1):
                link = await open_links.enter_async_context(channel.socket(f"127.0.0.{host}"))
                await welcomed(link, paired)
                told.append(len(alarms()))
        # Another address may be another socket in the wall; there and back again is another machine.
        assert told == [0, 0, 0, 0, 1, 1, 1]
        assert alarms() == [("computer_doubled", paired.computer_id)]

    run(work)


def test_a_goodbye_is_not_a_problem_and_silence_is(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        clock.advance(4)
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(Goodbye(reason="shutdown"))
            with pytest.raises(ConnectionClosed):
                await pc.hear_a(Error)
        await eventually(lambda: row(channel, paired.computer_id).link == "switched_off")
        async with channel.socket() as pc:
            await welcomed(pc, paired)
        await eventually(lambda: row(channel, paired.computer_id).link == "lost")
        # In steps that are no stall, past the grace after the start and past the 60 s of silence.
        for _ in range(35):
            clock.advance(4)
            await asyncio.sleep(0.6 if _ % 10 == 0 else 0.01)
            channel.hub.hall.judge()
        seen = row(channel, paired.computer_id)
        assert (seen.link, seen.status, seen.problem) == ("off", "off", "silent")

    run(work)


def test_journal_entries_are_applied_once_and_only_the_pcs_own(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        entry = AlarmRaised(number=1, at=clock.now() + 999, kind="launcher_killed", detail="-9")
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            for _ in range(3):
                await pc.say(Journal(entries=(written(entry),)))
                assert (await pc.hear_a(JournalAck)).number == 1
        async with channel.socket() as pc:
            assert (await welcomed(pc, paired)).journal_number == 1
            await pc.say(Journal(entries=(written(entry),)))
            await pc.hear_a(JournalAck)
        await eventually(lambda: channel.hub.hall.snapshot().alarms)

    run(work)
    with channel.club.read() as db:
        alarms = db.query(Alarm).all()
    assert [(alarm.kind, alarm.at) for alarm in alarms] == [("launcher_killed", clock.now())]
    assert channel.hub.hall.snapshot().alarms[0].computer_name == "DESKTOP-1"


def test_a_message_reaches_the_pc_and_its_answer_is_noted(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        with pytest.raises(OperationRefused, match="computer_silent"):
            await asyncio.to_thread(
                channel.hub.commands.send_message, paired.computer_id, "Эй", OWNER
            )
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            command_id = await asyncio.to_thread(
                channel.hub.commands.send_message, paired.computer_id, " Закрываемся ", OWNER
            )
            command = await pc.hear_a(Command)
            assert (command.command_id, command.text) == (command_id, "Закрываемся")
            await pc.say(CommandResult(command_id=command_id, ok=True))
            await pc.say(Heartbeat(seq=1, lock="locked"))
            await pc.hear_a(Ack)

    run(work)


def test_a_command_is_on_its_way_before_its_sender_goes_on(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whatever the sender does next, an answer for the desk, would keep the PC waiting."""
    monkeypatch.setattr(hub, "GO_FIRST_SECONDS", WAIT_SECONDS)  # on a busy machine, too
    sent: list[ServerFrame] = []

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            connection = channel.hub.connections[paired.computer_id]
            put_on_wire = connection._send

            async def noting(message: Message) -> None:
                await put_on_wire(message)
                sent.append(server_codec.decode(message["text"]))

            monkeypatch.setattr(connection, "_send", noting)

            await eventually(lambda: not channel.hub.lock_of(paired.computer_id).locked())

            def send() -> list[ServerFrame]:
                channel.hub.commands.send_message(paired.computer_id, "Эй", OWNER)
                return [frame for frame in sent if isinstance(frame, Command)]

            assert len(await asyncio.to_thread(send)) == 1

    run(work)


def test_many_pcs_lost_at_once_are_one_alarm(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = [await pair_pc() for _ in range(6)]
        past_the_grace(channel, clock)
        sockets = [channel.socket() for _ in paired]
        for socket, one in zip(sockets, paired, strict=True):
            await welcomed(await socket.__aenter__(), one)
        for socket in sockets:
            await socket.__aexit__(None, None, None)

        def told() -> bool:
            return [alarm.kind for alarm in channel.hub.hall.snapshot().alarms] == ["mass_loss"]

        await eventually(told)

    run(work)


def test_a_stranger_who_says_nothing_is_not_waited_for(
    channel: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.server.channel.connection.FIRST_WORD_SECONDS", 0.2)

    async def work() -> None:
        async with channel.socket() as pc:
            assert (await pc.hear_a(Error)).code == "timeout"

    run(work)


def test_a_pc_without_the_channel_may_say_that_it_is_there(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        await eventually(lambda: channel.hub.hall.knows(paired.computer_id, paired.token))

        def beat(body: object) -> tuple[int, dict[str, object]]:
            connection = http.client.HTTPSConnection(
                "localhost", channel.port, context=channel.tls(), timeout=10
            )
            connection.request("POST", "/api/heartbeat", json.dumps(body))
            answer = connection.getresponse()
            found = json.loads(answer.read())
            connection.close()
            return answer.status, found

        known = {"computer_id": paired.computer_id, "token": paired.token}
        status, answer = await asyncio.to_thread(beat, known)
        assert (status, answer) == (200, {"server_time": channel.club.clock.now()})
        assert row(channel, paired.computer_id).status == "active"
        for wrong, code in (
            ({**known, "token": "guess"}, "unknown_computer"),
            ({**known, "computer_id": 999}, "unknown_computer"),
            ({"computer_id": "x"}, "malformed"),
            ([], "malformed"),
        ):
            status, answer = await asyncio.to_thread(beat, wrong)
            assert status in {400, 401}
            assert answer["error"]["code"] == code  # type: ignore[index]

    run(work)


def test_one_address_cannot_keep_the_hall_out(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the Wi-Fi, that is; here the loopback address plays a stranger's."""
    monkeypatch.setattr(strangers, "is_own_machine", lambda _address: False)

    async def work() -> None:
        async with AsyncExitStack() as crowd:
            for _ in range(rules.MOST_UNKNOWN_PER_ADDRESS):
                pc = await crowd.enter_async_context(channel.socket())
                await pc.hear_a(ServerHello)
            async with channel.socket() as one_more:
                assert (await one_more.hear_a(Error)).code == "unexpected"
        await eventually(lambda: not channel.hub.unknown)
        await pair_pc()

    run(work)


def test_a_fact_that_only_a_newer_server_knows_is_taken_in_its_turn_and_stands_in_the_log(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    unknown = b'{"entry":"telepathy_heard","number":1,"at":5,"said":"of the future"}'
    known = AlarmRaised(number=2, at=clock.now(), kind="launcher_hung")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(Journal(entries=(Raw(unknown), written(known))))
            assert (await pc.hear_a(JournalAck)).number == 2
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(Journal(entries=(Raw(b'{"entry":"without a number"}'),)))
            assert (await pc.hear_a(Error)).code == "malformed"

    run(work)
    with channel.club.read() as db:
        assert [alarm.kind for alarm in db.query(Alarm)] == ["launcher_hung"]
        told = db.query(Event).filter(Event.kind == "computer.told_unknown").one()
        assert (told.actor_kind, told.actor_id) == ("computer", told.computer_id)
        assert told.data == {"entry": "telepathy_heard", "body": unknown.decode()}


def test_a_number_far_ahead_does_not_mute_the_pc(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            for number, acknowledged in ((2**62, 0), (1, 1)):
                entry = AlarmRaised(number=number, at=clock.now(), kind="launcher_hung")
                await pc.say(Journal(entries=(written(entry),)))
                assert (await pc.hear_a(JournalAck)).number == acknowledged

    run(work)
