"""A player calls the desk: what the server writes down, what desk and player see."""

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Answer, CallChanged
from lovhub.protocol.questions import CallDesk
from lovhub.protocol.views import CallView
from lovhub.server.attention import service
from lovhub.server.sessions import service as sessions
from tests.server.channel.conftest import ChannelServer, PairPc, eventually, run, welcomed
from tests.support.club import People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.staff import hire


def test_the_player_sees_that_the_desk_knows_and_who_is_coming(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    daniyar = hire(channel.club, "Данияр")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            assert (await welcomed(pc, paired)).call is None
            await pc.say(CallDesk(request_id="1", reason="device", text="мышь"))
            assert await pc.hear_a(Answer) == Answer("1", "ok")
            await eventually(lambda: channel.hub.hall.snapshot().calls)
            [call] = channel.hub.hall.snapshot().calls
            assert (call.computer_id, call.reason, call.text) == (
                paired.computer_id,
                "device",
                "мышь",
            )
            told = await pc.hear_a(CallChanged)
            assert told.call == CallView(call.call_id, "device")

            service.take_call(channel.club, call_id=call.call_id, actor=daniyar)
            told = await pc.hear_a(CallChanged)
            assert told.call == CallView(call.call_id, "device", "Данияр")
        async with channel.socket() as pc:  # after a reconnect, or a restart of the server
            assert (await welcomed(pc, paired)).call == told.call
            service.close_call(channel.club, call_id=call.call_id, actor=daniyar)
            assert (await pc.hear_a(CallChanged)).call is None
            await eventually(lambda: channel.hub.hall.snapshot().calls == ())

    run(work)


def test_a_call_survives_a_restart_of_the_server(channel: ChannelServer, people: People) -> None:
    service.call(
        channel.club,
        computer_id=people.computer("ПК-9"),
        reason="game",
        text="",
        actor=hire(channel.club, "Данияр"),
    )
    hall = type(channel.hub.hall)(channel.club, channel.hub.presence, channel.hub.pairings)
    hall.load()
    assert [call.computer_name for call in hall.snapshot().calls] == ["ПК-9"]


def test_too_many_calls_are_answered_and_change_nothing(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            codes = []
            for number in range(6):
                await pc.say(CallDesk(request_id=str(number), reason="other"))
                codes.append((await pc.hear_a(Answer)).code)
            assert codes == ["ok"] * 5 + ["too_many_attempts"]

    run(work)


def test_a_session_about_to_end_needs_somebody_until_it_is_seen(
    channel: ChannelServer, people: People, clock: ManualClock
) -> None:
    club, hall = channel.club, channel.hub.hall
    daniyar = hire(club, "Данияр")
    computer_id, tariff_id = people.computer(), people.tariff(seconds=1200)
    club.links.is_linked = lambda _computer_id: True
    session_id = sessions.buy(
        club,
        computer_id=computer_id,
        customer_id=people.customer(balance_tiyn=200_000),
        tariff_id=tariff_id,
        key="k",
        actor=daniyar,
    )
    hall.load()
    assert hall.snapshot().endings == ()
    revision = hall.revision
    clock.advance(601)
    hall.judge()
    assert hall.revision > revision, "time alone brings it about, and open pages must hear of it"
    [ending] = hall.snapshot().endings
    assert (ending.session_id, ending.computer_id, ending.seconds_left) == (
        session_id,
        computer_id,
        599,
    )

    service.dismiss_ending(
        club, session_id=session_id, seconds_left=ending.seconds_left, actor=daniyar
    )
    hall.reload_attention()
    assert hall.snapshot().endings == ()
