"""Live pages: who may look, what they are told, and how soon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Ack, Heartbeat
from lovhub.server.bus import CustomerChanged
from lovhub.server.channel import live
from lovhub.server.computers import service as computers
from lovhub.server.conditions import service as conditions
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.halls import queries as hall_queries
from lovhub.server.halls import service as halls
from lovhub.server.live import HallRow, LiveSnapshot
from lovhub.server.payments import rules as networks
from lovhub.server.staff import allowed, second_factor
from lovhub.server.staff import service as staff
from lovhub.server.staff.allowed import Caller
from tests.server.channel.conftest import (
    WAIT_SECONDS,
    ChannelServer,
    PairPc,
    all_news_told,
    run,
    welcomed,
)
from tests.support.club import OWNER, People
from tests.support.live_desk import unsaid

PASSWORD = "длинный пароль владельца"


@pytest.fixture(autouse=True)
def nothing_by_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is told because of what has happened: by then it would be told, or looked at, anyway."""
    monkeypatch.setattr(live, "WHOLE_SECONDS", 3600.0)
    monkeypatch.setattr(live, "CHECK_SECONDS", 3600.0)


@pytest.fixture
def token(club: ClubContext) -> str:
    """A signed-in owner's cookie."""
    with club.write() as work:
        staff.create_owner(work, login="owner", name="Айгуль", password=PASSWORD)
    return staff.sign_in(
        club, login="owner", password=PASSWORD, address="127.0.0.1", user_agent="browser"
    )


@pytest.fixture
def dota(channel: ChannelServer, people: People) -> int:
    """A game of the club, known to the hall."""
    application_id = people.application(title="Dota 2")
    channel.hub.hall.reload_applications()
    return application_id


@asynccontextmanager
async def page(
    channel: ChannelServer, token: str, *, origin: str | None = None, **headers: str
) -> AsyncIterator[ClientConnection]:
    host = f"localhost:{channel.port}"
    async with connect(
        f"wss://{host}/live",
        host="127.0.0.1",
        ssl=channel.tls(),
        additional_headers={"Cookie": f"lovhub_session={token}", **headers},
        origin=origin or f"https://{host}",  # type: ignore[arg-type]
    ) as websocket:
        yield websocket


async def hear(websocket: ClientConnection) -> dict[str, Any]:
    """The next message, its rows with what goes without saying."""
    message = msgspec.json.decode(await asyncio.wait_for(websocket.recv(), WAIT_SECONDS))
    assert isinstance(message, dict)
    if "rows" in message:
        message["rows"] = [unsaid(HallRow) | row for row in message["rows"]]
    return message


async def hear_row(websocket: ClientConnection, computer_id: int, **wanted: object) -> None:
    """Wait for the message that shows the PC as wanted."""
    while True:
        message = await hear(websocket)
        for row in message["rows"]:
            seen = {name: row[name] for name in wanted}
            if row["computer_id"] == computer_id and seen == wanted:
                return


