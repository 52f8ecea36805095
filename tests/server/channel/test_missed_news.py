"""What other processes on the database have done, and nobody here was told of: all is read anew."""

import errno
from dataclasses import replace

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Ack,
    Catalog,
    CustomerChanged,
    Error,
    Heartbeat,
    NameChanged,
    Paired,
    ReportedSession,
    SessionChanged,
    SessionEnded,
)
from lovhub.server.bus import Bus, NewsMissed
from lovhub.server.channel import newsroom
from lovhub.server.computers import service as computers
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.channel.conftest import (
    ChannelServer,
    PairPc,
    all_news_told,
    eventually,
    row,
    run,
    welcomed,
)
from tests.support.club import OWNER, People


def elsewhere(club: ClubContext) -> ClubContext:
    """The same club in another process, whose news never come."""
    return replace(club, bus=Bus())


def test_whoever_missed_news_shows_and_tells_what_is(
    channel: ChannelServer, pair_pc: PairPc, people: People
) -> None:
    async def evening() -> None:
        paired = await pair_pc()
        other = elsewhere(channel.club)
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            customer_id = people.customer(balance_tiyn=100_000)
            await all_news_told(channel)
            computers.rename(other, computer_id=paired.computer_id, name="ПК-1", actor=OWNER)
            tariff_id = tariffs.create(other, terms=Terms("Час", 3600, 50_000), actor=OWNER)
            session_id = sessions.buy(
                other,
                customer_id=customer_id,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                key="elsewhere",
                actor=OWNER,
            )
            channel.club.bus.publish(NewsMissed())
            offered = (await pc.hear_a(Catalog)).tariffs
            assert [tariff.title for tariff in offered] == ["Час"]
            assert (await pc.hear_a(NameChanged)).computer_name == "ПК-1"
            assert (await pc.hear_a(SessionChanged)).session.session_id == session_id
            signed_in = (await pc.hear_a(CustomerChanged)).customer
            assert signed_in is not None
            assert signed_in.customer_id == customer_id
            shown = row(channel, paired.computer_id)
            assert (shown.name, shown.link) == ("ПК-1", "linked")
            assert shown.session is not None

            sessions.end(other, session_id=session_id, actor=OWNER, reason="ended_by_desk")
            channel.club.bus.publish(NewsMissed())
            assert (await pc.hear_a(SessionEnded)).session_id == session_id
            await eventually(lambda: row(channel, paired.computer_id).session is None)

            computers.revoke(other, computer_id=paired.computer_id, actor=OWNER)
            channel.club.bus.publish(NewsMissed())
            assert (await pc.hear_a(Error)).code == "unknown_computer"
        await eventually(lambda: not channel.hub.hall.snapshot().rows)
        assert not channel.hub.presence.is_linked(paired.computer_id)

    run(evening)


