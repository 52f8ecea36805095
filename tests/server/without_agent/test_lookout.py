"""From the network to the journal, the alarm and the report, with a network of our own making."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from lovhub.clock import ManualClock
from lovhub.server.bus import News, WithoutAgentChanged
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.live import Unlinked
from lovhub.server.maintenance.models import MaintenanceCode
from lovhub.server.pc.models import PcHardware
from lovhub.server.platform import Neighbour
from lovhub.server.remote.rules import MOST_MACS
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.without_agent import queries, rules
from lovhub.server.without_agent.lookout import CARDS_SECONDS, Lookout
from tests.support.club import People, found_another_club
from tests.support.staff import hire
from tests.support.suspicious import told_by_whom

MINUTE = 60


def mac(number: int) -> str:
    return f"02:00:5e:10:00:{number:02x}"


def address(number: int) -> str:
    return f"192.168.1.{100 + number}"


@dataclass
class Hall:
    """A club's PCs as its server sees them: who has no link, and whose cards answer where."""

    unlinked: dict[int, bool] = field(default_factory=dict)
    on: dict[int, str] = field(default_factory=dict)
    answering_systems: set[str] = field(default_factory=set)
    stirred: set[str] = field(default_factory=set)
    just_stirred: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    is_told: bool = True
    sees_the_network: bool = True
    is_in_doubt: bool = False
    phones: int = 0
    most_asked: int = 0

    def silent(self) -> list[Unlinked]:
        return [
            Unlinked(pc, said_goodbye=said_goodbye) for pc, said_goodbye in self.unlinked.items()
        ]

    def neighbours(self) -> list[Neighbour]:
        if not self.is_told:
            raise OSError("not told")
        router = Neighbour("192.168.1.1", "02:00:5e:99:00:01", "answers")
        if not self.sees_the_network:
            return [router]
        # The system forgets whoever it has no reason to ask.
        self.heard |= self.just_stirred
        there = [
            Neighbour(
                at,
                mac(pc),
                "answers" if at in self.just_stirred and not self.is_in_doubt else "doubtful",
            )
            for pc, at in self.on.items()
            if at in self.heard
        ]
        taken = set(self.on.values())
        return [
            router,
            *(
                Neighbour(f"192.168.1.{2 + one}", mac(200 + one), "answers")
                for one in range(self.phones)
            ),
            *there,
            *(Neighbour(at, "", "silent") for at in sorted(self.stirred - taken - {"192.168.1.1"})),
        ]

    def stir(self, addresses: Iterable[str]) -> None:
        self.just_stirred = set(addresses)
        self.stirred |= self.just_stirred

    def answering(self, addresses: Collection[str]) -> set[str]:
        self.most_asked = max(self.most_asked, len(addresses))
        return self.answering_systems & set(addresses)


@pytest.fixture
def hall(club: ClubContext) -> Hall:
    hall = Hall()
    club.links.is_linked = lambda computer_id: computer_id not in hall.unlinked
    return hall


@pytest.fixture
def scheduler(club: ClubContext, hall: Hall) -> Scheduler:
    return Scheduler(club.clock, Lookout(club, hall.silent, hall).jobs())


def pc(club: ClubContext, people: People) -> int:
    """A PC that has told of its card and is off since."""
    computer_id = people.computer()
    with club.write() as work:
        work.db.get_one(Computer, computer_id).last_address = address(computer_id)
        card = {"mac": mac(computer_id), "addresses": [address(computer_id)], "name": "eth0"}
        work.db.add(
            PcHardware(
                computer_id=computer_id,
                club_id=work.club_id,
                changed_at=work.now,
                data={"networks": [card]},
            )
        )
    return computer_id


