"""Turns given out, what PCs say, and stopping the whole: on a real database."""

import random
from pathlib import Path

import pytest

from lovhub import __version__
from lovhub.clock import ManualClock
from lovhub.package import make_package
from lovhub.protocol.updates import open_update
from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.updates import queries, rules, service
from lovhub.server.updates.packages import FOLDER, Carried
from lovhub.server.updates.turns import Linked, Turns
from tests.support.club import OWNER, People
from tests.support.statements import asked
from tests.support.web import FakeUpdates

NEXT = "99.0"


class Hall:
    def __init__(self, club: ClubContext, people: People, clock: ManualClock, folder: Path) -> None:
        self.club, self.clock = club, clock
        self.channel = FakeUpdates()
        (folder / FOLDER).mkdir()
        file = folder / FOLDER / f"lovhub-pc-{NEXT}.zip"
        file.write_bytes(make_package(folder / FOLDER, NEXT))
        self.carried = Carried(folder, club.identity)
        self.turns = Turns(club, self.channel, self.carried, random.Random(1))
        self.pcs = [people.computer(f"ПК-{number}") for number in range(1, 6)]
        for pc in self.pcs:
            self.runs(pc, __version__)

    def runs(self, pc: int, version: str, *, is_free: bool = True) -> None:
        self.channel.linked[pc] = Linked(version, is_free)
        with self.club.write() as work:
            computer = work.db.get(Computer, pc)
            assert computer is not None
            computer.agent_version = version

    def pass_time(self, seconds: int) -> list[int]:
        """The PCs that were offered something in that time."""
        before = len(self.channel.offers)
        for _ in range(0, seconds, 4):
            self.clock.advance(4)
            self.turns.look()
        return [pc for pc, _version, _again in self.channel.offers[before:]]

    def told(self, pc: int, state: str, why: str = "", version: str = NEXT) -> None:
        actor = Actor("computer", pc, "ПК")
        service.told(self.club, computer_id=pc, version=version, state=state, why=why, actor=actor)

    def shown(self) -> dict[int, str]:
        return {
            one.known.computer_id: rules.shown(one.standing, self.turns.version)
            for one in self.turns.seen()
        }

    def alarms(self) -> list[str]:
        with self.club.read() as db:
            return sorted(alarm.kind for alarm in db.query(Alarm))

    def held(self) -> str:
        with self.club.read() as db:
            plan = queries.held(db, self.club.club_id)
        return plan.why if plan else ""


@pytest.fixture
def hall(club: ClubContext, people: People, clock: ManualClock, tmp_path: Path) -> Hall:
    return Hall(club, people, clock, tmp_path)


def test_free_pcs_come_one_by_one_and_once_one_has_it_three_at_a_time(hall: Hall) -> None:
    for pc in hall.pcs[3:]:
        hall.runs(pc, __version__, is_free=False)
    assert hall.pass_time(rules.FREE_SECONDS) == []
    (first,) = hall.pass_time(60)
    assert first in hall.pcs[:3]
    assert hall.channel.offers == [(first, NEXT, False)]
    hall.runs(first, NEXT)
    assert hall.pass_time(60) == []  # it runs, and has not proved itself
    hall.told(first, "done")
    others = hall.pass_time(60)
    assert sorted([first, *others]) == sorted(hall.pcs[:3])
    assert set(hall.shown().values()) == {"current", "under_way", "busy"}
    for pc in hall.pcs[3:]:
        hall.runs(pc, __version__)
    assert hall.pass_time(rules.FREE_SECONDS - 10) == []
    assert len(hall.pass_time(60)) == 1  # two are at it, there is room for one
    assert len(hall.pass_time(rules.TURN_SECONDS)) >= 2  # of the two nothing was heard
    assert hall.alarms() == []


def test_who_was_too_late_waits_for_another_turn(hall: Hall) -> None:
    (first,) = hall.pass_time(rules.FREE_SECONDS + 60)
    hall.told(first, "refused", "busy")
    assert hall.shown()[first] == "waiting"
    assert len(hall.pass_time(20)) == 1


