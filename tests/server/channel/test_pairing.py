"""Pairing over the channel: who gets in, and what somebody in between achieves (nothing)."""

import asyncio
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol import PROTOCOL_VERSION, pairing
from lovhub.protocol.channel import (
    Ack,
    Error,
    Heartbeat,
    PairChallenge,
    PairCommit,
    Paired,
    PairName,
    PairReveal,
    ServerHello,
    Welcome,
)
from lovhub.protocol.identity import make_statement
from lovhub.server.channel.pairing import MOST_NAMES
from lovhub.server.computers import service as computers
from lovhub.server.computers import tokens
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from tests.server.channel.conftest import ChannelServer, PairPc, eventually, run, welcomed
from tests.support.club import OWNER


async def approve_the_one_waiting(channel: ChannelServer) -> None:
    await eventually(channel.hub.pairings.pending)
    (pending,) = channel.hub.pairings.pending()
    await asyncio.to_thread(channel.hub.pairings.approve, pending.pairing_id, OWNER)


def test_somebody_in_between_who_grinds_gets_unequal_codes(channel: ChannelServer) -> None:
    """He speaks to the PC as a server and to the server as a PC, and tries nonces to make the codes equal.

    Towards the server he must commit before he hears its nonce, and the PC reveals only after it has heard
    his: when he can at last compute both codes, there is nothing left for him to choose.
    """

    async def work() -> None:
        pc_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        pc_nonce = b"p" * pairing.NONCE_BYTES
        pc_commit = pairing.commitment(pc_key, pc_nonce)
        his_statement = make_statement(Ed25519PrivateKey.generate(), b"his own certificate")
        his_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        his_nonce = b"h" * pairing.NONCE_BYTES

        async with channel.socket() as to_server:
            hello = await to_server.hear_a(ServerHello)
            commit = pairing.commitment(his_key, his_nonce)
            await to_server.say(PairCommit(PROTOCOL_VERSION, "DESKTOP-1", commit))
            challenge = await to_server.hear_a(PairChallenge)
            # The PC has committed, not revealed: he must give it a nonce, without knowing what it makes.
            nonce_for_the_pc = challenge.nonce
            assert pairing.commitment_holds(pc_commit, pc_key, pc_nonce)
            code_on_the_pc = pairing.pairing_code(
                identity_key=his_statement.identity_key,
                certificate_sha256=his_statement.certificate_sha256,
                public_key=pc_key,
                pc_nonce=pc_nonce,
                server_nonce=nonce_for_the_pc,
            )
            # Now he grinds for a nonce of his own that makes the server's code the PC's.
            for number in itertools.count():
                ground = number.to_bytes(pairing.NONCE_BYTES, "big")
                code_at_the_desk = pairing.pairing_code(
                    identity_key=hello.identity.identity_key,
                    certificate_sha256=hello.identity.certificate_sha256,
                    public_key=his_key,
                    pc_nonce=ground,
                    server_nonce=challenge.nonce,
                )
                if code_at_the_desk[:3] == code_on_the_pc[:3]:  # half of it shows that he could
                    break
            await to_server.say(PairReveal(public_key=his_key, nonce=ground))
            assert (await to_server.hear_a(Error)).code == "pairing_refused"
            assert channel.hub.pairings.pending() == ()

        async with channel.socket() as to_server:
            hello = await to_server.hear_a(ServerHello)
            await to_server.say(PairCommit(PROTOCOL_VERSION, "DESKTOP-1", commit))
            await to_server.hear_a(PairChallenge)
            await to_server.say(PairReveal(public_key=his_key, nonce=his_nonce))
            await eventually(channel.hub.pairings.pending)
            (pending,) = channel.hub.pairings.pending()
            assert pending.code != code_on_the_pc

    run(work)