def test_of_the_addresses_that_a_pc_tells_only_so_many_of_a_clubs_own_networks_are_asked(
    club: ClubContext, people: People
) -> None:
    computer_id = pc(club, people)
    told = [f"10.1.{net}.7" for net in range(200)]
    card = {"mac": mac(computer_id), "addresses": ["8.8.8.8", "::1", "127.0.0.1", *told]}
    with club.write() as work:
        work.db.get_one(PcHardware, computer_id).data = {"networks": [card]}
    with club.read() as db:
        asked = queries.cards(db, club.club_id)[computer_id].addresses
    assert asked == (address(computer_id), *told[: rules.MOST_ADDRESSES - 1])


def pass_time(clock: ManualClock, scheduler: Scheduler, seconds: int) -> None:
    for _turn in range(seconds // rules.TURN_SECONDS):
        clock.advance(rules.TURN_SECONDS)
        scheduler.run_due()


def journal(club: ClubContext) -> list[tuple[str, int | None, int, int | None]]:
    with club.read() as db:
        events = db.scalars(
            select(Event).where(Event.kind.contains("without_agent")).order_by(Event.id)
        )
        return [
            (one.kind, one.computer_id, one.data["since_at"], one.data.get("until_at"))
            for one in events
        ]


def alarms(club: ClubContext) -> list[tuple[str, int | None]]:
    with club.read() as db:
        return [(alarm.kind, alarm.computer_id) for alarm in db.scalars(select(Alarm))]


def marked(club: ClubContext) -> list[int]:
    with club.read() as db:
        return [one.computer_id for one in queries.going_on(db, club.club_id)]


def switch_off(club: ClubContext, hall: Hall, clock: ManualClock, scheduler: Scheduler) -> int:
    """The hall's one PC goes off in order; the network hears of it no more."""
    computer_id = pc(club, People(club))
    hall.unlinked[computer_id] = True
    pass_time(clock, scheduler, 2 * MINUTE)
    return computer_id


def test_a_pc_that_was_started_from_a_stick_stands_there_with_who_was_on_shift(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, news: list[News]
) -> None:
    shifts.open_shift(club, counted_tiyn=0, actor=hire(club, "Данияр"))
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, rules.TELL_SECONDS)
    assert journal(club) == [], "a PC that starts has its agent up by then"
    begun_at = clock.now() - rules.TELL_SECONDS + rules.TURN_SECONDS
    pass_time(clock, scheduler, 15)
    assert journal(club) == [("computer.on_without_agent", computer_id, begun_at, None)]
    assert alarms(club) == [("on_without_agent", computer_id)]
    assert marked(club) == [computer_id]
    assert WithoutAgentChanged() in news
    pass_time(clock, scheduler, 110 * MINUTE)
    assert told_by_whom(club) == [("no_agent", "Данияр", 2 * 60 * MINUTE)]
    del hall.unlinked[computer_id]
    pass_time(clock, scheduler, 15)
    assert marked(club) == []
    assert journal(club)[1:] == [
        ("computer.without_agent_over", computer_id, begun_at, begun_at + 2 * 60 * MINUTE)
    ]
    assert told_by_whom(club) == [("no_agent", "Данияр", 2 * 60 * MINUTE)]
    assert len(alarms(club)) == 1


def test_it_is_in_the_shift_in_which_it_began(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    shift = shifts.open_shift(club, counted_tiyn=0, actor=(before := hire(club, "Данияр")))
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, 5 * MINUTE)
    shifts.close(club, shift_id=shift, count=Count(0), actor=before)
    clock.advance(1)
    shifts.open_shift(club, counted_tiyn=0, actor=hire(club, "Мадина"))
    told_from = clock.now()
    pass_time(clock, scheduler, rules.TELL_SECONDS)
    assert [person for _group, person, _seconds in told_by_whom(club, told_from)] == ["Данияр"]


def test_nobody_on_shift_is_nobody(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, rules.TELL_SECONDS + 15)
    assert told_by_whom(club) == [("no_agent", "", rules.TELL_SECONDS)]


