"""A player types a promo code at the PC: the real hub, and what the PC is told."""

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Answer, CustomerChanged, SessionChanged
from lovhub.protocol.questions import SignIn, UsePromoCode
from lovhub.protocol.views import CustomerView, GiftView, PromoView
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.loyalty import promos
from lovhub.server.loyalty.rules import PromoTerms
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, run, welcomed
from tests.support.club import OWNER
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)


def create(club: ClubContext, code: str, *, seconds: int = 0) -> int:
    kind = "time" if seconds else "bonus"
    terms = PromoTerms(code, kind, 500_00, seconds, club.clock.now(), None, 1)  # type: ignore[arg-type]
    return promos.create(club, terms=terms, codes=[code], actor=OWNER)


class Player:
    """The customer «sniper» at a PC, and what the PC was told of them."""

    def __init__(self, pc: Pc) -> None:
        self._pc = pc
        self.view: CustomerView | None = None
        self.plays = False

    async def hears(self) -> object:
        heard = await self._pc.hear()
        if isinstance(heard, CustomerChanged):
            self.view = heard.customer
        self.plays = self.plays or isinstance(heard, SessionChanged)
        return heard

    async def ask(self, frame: object) -> str:
        await self._pc.say(frame)  # type: ignore[arg-type]
        while not isinstance(heard := await self.hears(), Answer):
            pass
        return heard.code

    async def until(self, promo: PromoView | None) -> None:
        while self.view is None or self.view.promo != promo:
            await self.hears()


def test_codes_are_taken_where_there_are_some_and_time_opens_the_pc(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    club = channel.club
    customers.register(
        club, login="sniper", name="Ерлан", phone="", password="длинный пароль", actor=OWNER
    )

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            player = Player(pc)
            assert await player.ask(UsePromoCode("early", "LETO")) == "not_signed_in"
            assert await player.ask(SignIn("in", "sniper", "длинный пароль")) == "ok"
            await player.until(None)
            bonus = create(club, "LETO")
            await player.until(PromoView())  # told while they sit there
            hour = create(club, "HOUR", seconds=3600)

            assert await player.ask(UsePromoCode("a", "le-to")) == "ok"
            assert await player.ask(UsePromoCode("a", "LETO")) == "ok"  # sent again: once
            assert await player.ask(UsePromoCode("b", "LETO")) == "promo_used_by_customer"
            await player.until(PromoView(GiftView(bonus, "LETO", bonus_tiyn=500_00)))
            assert player.view is not None
            assert (player.view.bonus_tiyn, player.plays) == (500_00, False)

            assert await player.ask(UsePromoCode("c", "hour")) == "ok"
            await player.until(PromoView(GiftView(hour, "HOUR", seconds=3600)))
            while not player.plays:
                await player.hears()

            for promo in (bonus, hour):
                promos.stop(club, promo_id=promo, actor=OWNER)
            guesses = [await player.ask(UsePromoCode(f"g{n}", f"WRONG{n}")) for n in range(6)]
            assert guesses == [*["promo_code_wrong"] * 5, "too_many_attempts"]
            clock.advance(601)
            promos.stop(club, promo_id=create(club, "LAST"), actor=OWNER)
            await player.until(None)  # nothing to type any more, and the gift is old news

    run(work)