def test_a_pc_that_is_let_in_may_say_hello_at_once(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await approve_the_one_waiting(channel)
            paired = await pc.hear_a(Paired)
            await pc.say(pc.hello_of(paired))
            assert (await pc.hear_a(Welcome)).computer_name == "DESKTOP-1"
            await pc.say(Heartbeat(seq=1, lock="locked"))
            assert (await pc.hear_a(Ack)).seq == 1

    run(work)


def test_nobody_says_hello_before_being_let_in(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await pc.pair()
            await eventually(channel.hub.pairings.pending)
            await pc.say(pc.hello_of(paired))
            assert (await pc.hear_a(Error)).code == "unexpected"

    run(work)


def test_a_pc_that_was_let_in_and_says_nothing_is_not_waited_for(
    channel: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.server.channel.pairing.FIRST_WORD_SECONDS", 0.5)

    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await approve_the_one_waiting(channel)
            await pc.hear_a(Paired)
            assert (await pc.hear_a(Error)).code == "timeout"

    run(work)


def test_paired_anew_the_old_token_opens_nothing(channel: ChannelServer) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    first = computers.pair(channel.club, hostname="DESKTOP-1", public_key=key, actor=OWNER)
    second = computers.pair(channel.club, hostname="DESKTOP-1", public_key=key, actor=OWNER)
    assert first.computer_id == second.computer_id

    async def work() -> None:
        async with channel.socket() as pc:
            await pc.hello(Paired(first.computer_id, "DESKTOP-1", first.token))
            assert (await pc.hear_a(Error)).code == "unknown_computer"
        async with channel.socket() as pc:
            await welcomed(pc, Paired(second.computer_id, "DESKTOP-1", second.token))

    run(work)


def test_a_key_of_the_wrong_length_never_reaches_the_desk(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.hear_a(ServerHello)
            key, nonce = b"short", b"n" * pairing.NONCE_BYTES
            await pc.say(PairCommit(PROTOCOL_VERSION, "PC", pairing.commitment(key, nonce)))
            await pc.hear_a(PairChallenge)
            await pc.say(PairReveal(public_key=key, nonce=nonce))
            assert (await pc.hear_a(Error)).code == "pairing_refused"

    run(work)


def test_a_pc_the_server_could_not_take_in_is_sent_away_to_try_again(
    channel: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_club: ClubContext, **_fields: object) -> computers.Pairing:
        raise OperationRefused("disk_full")

    monkeypatch.setattr(computers, "pair", full_disk)

    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            with pytest.raises(OperationRefused, match="disk_full"):
                await approve_the_one_waiting(channel)
            assert (await pc.hear_a(Error)).code == "pairing_refused"

    run(work)


def test_whoever_waits_too_long_begins_anew(channel: ChannelServer, clock: ManualClock) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await eventually(channel.hub.pairings.pending)
            clock.advance(601)
            assert (await pc.hear_a(Error)).code == "pairing_refused"
            assert channel.hub.pairings.pending() == ()

    run(work)


def alarms(club: ClubContext) -> list[tuple[str, int | None]]:
    with club.read() as db:
        return [(alarm.kind, alarm.computer_id) for alarm in db.scalars(select(Alarm))]


KEY = b"k" * 32


def test_a_copy_of_a_pc_that_is_here_stays_outside_and_people_hear_of_it_once(
    channel: ChannelServer, club: ClubContext
) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair(key=KEY)
            await approve_the_one_waiting(channel)
            paired = await pc.hear_a(Paired)
            await pc.say(pc.hello_of(paired))
            await pc.hear_a(Welcome)
            for _again in range(2):
                async with channel.socket("127.0.0.2") as copy:
                    await copy.pair(key=KEY)
                    assert (await copy.hear_a(Error)).code == "pairing_refused"
            assert alarms(club) == [("key_doubled", paired.computer_id)]
            # The PC itself may lose its token and come again.
            async with channel.socket() as again:
                await again.pair(key=KEY)
                await eventually(channel.hub.pairings.pending)

    run(work)


def test_two_that_wait_with_one_key_are_told_apart_by_their_cards(
    channel: ChannelServer, club: ClubContext
) -> None:
    async def work() -> None:
        async with channel.socket() as first, channel.socket() as second:
            await first.pair(key=KEY, mac="3c:7c:3f:00:12:34")
            await eventually(channel.hub.pairings.pending)
            await second.pair(key=KEY, mac="3c:7c:3f:00:12:35")
            assert (await second.hear_a(Error)).code == "pairing_refused"
            assert [one.mac for one in channel.hub.pairings.pending()] == ["3c:7c:3f:00:12:34"]
            assert alarms(club) == [("key_doubled", None)]

    run(work)


def test_a_card_that_is_none_is_not_shown(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair(mac="<script>")
            await eventually(channel.hub.pairings.pending)
            assert channel.hub.pairings.pending()[0].mac == ""

    run(work)


def test_a_pc_whose_name_is_taken_waits_on(channel: ChannelServer, club: ClubContext) -> None:
    computers.pair(club, hostname="ПК-1", public_key=bytes(32), actor=OWNER)

    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await eventually(channel.hub.pairings.pending)
            (pending,) = channel.hub.pairings.pending()
            approve = channel.hub.pairings.approve
            with pytest.raises(OperationRefused, match="name_taken"):
                await asyncio.to_thread(approve, pending.pairing_id, OWNER, "ПК-1")
            assert [one.pairing_id for one in channel.hub.pairings.pending()] == [
                pending.pairing_id
            ]
            await asyncio.to_thread(approve, pending.pairing_id, OWNER, "ПК-2")
            assert (await pc.hear_a(Paired)).computer_name == "ПК-2"

    run(work)


def test_the_name_typed_at_the_pc_is_shown_and_taken(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            await pc.say(PairName(name="ПК-1"))
            await pc.say(PairName(name="  ПК-17\n" + "x" * 100))
            typed = "ПК-17 " + "x" * 34
            await eventually(
                lambda: [one.name for one in channel.hub.pairings.pending()] == [typed]
            )
            await approve_the_one_waiting(channel)
            paired = await pc.hear_a(Paired)
            assert paired.computer_name == typed
            await pc.say(PairName(name="too late"))  # on its way while the desk approved
            await pc.say(pc.hello_of(paired))
            assert (await pc.hear_a(Welcome)).computer_name == typed

    run(work)


def test_a_name_is_not_typed_without_end(channel: ChannelServer) -> None:
    async def work() -> None:
        async with channel.socket() as pc:
            await pc.pair()
            for number in range(MOST_NAMES):
                await pc.say(PairName(name=str(number)))
            last = str(MOST_NAMES - 1)
            await eventually(lambda: [one.name for one in channel.hub.pairings.pending()] == [last])
            await pc.say(PairName(name="one more"))
            assert (await pc.hear_a(Error)).code == "pairing_refused"
        async with channel.socket() as pc:
            await pc.hear_a(ServerHello)
            await pc.say(PairName(name="ПК-1"))
            assert (await pc.hear_a(Error)).code == "unexpected"

    run(work)


def test_a_token_is_noted_for_who_shows_it_and_lets_nobody_in(
    channel: ChannelServer, club: ClubContext
) -> None:
    made = tokens.make(club, computers=1, hours=1, actor=OWNER)

    async def work() -> None:
        async with channel.socket() as first, channel.socket() as second, channel.socket() as third:
            await first.pair("PC-1", bulk_token=made.text)
            await second.pair("PC-2", bulk_token=made.text)
            await third.pair("PC-3", bulk_token=made.text[:-1] + "x")
            await eventually(lambda: len(channel.hub.pairings.pending()) == 3)
            noted = {one.hostname: one.token_id for one in channel.hub.pairings.pending()}
            assert noted == {"PC-1": made.token_id, "PC-2": made.token_id, "PC-3": 0}
            waiting = {one.hostname: one.pairing_id for one in channel.hub.pairings.pending()}
            await asyncio.to_thread(channel.hub.pairings.approve, waiting["PC-1"], OWNER)
            assert (await first.hear_a(Paired)).computer_name == "PC-1"
            # It was for one PC: the other waits on as one whose code must be compared.
            with pytest.raises(OperationRefused, match="token_over"):
                await asyncio.to_thread(channel.hub.pairings.approve, waiting["PC-2"], OWNER)
            noted = {one.hostname: one.token_id for one in channel.hub.pairings.pending()}
            assert noted == {"PC-2": 0, "PC-3": 0}
            await asyncio.to_thread(channel.hub.pairings.approve, waiting["PC-2"], OWNER)
            assert (await second.hear_a(Paired)).computer_name == "PC-2"

    run(work)