def test_another_system_with_another_address_is_found_by_its_card(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = "192.168.1.235"
    pass_time(clock, scheduler, rules.TURN_SECONDS * rules.TURNS_OF_SWEEP)
    assert marked(club) == []
    hall.is_in_doubt, hall.phones = True, rules.MOST_OTHERS
    pass_time(clock, scheduler, 15)
    hall.is_in_doubt = False
    assert "192.168.1.235" in hall.just_stirred, "it is asked there, though it may have gone"
    pass_time(clock, scheduler, rules.TELL_SECONDS)
    assert marked(club) == [computer_id]


def test_an_ended_agent_under_a_system_that_answers_is_told(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, people: People
) -> None:
    computer_id = pc(club, people)
    hall.unlinked[computer_id] = False
    hall.on[computer_id] = address(computer_id)
    hall.answering_systems.add(address(computer_id))
    pass_time(clock, scheduler, rules.FIRST_ASK_SECONDS + rules.TELL_SECONDS + 30)
    assert marked(club) == [computer_id]


@pytest.mark.parametrize("said_goodbye", [True, False])
def test_a_pc_whose_card_alone_answers_is_not_accused(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, people: People,
    *, said_goodbye: bool,
) -> None:  # fmt: skip
    """It sleeps."""
    computer_id = pc(club, people)
    hall.unlinked[computer_id] = said_goodbye
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, 60 * MINUTE)
    assert (journal(club), alarms(club), marked(club)) == ([], [], [])


def test_a_restart_is_not_accused(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, 5 * MINUTE)
    del hall.unlinked[computer_id]
    pass_time(clock, scheduler, 60 * MINUTE)
    assert (journal(club), alarms(club)) == ([], [])


