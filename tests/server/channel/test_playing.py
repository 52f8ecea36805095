"""Playing over the channel: signing in, buying, being seated, falling silent and coming back."""

import asyncio

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Ack,
    Answer,
    Catalog,
    CustomerChanged,
    GamesClosed,
    Heartbeat,
    ReportedSession,
    SessionChanged,
    SessionEnded,
)
from lovhub.protocol.lease import open_lease
from lovhub.protocol.questions import BuyTariff, SetPassword, SignIn, SignOut
from lovhub.server.club.service import get as get_club
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins
from lovhub.server.customers import queries as customers_queries
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.reports import queries as reports
from lovhub.server.sessions import link, service
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.channel.conftest import (
    ChannelServer,
    PairPc,
    Pc,
    eventually,
    row,
    run,
    welcomed,
)
from tests.support.club import CASHIER, OWNER
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)


def register(club: ClubContext, *, money_tiyn: int = 200_000) -> int:
    customer_id = customers.register(
        club, login="sniper", name="Ерлан", phone="", password="длинный пароль", actor=OWNER
    )
    customers.top_up(
        club,
        customer_id=customer_id,
        amount_tiyn=money_tiyn,
        method="cash",
        key="first",
        actor=CASHIER,
    )
    return customer_id


def hour(club: ClubContext) -> int:
    return tariffs.create(club, terms=Terms("1 час", 3600, 50_000), actor=OWNER)


def friend(club: ClubContext) -> tuple[int, int]:
    """The customer who signs in, and their group, which pays a tenth less."""
    customer_id = register(club)
    group_id = loyalty.create_group(club, name="Друзья", percent=10, actor=OWNER)
    loyalty.put_in_group(club, customer_id=customer_id, group_id=group_id, actor=OWNER)
    return customer_id, group_id