def test_a_page_gets_the_whole_picture_and_then_each_change(
    channel: ChannelServer, pair_pc: PairPc, token: str
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc, page(channel, token) as desk:
            whole = await hear(desk)
            assert whole["type"] == "snapshot"
            assert set(LiveSnapshot.__struct_fields__) <= set(whole)
            await welcomed(pc, paired)
            await hear_row(desk, paired.computer_id, link="linked")
            await pc.websocket.close()
            await hear_row(desk, paired.computer_id, link="lost")

    run(work)


def test_a_broken_lock_and_the_running_program_are_told_without_any_other_news(
    channel: ChannelServer, pair_pc: PairPc, token: str
) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc, page(channel, token) as desk:
            await hear(desk)
            await welcomed(pc, paired)
            await pc.say(Heartbeat(seq=1, lock="locked"))
            await pc.hear_a(Ack)
            await hear_row(desk, paired.computer_id, link="linked", problem="")
            await asyncio.sleep(0.6)  # all earlier news is told
            await pc.say(Heartbeat(seq=2, lock="broken"))
            await hear_row(desk, paired.computer_id, problem="lock_broken")
            await pc.say(Heartbeat(seq=3, lock="locked"))
            message = await hear(desk)
            assert (message["type"], len(message["rows"])) == ("changes", 1)

    run(work)


def test_which_programs_run_is_gathered_and_goes_with_what_cannot_wait(
    channel: ChannelServer,
    pair_pc: PairPc,
    token: str,
    dota: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "GATHER_SECONDS", 3600.0)

    async def work() -> None:
        playing, broken = await pair_pc(), await pair_pc()
        async with (
            channel.socket() as one,
            channel.socket() as other,
            page(channel, token) as desk,
        ):
            await welcomed(one, playing)
            await welcomed(other, broken)
            await all_news_told(channel)
            await other.say(Heartbeat(seq=1, lock="unlocked"))
            await hear_row(desk, broken.computer_id, lock="unlocked")
            # Nothing else is new from now on.
            await one.say(Heartbeat(seq=1, lock="locked", application_id=dota))
            await one.hear_a(Ack)
            await asyncio.sleep(2 * live.COALESCE_SECONDS)
            await other.say(Heartbeat(seq=2, lock="broken"))
            while True:
                rows = {row["computer_id"]: row for row in (await hear(desk))["rows"]}
                told = {pc: row["application"] for pc, row in rows.items() if row["application"]}
                if broken.computer_id in rows and rows[broken.computer_id]["lock"] == "broken":
                    assert told == {playing.computer_id: "Dota 2"}
                    return
                assert not told, "told by itself"

    run(work)


def test_which_program_runs_is_told_by_itself_after_a_while(
    channel: ChannelServer,
    pair_pc: PairPc,
    token: str,
    dota: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "GATHER_SECONDS", live.COALESCE_SECONDS)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc, page(channel, token) as desk:
            await welcomed(pc, paired)
            await hear_row(desk, paired.computer_id, link="linked")
            await pc.say(Heartbeat(seq=1, lock="locked", application_id=dota))
            await hear_row(desk, paired.computer_id, application="Dota 2")

    run(work)


def test_zones_numbers_and_what_people_say_of_a_pc_are_told_at_once(
    channel: ChannelServer, pair_pc: PairPc, token: str
) -> None:
    club = channel.club

    async def work() -> None:
        paired = await pair_pc()
        pc = paired.computer_id
        async with page(channel, token) as desk:
            assert (await hear(desk))["zones"] == []
            await asyncio.to_thread(
                halls.create_hall, club, name="Первый этаж", zones=["VIP"], actor=OWNER
            )
            told = await hear(desk)
            while not told["zones"]:
                told = await hear(desk)
            (zone,) = told["zones"]
            assert (zone["name"], zone["hall_name"]) == ("VIP", "Первый этаж")
            zone_id = zone["zone_id"]
            await asyncio.to_thread(
                halls.place, club, computer_ids=[pc], zone_id=zone_id, actor=OWNER
            )
            await hear_row(desk, pc, zone_id=zone_id)
            await asyncio.to_thread(halls.number, club, computer_ids=[pc], first=17, actor=OWNER)
            await hear_row(desk, pc, number=17, zone_id=zone_id)
            await asyncio.to_thread(
                conditions.mark_broken, club, computer_ids=[pc], reason="нет звука", actor=OWNER
            )
            broken = {"kind": "broken", "text": "нет звука", "customer_id": None, "seconds_left": 0}
            await hear_row(desk, pc, condition=broken, problem="broken")
            await asyncio.to_thread(conditions.mend, club, computer_ids=[pc], actor=OWNER)
            await hear_row(desk, pc, condition=None, problem="")
            await asyncio.to_thread(
                conditions.keep, club, computer_ids=[pc], for_whom="Аскар", customer_id=None,
                until_at=club.clock.now() + 600, actor=OWNER,
            )  # fmt: skip
            kept = {"kind": "kept", "text": "Аскар", "customer_id": None, "seconds_left": 600}
            await hear_row(desk, pc, condition=kept, problem="")

    run(work)
    with club.read() as db:
        stands = hall_queries.stands(db, club.club_id)
    assert [(stand.number, stand.zone_id is not None) for stand in stands] == [(17, True)]


def test_a_pc_is_kept_under_the_customers_name_of_now_and_renamed_at_once(
    channel: ChannelServer, pair_pc: PairPc, token: str, people: People
) -> None:
    club = channel.club

    def keep_then_change(pc: int) -> None:
        customer_id = people.customer(name="Аскар")
        conditions.keep(
            club, computer_ids=[pc], for_whom="", customer_id=customer_id,
            until_at=club.clock.now() + 600, actor=OWNER,
        )  # fmt: skip
        computers.rename(club, computer_id=pc, name="ПК-17", actor=OWNER)
        with club.write() as work:
            work.db.get_one(Customer, customer_id).name = "Удалён"
            work.tell(CustomerChanged(customer_id))

    async def work() -> None:
        paired = await pair_pc()
        async with page(channel, token) as desk:
            await hear(desk)
            await asyncio.to_thread(keep_then_change, paired.computer_id)
            while True:
                message = await hear(desk)
                texts = [row["condition"] and row["condition"]["text"] for row in message["rows"]]
                if texts == ["Удалён"] and message["rows"][0]["name"] == "ПК-17":
                    return

    run(work)


def test_a_picture_loaded_anew_knows_zones_numbers_and_conditions(
    channel: ChannelServer, clock: ManualClock, people: People
) -> None:
    club = channel.club
    first, second, third = people.computer("ПК-1"), people.computer("ПК-2"), people.computer("ПК-3")
    halls.create_hall(club, name="Зал", zones=["A", "B"], actor=OWNER)
    with club.read() as db:
        zone_a, zone_b = (zone.zone_id for zone in hall_queries.live_zones(db, club.club_id))
    halls.place(club, computer_ids=[first], zone_id=zone_b, actor=OWNER)
    halls.place(club, computer_ids=[second, third], zone_id=zone_a, actor=OWNER)
    halls.number(club, computer_ids=[third], first=1, actor=OWNER)
    conditions.keep(
        club, computer_ids=[first], for_whom="Аскар", customer_id=None,
        until_at=clock.now() + 60, actor=OWNER,
    )  # fmt: skip
    channel.hub.hall.load()
    shown = channel.hub.hall.snapshot()
    assert [row.computer_id for row in shown.rows] == [third, second, first]
    assert shown.rows[2].condition is not None
    clock.advance(60)
    assert channel.hub.hall.snapshot().rows[2].condition is None


def test_a_revoked_pc_leaves_the_page(channel: ChannelServer, pair_pc: PairPc, token: str) -> None:
    async def work() -> None:
        paired = await pair_pc()
        async with page(channel, token) as desk:
            await hear(desk)
            await asyncio.to_thread(
                computers.revoke, channel.club, computer_id=paired.computer_id, actor=OWNER
            )
            shown = {paired.computer_id}
            while shown:
                message = await hear(desk)
                seen = {row["computer_id"] for row in message["rows"]}
                shown = seen if message["type"] == "snapshot" else shown - set(message["removed"])
            assert message["counts"]["total"] == 0

    run(work)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://[", "null"])
def test_another_sites_page_is_turned_away(channel: ChannelServer, token: str, origin: str) -> None:
    async def work() -> None:
        with pytest.raises(InvalidStatus):
            async with page(channel, token, origin=origin):
                pass

    run(work)


def test_nobody_looks_without_being_signed_in(channel: ChannelServer) -> None:
    async def work() -> None:
        with pytest.raises(InvalidStatus):
            async with page(channel, "a guess"):
                pass

    run(work)


def test_from_where_people_may_not_work_nobody_looks(channel: ChannelServer, token: str) -> None:
    here = Caller("127.0.0.1", is_here=True)
    allowed.set_addresses(channel.club, typed="192.168.1.0/24", asking=here, actor=OWNER)

    async def work() -> None:
        async with page(channel, token) as websocket:
            assert (await hear(websocket))["type"] == "snapshot", "the server's own computer"
        with pytest.raises(InvalidStatus):
            async with page(channel, token, Via="1.1 somebody"):
                pass
        channel.hub.proxies = networks.networks("127.0.0.1")
        with pytest.raises(InvalidStatus):
            async with page(channel, token, **{"X-Forwarded-For": "192.168.2.7"}):
                pass
        async with page(channel, token, **{"X-Forwarded-For": "192.168.1.7"}) as websocket:
            await hear(websocket)

    run(work)


def test_whoever_must_first_do_something_else_sees_nothing_of_the_hall(
    channel: ChannelServer, token: str
) -> None:
    second_factor.require(channel.club, roles=["owner"], actor=OWNER)

    async def work() -> None:
        with pytest.raises(InvalidStatus):
            async with page(channel, token):
                pass

    run(work)


def test_signing_out_closes_the_page(channel: ChannelServer, token: str) -> None:
    async def work() -> None:
        found = staff.session_by_token(channel.club, token)
        assert found is not None
        async with page(channel, token) as desk:
            await hear(desk)
            await asyncio.to_thread(
                staff.sign_out, channel.club, staff_session_id=found.session.id, actor=OWNER
            )
            await asyncio.wait_for(desk.wait_closed(), WAIT_SECONDS)
            assert desk.close_code == 4401

    run(work)