def test_a_technician_with_a_code_is_not_accused(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    with club.write() as work:
        work.db.add(
            MaintenanceCode(
                club_id=work.club_id,
                computer_id=computer_id,
                staff_id=hire(club.within(work), "Тимур", "technician").id,
                lock_number="123456",
                minutes=30,
                reason="диск",
                given_at=work.now,
            )
        )
    pass_time(clock, scheduler, 30 * MINUTE)
    assert journal(club) == []
    pass_time(clock, scheduler, 30 * MINUTE)
    assert marked(club) == [computer_id]


def test_behind_a_router_nothing_is_known(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    hall.sees_the_network = False
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    hall.answering_systems.add(address(computer_id))
    pass_time(clock, scheduler, 60 * MINUTE)
    assert (journal(club), alarms(club)) == ([], [])


def test_of_which_pcs_nothing_is_known_is_told(
    club: ClubContext, clock: ManualClock, hall: Hall, people: People
) -> None:
    pc(club, people)
    lookout = Lookout(club, hall.silent, hall)
    scheduler = Scheduler(club.clock, lookout.jobs())
    pass_time(clock, scheduler, 15)
    hall.sees_the_network = False
    pass_time(clock, scheduler, 15)
    assert lookout.hidden_computers == (), "it was there: of who does not answer little is kept"
    pass_time(clock, scheduler, CARDS_SECONDS + 15)
    assert lookout.hidden_computers == ("ПК-1",)
    with club.write() as work:
        work.db.get_one(Computer, 1).last_address = "127.0.0.1"
    pass_time(clock, scheduler, CARDS_SECONDS + 15)
    assert lookout.hidden_computers == (), "it is the server's own computer"


def test_who_claims_the_cards_of_others_hides_few_and_not_unseen(
    club: ClubContext, clock: ManualClock, hall: Hall, people: People
) -> None:
    liar, *others = [pc(club, people) for _ in range(MOST_MACS + 3)]
    claimed = [{"mac": mac(one), "addresses": [], "name": "eth1"} for one in others]
    with club.write() as work:
        told = work.db.get_one(PcHardware, liar)
        told.data = {"networks": [*told.data["networks"], *claimed]}
    lookout = Lookout(club, hall.silent, hall)
    scheduler = Scheduler(club.clock, lookout.jobs())
    hall.on = {one: address(one) for one in [liar, *others]}
    pass_time(clock, scheduler, 2 * (CARDS_SECONDS + 15))
    hidden = others[: MOST_MACS - 1]
    assert lookout.hidden_computers == tuple(f"ПК-{one}" for one in hidden)
    hall.unlinked = dict.fromkeys(others, False)
    hall.answering_systems = set(hall.on.values())
    pass_time(clock, scheduler, rules.FIRST_ASK_SECONDS + rules.TELL_SECONDS + 30)
    assert marked(club) == others[MOST_MACS - 1 :]


def test_a_system_that_tells_nothing_is_complained_of_once(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    hall.is_told = False
    with capture_logs() as logs:
        switch_off(club, hall, clock, scheduler)
    assert [line["event"] for line in logs] == ["neighbours_not_told"]
    assert journal(club) == []


def test_an_owner_who_does_not_want_it_is_told_nothing_and_nobody_is_asked(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, rules.TELL_SECONDS + 15)
    assert marked(club) == [computer_id]
    with club.write() as work:
        work.db.get_one(Club, club.club_id).tells_without_agent = False
    hall.stirred.clear()
    pass_time(clock, scheduler, 60 * MINUTE)
    assert marked(club) == []
    assert hall.stirred == set()
    assert len(journal(club)) == 2


def test_where_all_are_linked_only_their_networks_are_looked_at_and_seldom(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, people: People
) -> None:
    computer_id = pc(club, people)
    pass_time(clock, scheduler, 15)
    assert hall.stirred == {address(computer_id)}
    hall.stirred.clear()
    pass_time(clock, scheduler, CARDS_SECONDS - 15)
    assert hall.stirred == set()


def test_a_sleeping_hall_is_asked_a_part_at_a_time(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, people: People
) -> None:
    pcs = [pc(club, people) for _one in range(rules.MOST_ASKED + 10)]
    hall.unlinked = dict.fromkeys(pcs, False)
    hall.on = {computer_id: address(computer_id) for computer_id in pcs}
    pass_time(clock, scheduler, 30 * MINUTE)
    assert hall.most_asked == rules.MOST_ASKED
    assert alarms(club) == []


def test_many_at_once_are_one_alarm_and_a_line_each(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler, people: People
) -> None:
    pcs = [pc(club, people) for _one in range(rules.MOST_SINGLE_ALARMS + 1)]
    hall.unlinked = dict.fromkeys(pcs, True)
    pass_time(clock, scheduler, 2 * MINUTE)
    hall.on = {computer_id: address(computer_id) for computer_id in pcs}
    pass_time(clock, scheduler, rules.TELL_SECONDS + 15)
    assert alarms(club) == [("many_without_agent", None)]
    assert marked(club) == pcs
    assert len(told_by_whom(club)) == len(pcs)


def test_a_server_that_takes_over_goes_on_with_the_same_line(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, rules.TELL_SECONDS + 15)
    another = Scheduler(club.clock, Lookout(club, hall.silent, hall).jobs())
    pass_time(clock, another, 60 * MINUTE)
    assert marked(club) == [computer_id]
    assert [kind for kind, *_ in journal(club)] == ["computer.on_without_agent"]
    assert told_by_whom(club) == [("no_agent", "", rules.TELL_SECONDS + 60 * MINUTE)]


def test_each_club_of_a_chain_looks_for_its_own_pcs(
    club: ClubContext, clock: ManualClock, hall: Hall, scheduler: Scheduler
) -> None:
    found_another_club(club.database, clock, club_id=2)
    with club.write() as work:
        work.db.get_one(Club, 2).tells_without_agent = False
    computer_id = switch_off(club, hall, clock, scheduler)
    hall.on[computer_id] = address(computer_id)
    pass_time(clock, scheduler, rules.TELL_SECONDS + 15)
    with club.read() as db:
        assert queries.going_on(db, 2) == []
        assert queries.cards(db, 2) == {}
    assert marked(club) == [computer_id]
