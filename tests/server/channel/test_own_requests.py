"""What a player asks for themselves: the real hub, and that nobody is told of anybody else."""

from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Answer, CustomerChanged, Operations, ServerFrame
from lovhub.protocol.questions import AskOperations, ChooseHabits, Register, SignIn, Star
from lovhub.protocol.views import HabitsView, OperationView
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting
from lovhub.server.customers import service as customers
from lovhub.server.habits import queries
from lovhub.server.journal.models import Event, Launch
from lovhub.server.sessions import service as sessions
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, run, welcomed
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)


def register(club: ClubContext, login: str, tiyn: int) -> int:
    customer_id = customers.register(
        club, login=login, name=login, phone="", password="длинный пароль", actor=OWNER
    )
    customers.top_up(
        club, customer_id=customer_id, amount_tiyn=tiyn, method="card", key=login, actor=CASHIER
    )
    return customer_id


async def ask(pc: Pc, frame: object) -> tuple[str, list[ServerFrame]]:
    """The answer's code, and all that was said before it."""
    await pc.say(frame)  # type: ignore[arg-type]
    heard: list[ServerFrame] = []
    while not isinstance(last := await pc.hear(), Answer):
        heard.append(last)
    return last.why or last.code, heard


async def operations(pc: Pc, request_id: str, before: str = "") -> tuple[str, list[OperationView]]:
    code, heard = await ask(pc, AskOperations(request_id, before))
    parts = [frame for frame in heard if isinstance(frame, Operations)]
    assert all(part.request_id == request_id for part in parts)
    return code, [row for part in parts for row in part.rows]


def test_operations_are_told_to_whom_they_belong(channel: ChannelServer, pair_pc: PairPc) -> None:
    club, people = channel.club, People(channel.club)
    register(club, "sniper", 700_00)
    register(club, "rich", 9_000_00)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            welcome = await welcomed(pc, paired)
            assert "ask_operations" in welcome.knows
            assert await operations(pc, "nobody") == ("not_signed_in", [])
            assert (await ask(pc, SignIn("in", "sniper", "длинный пароль")))[0] == "ok"
            code, [row] = await operations(pc, "mine")
            assert (code, row.kind, row.tiyn, row.detail) == ("ok", "top_up", 700_00, "card")
            assert await operations(pc, "odd", "далеко") == ("fields_wrong", [])

        guest_pc = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, guest_pc)
            sessions.seat_guest(
                club, computer_id=guest_pc.computer_id, tariff_id=people.tariff(), method="cash",
                guest_name="Гость", actor=CASHIER, key="guest",
            )  # fmt: skip
            code, rows = await operations(pc, "stay")
            assert (code, [row.kind for row in rows]) == ("ok", ["sale", "playing"])

    run(work)


def test_what_a_customer_likes_comes_with_them_to_every_pc_and_goes_with_their_name(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    club, people = channel.club, People(channel.club)
    sniper = register(club, "sniper", 500_00)
    register(club, "rich", 9_000_00)
    dota, pubg, old = (people.application(title=title) for title in ("Dota 2", "PUBG", "Pong"))
    foreign = 12_345

    async def work() -> None:
        paired = await pair_pc()
        for number, application_id in enumerate([old, dota, pubg, dota]):
            clock.advance(queries.RECENT_SECONDS if number == 1 else 1)
            with club.write() as written:
                written.db.add(
                    Launch(
                        club_id=club.club_id,
                        computer_id=paired.computer_id,
                        customer_id=sniper,
                        application_id=application_id,
                        started_at=written.now,
                    )
                )
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            assert (await ask(pc, Star("early", dota, is_favourite=True)))[0] == "not_signed_in"
            await ask(pc, SignIn("in", "sniper", "длинный пароль"))
            assert await likes(pc, Star("a", pubg, is_favourite=True)) == HabitsView(
                recent_ids=(dota, pubg), favourite_ids=(pubg,)
            )
            assert (await ask(pc, Star("b", foreign, is_favourite=True)))[0] == (
                "application_not_available"
            )
            await ask(pc, ChooseHabits("c", volume=40, language="kk"))
            await ask(pc, ChooseHabits("d", layout="RU"))
            for wrong in (ChooseHabits("e", volume=101), ChooseHabits("f", language="../../etc")):
                assert (await ask(pc, wrong))[0] == "fields_wrong"
            assert await likes(pc, Star("g", pubg, is_favourite=False)) == HabitsView(
                recent_ids=(dota, pubg), volume=40, layout="RU", language="kk"
            )
            await ask(pc, SignIn("other", "rich", "длинный пароль"))
            assert await likes(pc, Star("h", old, is_favourite=True)) == HabitsView(
                favourite_ids=(old,)
            )

    run(work)
    forgetting.forget(
        club,
        customer_id=sniper,
        fate="write_off",
        reason="просил",
        expected_tiyn=500_00,
        actor=OWNER,
    )
    with club.read() as db:
        assert queries.view(db, club.club_id, sniper, clock.now()).language == ""


async def likes(pc: Pc, frame: object) -> HabitsView | None:
    """What the PC is told of the customer, before the answer."""
    code, heard = await ask(pc, frame)
    assert code == "ok"
    views = [one.customer for one in heard if isinstance(one, CustomerChanged)]
    assert views[-1] is not None
    return views[-1].habits


def test_players_register_by_themselves_where_the_club_lets_them(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    register(club, "sniper", 700_00)

    def with_login(login: str, phone: str = "", password: str = "тайная тайна") -> Register:
        return Register(login, login, phone, password)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            assert "register" not in (await welcomed(pc, paired)).knows
            assert await ask(pc, with_login("новый")) == ("registration_closed", [])
            with club.write() as writing:
                writing.db.get_one(Club, club.club_id).registers_at_pc = True
        async with channel.socket() as pc:
            assert "register" in (await welcomed(pc, paired)).knows
            for asked, code in (
                (with_login("СНАЙПЕР".lower()), "ok"),
                (with_login("Sniper"), "login_taken"),
                (with_login("два слова"), "login_malformed"),
                (with_login("8(701)123-45-67"), "login_is_phone"),
                (with_login("новый", "звонить"), "phone_malformed"),
                (with_login("новый", password="123"), "password_too_short"),
                (with_login("новый", "8 701 123 45 67"), "ok"),
            ):
                said, heard = await ask(pc, asked)
                assert said == code
            [changed] = [frame for frame in heard if isinstance(frame, CustomerChanged)]
            assert (changed.customer.name, changed.customer.balance_tiyn) == ("новый", 0)
            for number in range(5):
                said, _heard = await ask(pc, with_login(f"один из многих {number}"))
            assert said == "too_many_attempts"

    run(work)
    with club.read() as db:
        told = select(Event.actor_kind).where(Event.kind == "customer.registered")
        registered = db.scalars(told.order_by(Event.id)).all()
    assert registered == ["staff", "computer", "computer"]
