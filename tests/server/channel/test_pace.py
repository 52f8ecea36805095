"""How much a PC may say before it is cut off, and people are told."""

from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Ack, Error, Hardware, Heartbeat, Journal
from lovhub.protocol.entries import (
    AlarmRaised,
    ApplicationStarted,
    LauncherStalled,
    UnknownEntry,
    written,
)
from lovhub.protocol.questions import CallDesk
from lovhub.server.channel import pace
from lovhub.server.channel.pace import Pace
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.sessions import intake
from tests.server.channel.conftest import ChannelServer, PairPc, eventually, run, welcomed
from tests.support.club import People

HARDWARE = Hardware(cpu="", cores=4, memory_bytes=1)


def test_each_kind_and_each_pc_is_counted_by_itself_minute_by_minute() -> None:
    clock = ManualClock()
    paces = Pace(clock)
    most = pace.MOST_IN_WINDOW[Hardware]
    assert all(paces.allows(1, HARDWARE) for _ in range(most))
    assert not paces.allows(1, HARDWARE)
    assert paces.allows(2, HARDWARE)
    assert paces.allows(1, CallDesk(request_id="1", reason="device"))
    clock.advance(pace.WINDOW_SECONDS)
    assert paces.allows(1, HARDWARE)


def test_entries_of_a_journal_are_counted_too() -> None:
    paces = Pace(ManualClock())
    entry = ApplicationStarted(number=1, at=1, application_id=1, session_id=1)
    frame = Journal(entries=(written(entry),) * 600)
    assert [paces.allows(1, frame) for _ in range(6)] == [True] * 5 + [False]


def test_a_stolen_token_floods_nothing_and_people_are_told_once(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    def alarms() -> list[tuple[str, int | None]]:
        with channel.club.read() as db:
            return [(alarm.kind, alarm.computer_id) for alarm in db.scalars(select(Alarm))]

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            for number in range(pace.MOST_OTHERS_IN_WINDOW + 1):  # heartbeats are free
                await pc.say(Heartbeat(seq=number, lock="locked"))
                assert (await pc.hear_a(Ack)).seq == number
            for _ in range(pace.MOST_IN_WINDOW[Hardware] + 1):
                await pc.say(HARDWARE)
            assert (await pc.hear_a(Error)).text == "too much in a minute"
        flooded = [("channel_flooded", paired.computer_id)]
        await eventually(lambda: alarms() == flooded)
        async with channel.socket() as pc:  # a new connection buys nothing
            await welcomed(pc, paired)
            await pc.say(HARDWARE)
            assert (await pc.hear_a(Error)).text == "too much in a minute"
        clock.advance(pace.WINDOW_SECONDS)
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await pc.say(HARDWARE)
            await pc.say(Heartbeat(seq=1, lock="locked"))
            assert (await pc.hear_a(Ack)).seq == 1
        assert alarms() == flooded

    run(work)


def test_a_pc_with_many_open_alarms_hides_nobody_elses(club: ClubContext, people: People) -> None:
    pc = people.computer()
    entries = [AlarmRaised(number=number, at=1, kind="launcher_hung") for number in range(1, 31)]
    assert intake.apply_entries(club, computer_id=pc, entries=entries) == 30
    with club.read() as db:
        assert len(db.scalars(select(Alarm)).all()) == intake.MOST_OPEN_ALARMS


def test_a_pc_that_tells_what_nobody_knows_does_not_fill_the_log(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """Over several frames, for good, and not at the cost of what is known or of another PC."""
    pc, other = people.computer(), people.computer()
    most = intake.MOST_UNKNOWN_A_DAY

    def tell(computer_id: int, first: int, last: int) -> None:
        told = [UnknownEntry(number, 1, "x", b"{}") for number in range(first, last)]
        alarm = AlarmRaised(number=last, at=1, kind="launcher_hung")
        assert intake.apply_entries(club, computer_id=computer_id, entries=[*told, alarm]) == last

    def in_the_log(computer_id: int) -> int:
        is_told = (Event.computer_id == computer_id, Event.kind == intake.TOLD_UNKNOWN)
        with club.read() as db:
            return len(db.scalars(select(Event).where(*is_told)).all())

    tell(pc, 1, most - 10)
    tell(pc, most, most + 50)
    tell(pc, most + 51, most + 60)
    assert in_the_log(pc) == most
    with club.read() as db:
        assert len(db.scalars(select(Alarm)).all()) == 3
    tell(other, 1, 3)
    assert in_the_log(other) == 2
    clock.advance(intake.DAY_SECONDS)
    tell(pc, most + 61, most + 63)
    assert in_the_log(pc) == most + 2


def test_a_launcher_that_stalls_is_a_line_in_the_log_and_does_not_fill_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc = people.computer()
    told = [
        LauncherStalled(number, clock.now(), times=2**70, longest_seconds=2**70)
        for number in range(2, intake.MOST_STALLED_A_DAY + 10)
    ]
    first = LauncherStalled(1, clock.now() + 90, times=-(2**70), longest_seconds=2)
    last = told[-1].number
    assert intake.apply_entries(club, computer_id=pc, entries=[first, *told]) == last
    with club.read() as db:
        assert db.scalars(select(Alarm)).all() == []
        lines = list(
            db.scalars(select(Event).where(Event.kind == intake.STALLED).order_by(Event.id))
        )
        assert len(lines) == intake.MOST_STALLED_A_DAY
        happened = {"times": 1, "longest_seconds": 2, "happened_at": clock.now()}
        assert (lines[0].computer_id, lines[0].data) == (pc, happened)
