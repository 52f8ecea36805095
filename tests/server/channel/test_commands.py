"""Commands on the channel: at most once, answered or expired, and for the PC they are for."""

import asyncio
import io
from functools import partial

import pytest
from PIL import Image

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Command, CommandResult, Hardware, Paired, Welcome
from lovhub.protocol.views import FoundGame, NetworkView
from lovhub.server.actor import Actor
from lovhub.server.libraries.rules import Findings
from lovhub.server.pc import queries
from lovhub.server.pc.models import PcCommand
from lovhub.server.remote import service
from lovhub.server.remote.rules import ANSWER_SECONDS, Order
from lovhub.server.remote.service import Asked
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, eventually, run, welcomed
from tests.support.club import CASHIER
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)

ALL = (
    *("lock", "unlock", "volume", "start", "restart", "shut_down", "screenshot", "wake"),
    "find_games",
)
BOSS = Actor(kind="staff", id=9, name="Айгуль", role="owner")


async def ask(
    channel: ChannelServer, order: Order, *pcs: Paired, actor: Actor = BOSS
) -> list[Asked]:
    ids = [pc.computer_id for pc in pcs]
    asked = await asyncio.to_thread(
        service.ask, channel.club, channel.hub.commands, order=order, computer_ids=ids, actor=actor
    )
    return list(asked)


def commands(channel: ChannelServer, pc: Paired) -> list[PcCommand]:
    with channel.club.read() as db:
        return [row for (row,) in queries.commands(db, pc.computer_id, None).rows]


def states(channel: ChannelServer, pc: Paired) -> list[str]:
    return [row.state for row in commands(channel, pc)]


def test_one_answer_counts_and_only_of_the_pc_that_was_asked(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        first, second = await pair_pc(), await pair_pc()
        async with channel.socket() as pc, channel.socket() as other:
            await welcomed(pc, first, commands=ALL)
            await welcomed(other, second)
            loud, old = await ask(channel, Order("volume", percent=30), first, second)
            assert old.refusal == "agent_too_old"
            heard = await pc.hear_a(Command)
            assert (heard.command_id, heard.kind, heard.percent) == (loud.command_id, "volume", 30)
            assert heard.expires_at == channel.club.clock.now() + ANSWER_SECONDS
            await other.say(CommandResult(loud.command_id, ok=True))
            await pc.say(CommandResult(loud.command_id, ok=False, detail="no sound card"))
            await pc.say(CommandResult(loud.command_id, ok=True))
            await eventually(lambda: states(channel, first) != ["sent"])
            await ask(channel, Order("message", "Эй"), first)
            told = await pc.hear_a(Command)
            await pc.say(CommandResult(told.command_id, ok=True))
            await eventually(lambda: states(channel, first) == ["done", "failed"])
            assert commands(channel, first)[1].detail == "no sound card"

    run(work)


def test_a_pc_that_comes_just_now_is_told_in_the_order_of_the_clicks(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, commands=ALL)
            hand_over = partial(channel.hub.commands._hand_over, paired.computer_id)
            lock = channel.hub.lock_of(paired.computer_id)

            async def clicks() -> None:
                await lock.acquire()
                hand_over(_message("1"))
                await asyncio.sleep(0)  # it waits for the lock
                hand_over(_message("2"))
                lock.release()
                hand_over(_message("3"))

            channel.hub.on_loop(lambda: channel.hub.spawn(clicks()))
            heard = [await pc.hear_a(Command) for _one in range(3)]
            assert [command.text for command in heard] == ["1", "2", "3"]
            channel.hub.on_loop(hand_over, _message("4"))
            assert (await pc.hear_a(Command)).text == "4"
            assert not channel.hub.commands._waiting

    run(work)


def _message(text: str) -> Command:
    return Command(command_id=text, kind="message", ttl_seconds=60, text=text, expires_at=2**33)


def test_without_an_answer_it_expires_and_no_later_answer_changes_that(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, commands=ALL)
            await ask(channel, Order("restart"), paired)
            command = await pc.hear_a(Command)
            clock.advance(ANSWER_SECONDS + 1)
            await eventually(lambda: states(channel, paired) == ["expired"])
            await pc.say(CommandResult(command.command_id, ok=True))
            [asked] = await ask(channel, Order("volume", percent=1), paired)
            await pc.say(CommandResult(asked.command_id, ok=True))
            await eventually(lambda: states(channel, paired) == ["done", "expired"])
        await eventually(lambda: paired.computer_id not in channel.hub.connections)
        [away] = await ask(channel, Order("volume", percent=1), paired)
        assert away.refusal == "computer_silent"  # nothing waits for a PC that is not there

    run(work)


def test_a_picture_is_for_who_asked_and_words_are_no_picture(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 18), "blue").save(file, "JPEG")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, commands=ALL)
            for picture in (file.getvalue(), b"words"):
                [asked] = await ask(channel, Order("screenshot"), paired)
                await pc.say(CommandResult(asked.command_id, ok=True, picture=picture))
                await eventually(lambda: states(channel, paired)[0] != "sent")
                seen = channel.hub.commands.screenshot(asked.command_id, BOSS.id)
                assert (seen is not None) == (picture != b"words")
                assert channel.hub.commands.screenshot(asked.command_id, CASHIER.id) is None
            assert states(channel, paired) == ["failed", "done"]

    run(work)


