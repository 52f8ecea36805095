"""A player's pause over the channel: asked for, refused, and over by the player's own sign-in there."""

from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import SessionChanged, Welcome
from lovhub.protocol.questions import BuyTariff, Pause, SignIn
from lovhub.server.context import ClubContext
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, run, welcomed
from tests.server.channel.test_own_requests import ask, register
from tests.server.channel.test_playing import hour
from tests.support.club import OWNER

PASSWORD = "длинный пароль"


async def answered(pc: Pc, frame: object) -> tuple[str, list[SessionChanged]]:
    """The answer's code, and the session as it was told until then."""
    code, heard = await ask(pc, frame)
    return code, [one for one in heard if isinstance(one, SessionChanged)]


def states(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(PlaySession.state)))


async def session_told(pc: Pc, told: list[SessionChanged]) -> SessionChanged:
    """How the session is: news of it come before an answer, or after it."""
    return told[-1] if told else await pc.hear_a(SessionChanged)


def test_who_has_paused_goes_on_by_signing_in_there_and_nobody_else_does(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    club = channel.club
    for login in ("sniper", "rich"):
        register(club, login, 700_00)
    tariff = hour(club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            welcome = await welcomed(pc, paired)
            assert "pause" in welcome.knows
            assert (await answered(pc, Pause("early")))[0] == "not_signed_in"
            await answered(pc, SignIn("in", "sniper", PASSWORD))
            assert (await answered(pc, Pause("nothing runs")))[0] == "not_signed_in"
            code, told = await answered(pc, BuyTariff("buy", tariff))
            assert (await session_told(pc, told)).session.pause_allowed
            clock.advance(60)
            code, told = await answered(pc, Pause("pause"))
            assert code == "ok"
            stands = await session_told(pc, told)
            view = stands.session
            assert (view.state, view.paused_by, stands.lease) == ("paused", "player", None)
            assert view.seconds_left == 3600 - 61
            assert states(club) == ["paused"]
            assert (await answered(pc, SignIn("other", "rich", PASSWORD)))[0] == "computer_busy"
            assert (await answered(pc, SignIn("wrong", "sniper", "чужой")))[0] == (
                "wrong_credentials"
            )
        async with channel.socket() as pc:  # the PC was restarted meanwhile
            await pc.hello(paired, boot_id="boot-2")
            again = await pc.hear_a(Welcome)
            assert again.session is not None
            assert (again.session.state, again.session.paused_by) == ("paused", "player")
            clock.advance(600)
            code, told = await answered(pc, SignIn("back", "sniper", PASSWORD))
            assert code == "ok"
            goes_on = await session_told(pc, told)
            assert (goes_on.session.state, goes_on.session.seconds_left) == ("active", 3600 - 61)
            assert goes_on.lease is not None

    run(work)


def test_where_the_tariff_has_no_pause_none_is_offered_and_none_is_had(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    register(club, "sniper", 700_00)
    tariff = tariffs.create(
        club, terms=Terms("Без пауз", 3600, 50_000, pause_allowed=False), actor=OWNER
    )

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await answered(pc, SignIn("in", "sniper", PASSWORD))
            _, told = await answered(pc, BuyTariff("buy", tariff))
            assert not (await session_told(pc, told)).session.pause_allowed
            assert (await answered(pc, Pause("pause")))[0] == "pause_not_allowed"
            assert states(club) == ["active"]

    run(work)
