"""A member of staff at a PC: the server checks person, rights and shift, and the log says who, and where."""

import asyncio

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Answer, StaffChanged
from lovhub.protocol.questions import StaffAddApplication, StaffSignIn, StaffSignOut, StaffTopUp
from lovhub.server.applications.models import Application
from lovhub.server.channel.staff_requests import IDLE_SECONDS
from lovhub.server.club.models import Club
from lovhub.server.customers import view as customers_view
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Event
from lovhub.server.shifts import service as shifts
from lovhub.server.staff.models import Staff
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, eventually, run, welcomed
from tests.support.club import People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.staff import PASSWORD, RECOVERY_CODE, StaffMaker


async def said(pc: Pc, frame: object) -> str:
    """How it was answered."""
    await pc.say(frame)  # type: ignore[arg-type]
    return (await pc.hear_a(Answer)).code


def sign_in(login: str, *, password: str = PASSWORD, code: str = "") -> StaffSignIn:
    return StaffSignIn("in", login, password, code)


def balance(channel: ChannelServer, customer_id: int) -> int:
    with channel.club.read() as db:
        return customers_view.customer_view(
            db, 1, customer_id, channel.club.clock.now()
        ).balance_tiyn


def login_of(channel: ChannelServer, customer_id: int) -> str:
    with channel.club.read() as db:
        return db.get_one(Customer, customer_id).login


def events(channel: ChannelServer, *kinds: str) -> list[Event]:
    with channel.club.read() as db:
        return list(db.scalars(select(Event).where(Event.kind.in_(kinds)).order_by(Event.id)))


def test_a_cashier_tops_up_at_a_pc_once_and_by_the_rules_of_the_desk(
    channel: ChannelServer, pair_pc: PairPc, people: People
) -> None:
    cashier = StaffMaker(channel.club).make("cashier", login="daniyar")
    customer_id = people.customer()
    login = login_of(channel, customer_id)
    with channel.club.write() as work:
        work.db.get_one(Club, work.club_id).sales_need_shift = True
    money = StaffTopUp("m1", login, 500_00, "cash")

    async def work_() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            assert await said(pc, money) == "not_signed_in"
            assert await said(pc, sign_in("daniyar", password="наугад")) == "wrong_credentials"
            assert await said(pc, sign_in("daniyar")) == "ok"
            staff = (await pc.hear_a(StaffChanged)).staff
            assert staff is not None
            assert (staff.name, staff.may_top_up, staff.may_add_applications) == (
                "Данияр",
                True,
                False,
            )
            assert await said(pc, money) == "shift_needed"
            await asyncio.to_thread(shifts.open_shift, channel.club, counted_tiyn=0, actor=cashier)
            assert await said(pc, money) == "ok"
            assert await said(pc, money) == "ok"
            assert balance(channel, customer_id) == 500_00
            wrong = StaffTopUp("m2", "нет такого", 1_00, "cash")
            assert await said(pc, wrong) == "no_such_customer"
            assert await said(pc, StaffTopUp("m3", login, -5, "cash")) == "fields_wrong"
            program = StaffAddApplication("a", "Dota 2", "game", r"C:\Games\dota2.exe")
            assert await said(pc, program) == "not_allowed"
            assert await said(pc, StaffSignOut("out")) == "ok"
            assert await said(pc, StaffTopUp("m4", login, 1_00, "cash")) == "not_signed_in"
        assert balance(channel, customer_id) == 500_00
        here, topped = events(channel, "staff.signed_in_at_pc", "customer.topped_up")[-2:]
        for event in (here, topped):
            assert (event.actor_id, event.computer_id) == (cashier.id, paired.computer_id)

    run(work_)


def test_a_second_factor_is_asked_for_and_a_sign_in_is_of_this_connection_and_moment(
    channel: ChannelServer, pair_pc: PairPc, people: People, clock: ManualClock
) -> None:
    maker = StaffMaker(channel.club)
    manager = maker.make("manager", login="madina")
    maker.give_second_factor(manager.id)
    money = StaffTopUp("m", login_of(channel, people.customer()), 1_00, "cash")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            assert await said(pc, sign_in("madina")) == "second_factor_needed"
            assert await said(pc, money) == "not_signed_in"
            assert await said(pc, sign_in("madina", code="000000")) == "wrong_second_factor"
            assert await said(pc, sign_in("madina", code=RECOVERY_CODE)) == "ok"
            assert (await pc.hear_a(StaffChanged)).staff is not None
            clock.advance(IDLE_SECONDS + 1)
            assert (await pc.hear_a(StaffChanged)).staff is None
            assert await said(pc, money) == "not_signed_in"

    run(work)


def test_of_a_pc_that_has_gone_nothing_is_kept_that_is_looked_through_again_and_again(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    StaffMaker(channel.club).make("cashier", login="daniyar")
    hub = channel.hub

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired, takes_updates=True)
            assert await said(pc, sign_in("daniyar")) == "ok"
            assert len(hub.with_staff) == 1
            assert hub.updates._able
        await eventually(lambda: not hub.with_staff and not hub.updates._able)

    run(work)


@pytest.mark.parametrize("change", ["dismissed", "password"])
def test_what_is_done_to_a_person_counts_at_a_pc_at_once(
    channel: ChannelServer, pair_pc: PairPc, people: People, change: str
) -> None:
    cashier = StaffMaker(channel.club).make("cashier", login="daniyar")
    money = StaffTopUp("m", login_of(channel, people.customer()), 1_00, "cash")

    async def work_() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            assert await said(pc, sign_in("daniyar")) == "ok"
            with channel.club.write() as work:
                person = work.db.get_one(Staff, cashier.id)
                if change == "dismissed":
                    person.disabled_at = work.now
                else:
                    person.password_hash = "another"
            assert await said(pc, money) == "not_signed_in"

    run(work_)


def test_a_technician_adds_a_program_of_the_pc_and_takes_no_money(
    channel: ChannelServer, pair_pc: PairPc, people: People
) -> None:
    StaffMaker(channel.club).make("technician", login="timur")
    login = login_of(channel, people.customer())

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            assert await said(pc, sign_in("timur")) == "ok"
            bad = StaffAddApplication("a", "Dota 2", "game", "dota2.exe")
            assert await said(pc, bad) == "fields_wrong"
            good = StaffAddApplication("b", "Dota 2", "game", r"C:\Games\dota2.exe", b"no picture")
            assert await said(pc, good) == "ok"
            assert await said(pc, StaffTopUp("m", login, 1_00, "cash")) == "not_allowed"
        with channel.club.read() as db:
            [added] = db.scalars(select(Application))
        assert (added.title, added.exe_path, added.picture) == (
            "Dota 2",
            r"C:\Games\dota2.exe",
            "",
        )
        [event] = events(channel, "application.created")
        assert (event.actor_name, event.computer_id) == ("Тимур", paired.computer_id)

    run(work)