async def _networks(pc: Pc, mac: str) -> None:
    card = NetworkView("Ethernet", mac, ("127.0.0.1",))
    await pc.say(Hardware(cpu="", cores=1, memory_bytes=1, networks=(card,)))


def test_a_pc_is_woken_by_the_server_and_by_a_neighbour_and_done_when_heard(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    called: list[tuple[list[str], list[str]]] = []
    channel.hub.commands.broadcast = lambda macs, near: called.append((list(macs), list(near)))
    mac = "02:00:00:00:00:01"

    async def work() -> None:
        asleep, awake = await pair_pc(), await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, asleep)
            await _networks(pc, mac)

            def told() -> object:
                with channel.club.read() as db:
                    return queries.hardware(db, asleep.computer_id)

            await eventually(told)
        await eventually(lambda: asleep.computer_id not in channel.hub.connections)
        async with channel.socket() as neighbour, channel.socket() as pc:
            await welcomed(neighbour, awake, commands=ALL)
            sent, on = await ask(channel, Order("wake"), asleep, awake)
            assert (bool(sent.command_id), on.refusal) == (True, "computer_on")
            assert called == [([mac], ["127.0.0.1"])]
            call = await neighbour.hear_a(Command)
            assert (call.kind, call.macs) == ("wake", (mac,))
            await neighbour.say(CommandResult(call.command_id, ok=True))
            assert states(channel, asleep) == ["sent"]
            await pc.hello(asleep)
            await pc.hear_a(Welcome)
            await eventually(lambda: states(channel, asleep) == ["done"])

    run(work)


def test_an_agent_of_before_is_let_in_and_knows_what_it_knew(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            for kind in ("restart", "screenshot", "lock"):
                [asked] = await ask(channel, Order(kind), paired)  # type: ignore[arg-type]
                assert asked.refusal == "agent_too_old"
            [asked] = await ask(channel, Order("message", "Эй"), paired)
            assert asked.command_id

    run(work)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_volume_beyond_the_scale_is_nobodys(
    channel: ChannelServer, pair_pc: PairPc, percent: int
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        with pytest.raises(Exception, match="volume_out_of_range"):
            await ask(channel, Order("volume", percent=percent), paired)

    run(work)


def test_what_a_pc_found_is_checked_and_is_for_who_asked_for_an_hour(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    game = FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",))
    false = FoundGame("Калькулятор", "steam", r"C:\Windows\System32\calc.exe", ("calc.exe",))

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, commands=ALL)
            [other] = await ask(channel, Order("volume", percent=1), paired)
            [asked] = await ask(channel, Order("find_games"), paired)
            for command_id in (other.command_id, asked.command_id):
                games = (game, false)
                result = CommandResult(command_id, ok=True, stores=("steam",), games=games)
                await pc.say(result)
            await eventually(lambda: states(channel, paired) == ["done", "done"])
        found = channel.hub.commands.findings
        assert found(asked.command_id, CASHIER.id) is None
        assert found(other.command_id, BOSS.id) is None  # nobody asked for games there
        seen = found(asked.command_id, BOSS.id)
        assert seen == Findings(paired.computer_id, ("steam",), (game,), 0)
        clock.advance(3601)
        assert found(asked.command_id, BOSS.id) is None

    run(work)