def test_two_that_go_back_stop_the_whole_until_people_allow_it(hall: Hall) -> None:
    (first,) = hall.pass_time(rules.FREE_SECONDS + 20)
    hall.told(first, "rolled_back", "no_report")
    hall.told(first, "rolled_back", "no_report")
    assert hall.alarms() == ["update_rolled_back"]
    (second,) = hall.pass_time(20)
    assert second != first
    hall.told(second, "rolled_back", "exit_1")
    assert hall.alarms() == ["update_rolled_back", "update_rolled_back", "updates_stopped"]
    assert hall.held() == "rolled_back"
    assert hall.pass_time(60) == []
    service.allow(hall.club, actor=OWNER)
    (third,) = hall.pass_time(20)
    assert third not in {first, second}
    service.hold(hall.club, actor=OWNER)
    assert (hall.held(), hall.pass_time(rules.TURN_SECONDS + 60)) == ("by_hand", [])
    service.allow(hall.club, actor=OWNER)
    service.try_again(hall.club, computer_id=first, actor=OWNER)
    with pytest.raises(OperationRefused, match="update_not_failed"):
        service.try_again(hall.club, computer_id=first, actor=OWNER)
    for pc in set(hall.pcs) - {first}:
        del hall.channel.linked[pc]
    assert hall.pass_time(20) == [first]
    assert hall.channel.offers[-1] == (first, NEXT, True)


def test_what_a_pc_says_of_what_it_was_not_offered_changes_nothing(hall: Hall) -> None:
    (first,) = hall.pass_time(rules.FREE_SECONDS + 20)
    for pc in hall.pcs:
        hall.told(pc, "rolled_back", version="98.0")
        hall.told(pc, "shown")
        if pc != first:
            hall.told(pc, "rolled_back")
    assert (hall.alarms(), hall.held()) == ([], "")
    assert hall.shown()[first] == "under_way"


def test_a_hall_that_has_it_or_lets_nobody_in_asks_the_database_nothing(hall: Hall) -> None:
    for pc in hall.pcs[:3]:
        hall.runs(pc, NEXT)
    for pc in hall.pcs[3:]:
        hall.runs(pc, __version__, is_free=False)
    with asked(hall.club) as statements:
        hall.pass_time(rules.FREE_SECONDS + 60)
    assert list(statements) == []


def test_a_package_of_the_servers_own_version_that_lies_there_goes_before_its_own_modules(
    hall: Hall, tmp_path: Path
) -> None:
    for file in (tmp_path / FOLDER).iterdir():
        file.unlink()
    own = hall.carried.offered()
    brings = make_package(version=__version__, libraries_for="win32-3.11")
    path = tmp_path / FOLDER / f"lovhub-pc-{__version__}.zip"
    path.write_bytes(brings)
    assert hall.carried.offered().package == brings
    path.unlink()
    assert hall.carried.offered().package == own.package
    assert hall.carried.version == __version__


def test_the_newest_whole_package_is_signed_and_the_servers_own_is_always_the_same(
    hall: Hall, tmp_path: Path
) -> None:
    (tmp_path / FOLDER / "lovhub-pc-100.0.zip").write_bytes(b"half copied")
    (tmp_path / FOLDER / "lovhub-pc-0.0.1.zip").write_bytes(make_package(version="0.0.1"))
    offered = hall.carried.offered()
    assert offered.version == NEXT == hall.carried.version
    key = hall.club.identity.public_key().public_bytes_raw()
    statement = open_update(offered.signed, identity_key=key)
    assert (statement.version, statement.size) == (NEXT, len(offered.package))
    for file in (tmp_path / FOLDER).iterdir():
        file.unlink()
    own = Carried(tmp_path, hall.club.identity).offered()
    assert own.version == hall.carried.version == __version__
    assert hall.carried.offered().package == own.package
    assert 100_000 < len(own.package) < 2_000_000
    assert b"lovhub/server" not in own.package