def test_whoever_signs_in_sees_the_prices_of_their_group_and_buys_at_them(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    customer_id, group_id = friend(club)
    hour(club)
    theirs = tariffs.create(
        club,
        terms=Terms("Для друзей", 3600, 40_000, groups=frozenset({group_id})),
        actor=OWNER,
    )
    loyalty.set_bonus_terms(club, terms=BonusTerms(is_on=True, share_percent=50), actor=OWNER)
    loyalty.give_bonus(
        club, customer_id=customer_id, amount_tiyn=10_000, reason="Приз", key="gift", actor=OWNER
    )

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await pc.hello(paired)
            prices = [one.price_tiyn for one in (await pc.hear_a(Catalog)).tariffs]
            assert prices == [50_000]
            await pc.say(SignIn(request_id="1", login="sniper", password="длинный пароль"))
            told = (await pc.hear_a(CustomerChanged)).customer
            assert told is not None
            assert (told.bonus_tiyn, told.bonus_share_percent) == (10_000, 50)
            shown = (await pc.hear_a(Catalog)).tariffs
            assert [(one.price_tiyn, one.full_price_tiyn) for one in shown] == [
                (45_000, 50_000),
                (36_000, 40_000),
            ]
            await pc.say(BuyTariff(request_id="2", tariff_id=theirs, price_tiyn=36_000))
            assert (await pc.hear_a(Answer)).code == "ok"
            await pc.say(SignOut(request_id="3"))
            while len(back := (await pc.hear_a(Catalog)).tariffs) > 1:
                pass  # the same again, if something else was told meanwhile
            assert [one.price_tiyn for one in back] == [50_000]
        with club.read() as db:
            row = customers_queries.row(db, club.club_id, customer_id)
        assert (row.balance_tiyn, row.bonus_tiyn) == (200_000 - 26_000, 0)

    run(work)


def test_a_discount_that_is_changed_is_seen_at_once_by_whoever_has_it(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    _, group_id = friend(club)
    hour(club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(SignIn(request_id="1", login="sniper", password="длинный пароль"))
            await until_sold_for(pc, 45_000)
            loyalty.change_group(club, group_id=group_id, name="Друзья", percent=20, actor=OWNER)
            await until_sold_for(pc, 40_000)
            loyalty.remove_group(club, group_id=group_id, actor=OWNER)
            await until_sold_for(pc, 50_000)

    run(work)


async def until_sold_for(pc: Pc, price_tiyn: int) -> None:
    """Whatever else is told meanwhile."""
    while [one.price_tiyn for one in (await pc.hear_a(Catalog)).tariffs] != [price_tiyn]:
        pass


def test_a_customer_signs_in_buys_plays_and_leaves(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    club = channel.club
    register(club)
    tariff_id = hour(club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(SignIn(request_id="1", login="sniper", password="не тот"))
            assert await pc.hear_a(Answer) == Answer("1", "wrong_credentials")
            await pc.say(SignIn(request_id="2", login="SNIPER", password="длинный пароль"))
            told = await pc.hear_a(CustomerChanged)
            assert told.customer is not None
            assert told.customer.balance_tiyn == 200_000
            assert (await pc.hear_a(Answer)).code == "ok"

            await pc.say(BuyTariff(request_id="3", tariff_id=tariff_id))
            changed = await pc.hear_a(SessionChanged)
            assert changed.lease is not None
            lease = open_lease(
                changed.lease,
                identity_key=channel.hub.statement.identity_key,
                computer_id=paired.computer_id,
            )
            assert (changed.session.seconds_left, lease.seconds) == (3600, 900)
            await eventually(lambda: row(channel, paired.computer_id).status == "used")

            clock.advance(60)
            seen = row(channel, paired.computer_id).session
            assert seen is not None
            assert (seen.who, seen.seconds_left) == ("Ерлан", 3540)
            await pc.say(SignOut(request_id="4"))
            ended = await pc.hear_a(SessionEnded)
            assert (ended.reason, ended.seconds_returned) == ("signed_out", 3540)

    run(work)
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_forgotten_password_is_replaced_at_the_pc_before_playing(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    customer_id = register(club)
    given = customers.give_time(
        club, customer_id=customer_id, seconds=3600, title="+60 мин", reason="Завис ПК", key="gift",
        actor=CASHIER,
    )  # fmt: skip
    assert given
    pin = pins.issue(club, customer_id=customer_id, actor=CASHIER).pin

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(SignIn(request_id="1", login="sniper", password=pin))
            assert await pc.hear_a(Answer) == Answer(
                "1", "wrong_credentials", "new_password_needed"
            )
            assert row(channel, paired.computer_id).session is None
            await pc.say(SetPassword(request_id="2", login="sniper", pin=pin, password="abc"))
            assert await pc.hear_a(Answer) == Answer("2", "password_too_short")
            await pc.say(SetPassword(request_id="2", login="sniper", pin=pin, password="1234"))
            assert await pc.hear_a(Answer) == Answer("2", "password_too_short", "password_common")
            await pc.say(SetPassword(request_id="3", login="SNIPER", pin=pin, password="домбыра"))
            told = [await pc.hear()]
            while not {Answer, SessionChanged} <= {type(frame) for frame in told}:
                told.append(await pc.hear())
            assert Answer("3", "ok") in told
            [changed] = [frame for frame in told if isinstance(frame, SessionChanged)]
            assert (changed.session.customer_name, changed.session.seconds_left) == ("Ерлан", 3600)
            await pc.say(SignOut(request_id="4"))
            await pc.hear_a(SessionEnded)
            await pc.say(SignIn(request_id="old", login="sniper", password="длинный пароль"))
            while (answer := await pc.hear_a(Answer)).request_id != "old":
                pass
            assert answer.code == "wrong_credentials"
            await pc.say(SetPassword(request_id="5", login="sniper", pin=pin, password="ещё раз"))
            assert await pc.hear_a(Answer) == Answer("5", "wrong_code")

    run(work)


def test_a_purchase_sent_twice_is_one_purchase(channel: ChannelServer, pair_pc: PairPc) -> None:
    club = channel.club
    register(club, money_tiyn=100_000)
    tariff_id = hour(club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(SignIn(request_id="1", login="sniper", password="длинный пароль"))
            await pc.hear_a(Answer)
            for _ in range(2):
                await pc.say(BuyTariff(request_id="same", tariff_id=tariff_id))
                customer = (await pc.hear_a(CustomerChanged)).customer
                assert customer is not None
                assert customer.balance_tiyn == 50_000
                assert (await pc.hear_a(Answer)).code == "ok"

    run(work)


def test_buying_needs_somebody_signed_in(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(BuyTariff(request_id="1", tariff_id=1))
            assert (await pc.hear_a(Answer)).code == "not_signed_in"

    run(work)


def test_the_desk_seats_a_guest_and_the_pc_opens(channel: ChannelServer, pair_pc: PairPc) -> None:
    tariff_id = hour(channel.club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            session_id = await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="Гость",
                actor=CASHIER,
                key="g",
            )
            changed = await pc.hear_a(SessionChanged)
            assert changed.session.session_id == session_id
            assert changed.session.customer_name == "Гость"

    run(work)


def test_a_lost_link_is_seen_at_once_and_settled_by_the_pcs_report(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    tariff_id = hour(channel.club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            session_id = await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="",
                actor=CASHIER,
                key="g",
            )
            await pc.hear_a(SessionChanged)
        await eventually(lambda: row(channel, paired.computer_id).link == "lost")

        def silent() -> bool:
            session = row(channel, paired.computer_id).session
            return session is not None and session.state == "unreachable"

        await eventually(silent)
        clock.advance(100)
        session = row(channel, paired.computer_id).session
        assert session is not None
        assert session.held_seconds == 800
        async with channel.socket() as pc:
            report = ReportedSession(session_id, 1, 98, "boot-1", clock.now())
            welcome = await welcomed(pc, paired, session=report)
            assert welcome.session is not None
            assert welcome.session.seconds_left == 3500
            assert welcome.lease is not None

    run(work)


def test_a_player_is_told_that_the_pc_is_broken_or_kept_for_somebody_else(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    customer_id = register(club)

    async def work() -> None:
        paired = await pair_pc()
        pcs = [paired.computer_id]
        async with channel.socket() as pc:
            await welcomed(pc, paired)

            async def sign_in(request_id: str) -> str:
                await pc.say(SignIn(request_id, login="sniper", password="длинный пароль"))
                answer = await pc.hear_a(Answer)
                return answer.why or answer.code

            conditions.mark_broken(club, computer_ids=pcs, reason="нет звука", actor=OWNER)
            assert await sign_in("1") == "computer_broken"
            conditions.mend(club, computer_ids=pcs, actor=OWNER)
            until_at = club.clock.now() + 600
            conditions.keep(
                club, computer_ids=pcs, for_whom="Аскар", customer_id=None,
                until_at=until_at, actor=OWNER,
            )  # fmt: skip
            assert await sign_in("2") == "computer_kept"
            conditions.keep(
                club, computer_ids=pcs, for_whom="", customer_id=customer_id,
                until_at=until_at, actor=OWNER,
            )  # fmt: skip
            assert await sign_in("3") == "ok"

    run(work)


def test_nobody_is_seated_at_a_silent_pc(channel: ChannelServer, pair_pc: PairPc) -> None:
    tariff_id = hour(channel.club)

    async def work() -> None:
        paired = await pair_pc()
        with pytest.raises(OperationRefused, match="computer_silent"):
            await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="",
                actor=CASHIER,
                key="g",
            )

    run(work)
    with channel.club.read() as db:
        money, _ = reports.money_today(db, get_club(db, 1), channel.club.clock.now())
        assert money.money.received_in_all_tiyn == 0


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_pc_that_links_anew_cannot_talk_down_what_it_was_seen_to_play(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock, boot: str
) -> None:
    tariff_id = hour(channel.club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            session_id = await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="",
                actor=CASHIER,
                key="g",
            )
            await pc.hear_a(SessionChanged)
            clock.advance(290)
            await pc.say(Heartbeat(seq=1, lock="unlocked"))
            await pc.hear_a(Ack)
            async with channel.socket() as again:
                report = ReportedSession(session_id, 1, 0, boot, clock.now())
                await welcomed(again, paired, session=report)
                with channel.club.read() as db:
                    assert db.get_one(PlaySession, session_id).played_seconds == 290

    run(work)


def test_a_guest_is_not_shown_who_signed_in_there_before(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    customer_id = register(channel.club)
    tariff_id = hour(channel.club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(SignIn(request_id="1", login="sniper", password="длинный пароль"))
            shown = await pc.hear_a(CustomerChanged)
            assert shown.customer is not None
            assert shown.customer.customer_id == customer_id
            await pc.hear_a(Answer)
            await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="",
                actor=CASHIER,
                key="g",
            )
            await pc.hear_a(SessionChanged)
            assert (await pc.hear_a(CustomerChanged)).customer is None
            await pc.say(BuyTariff(request_id="2", tariff_id=tariff_id))
            assert (await pc.hear_a(Answer)).code == "not_signed_in"

    run(work)


def test_whose_time_is_over_may_pay_for_more_there_until_the_pc_says_that_the_games_are_closed(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    club = channel.club
    register(club)
    tariff_id = hour(club)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, keeps_games=True)
            await pc.say(SignIn(request_id="1", login="sniper", password="длинный пароль"))
            for number in (1, 2):
                await pc.say(BuyTariff(request_id=f"buy {number}", tariff_id=tariff_id))
                begun = (await pc.hear_a(SessionChanged)).session
                assert begun.grace_seconds == 180
                for _ in range(5):
                    clock.advance(720)
                    await asyncio.to_thread(link.run_due, club, {paired.computer_id})
                assert (await pc.hear_a(SessionEnded)).reason == "time_over"
            assert begun.continues is not None
            await pc.say(GamesClosed(session_id=begun.session_id))
            while (await pc.hear_a(CustomerChanged)).customer is not None:
                pass
            await pc.say(BuyTariff(request_id="buy 3", tariff_id=tariff_id))
            while (answer := await pc.hear_a(Answer)).request_id != "buy 3":
                pass
            assert answer.code == "not_signed_in"

    run(work)