def test_a_pc_of_which_no_news_came_is_known_by_what_the_database_says(
    channel: ChannelServer,
) -> None:
    async def work() -> None:
        other = elsewhere(channel.club)
        made = computers.pair(other, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
        paired = Paired(
            computer_id=made.computer_id, computer_name=made.computer_name, token=made.token
        )
        async with channel.socket() as pc:
            assert (await welcomed(pc, paired)).computer_name == made.computer_name
        channel.club.bus.publish(NewsMissed())
        await eventually(lambda: channel.hub.hall.knows(paired.computer_id, paired.token))

        computers.revoke(other, computer_id=paired.computer_id, actor=OWNER)
        async with channel.socket() as pc:
            await pc.hello(paired)
            assert (await pc.hear_a(Error)).code == "unknown_computer"
        assert channel.hub.hall.knows(paired.computer_id, paired.token), "the news have not come"
        assert not channel.hub.hall.knows(paired.computer_id, "guess")

    run(work)


def test_a_token_that_no_longer_holds_settles_nothing_and_pushes_nobody_off(
    channel: ChannelServer, pair_pc: PairPc, people: People, clock: ManualClock
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        pc_id = paired.computer_id
        async with channel.socket() as pc, channel.socket() as copy:
            await welcomed(pc, paired)
            session_id = sessions.buy(
                channel.club,
                customer_id=people.customer(balance_tiyn=100_000),
                computer_id=pc_id,
                tariff_id=people.tariff(seconds=3600),
                key="bought",
                actor=OWNER,
            )
            assert (await pc.hear_a(SessionChanged)).session.session_id == session_id
            channel.hub.drain_last_seen()
            clock.advance(10)
            # In another process the PC is paired anew, which gives it another token.
            with channel.club.read() as db:
                key = db.get_one(Computer, pc_id).public_key
            again = computers.pair(
                elsewhere(channel.club), hostname="DESKTOP-1", public_key=key, actor=OWNER
            )
            assert (again.computer_id, again.token == paired.token) == (pc_id, False)
            told = ReportedSession(
                session_id=session_id,
                lease_serial=1,
                played_seconds=3000,
                boot_id="boot-1",
                last_tick_at=clock.now(),
            )
            await copy.hello(paired, session=told)
            assert (await copy.hear_a(Error)).code == "unknown_computer"
            with channel.club.read() as db:
                session = db.get_one(PlaySession, session_id)
                assert (session.state, session.played_seconds) == ("active", 0)
            assert channel.hub.drain_last_seen() == {}
            await pc.say(Heartbeat(seq=7, lock="unlocked"))
            assert (await pc.hear_a(Ack)).seq == 7

    run(work)


def test_what_could_not_be_read_is_caught_up_with(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for a moment; nothing more happens to this PC this evening."""
    failed = []

    def full(*_words: object) -> None:
        failed.append(_words)
        raise OSError(errno.ENOSPC, "No space left on device")

    async def evening() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await all_news_told(channel)
            with monkeypatch.context() as broken:
                broken.setattr(channel.hub.hall, "reload_computer", full)
                broken.setattr(channel.hub.hall, "load", full)
                computers.rename(
                    channel.club, computer_id=paired.computer_id, name="ПК-1", actor=OWNER
                )
                await eventually(lambda: len(failed) > 1)  # it was tried again, and still failed
                assert row(channel, paired.computer_id).name == "DESKTOP-1"
            await eventually(lambda: row(channel, paired.computer_id).name == "ПК-1")
            assert (await pc.hear_a(NameChanged)).computer_name == "ПК-1"

    monkeypatch.setattr(newsroom, "CATCH_UP_SECONDS", 0.05)
    run(evening)


def test_much_that_could_not_be_read_is_caught_up_with_at_once(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time all is read and told anew: that must not be done for each piece of news."""
    failed, caught_up, logged = [], [], []
    load = channel.hub.hall.load

    class Log:
        """Tells of nothing: to print what three tracebacks show takes a busy machine longer than the wait."""

        def exception(self, event: str) -> None:
            logged.append(event)

    def fail(*words: object) -> None:
        failed.append(words)
        raise OSError(errno.EIO, "Input/output error")

    def load_and_note() -> None:
        caught_up.append(True)
        load()

    async def evening() -> None:
        paired = await pair_pc()
        await all_news_told(channel)
        monkeypatch.setattr(channel.hub.hall, "reload_computer", fail)
        monkeypatch.setattr(channel.hub.hall, "load", load_and_note)
        for name in ("ПК-1", "ПК-2", "ПК-3"):
            computers.rename(channel.club, computer_id=paired.computer_id, name=name, actor=OWNER)
        await eventually(lambda: len(failed) == 3)
        await eventually(lambda: row(channel, paired.computer_id).name == "ПК-3")
        assert len(caught_up) == 1
        assert logged == 3 * ["news_not_acted_on"]
        assert not channel.hub.newsroom._behind.is_set()

    monkeypatch.setattr(newsroom, "CATCH_UP_SECONDS", 1.0)
    monkeypatch.setattr(newsroom, "log", Log())
    run(evening)
