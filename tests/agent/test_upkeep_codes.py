"""A technician's code opens a PC that has no link: once, for minutes, and not by trying."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from lovhub.agent.journal import Journal
from lovhub.agent.outbox import understood
from lovhub.agent.store import FileStore, Membership, MemoryStore
from lovhub.agent.tries import (
    FIRST_WAIT_SECONDS,
    FREE_TRIES,
    LONGEST_WAIT_SECONDS,
    wait_seconds,
)
from lovhub.agent.upkeep_codes import SHOWN_SECONDS, UpkeepCodes, is_told
from lovhub.clock import ManualClock
from lovhub.protocol import channel, local
from lovhub.protocol.entries import (
    KNOWS_CODES,
    AlarmRaised,
    Entry,
    MaintenanceEntered,
    MaintenanceLeft,
    SessionStopped,
)
from lovhub.protocol.maintenance import MaintenanceLease, sign_maintenance
from lovhub.protocol.upkeep_code import PersonKey, UpkeepKeys, generation_of, make_code
from lovhub.protocol.views import MaintenanceView, SessionView
from tests.agent.support.club_server import SERVER_TIME, ClubServer
from tests.agent.support.pc_agent import PcAgent

KEY = bytes(range(32))
KEYS = UpkeepKeys(5, (PersonKey(2, "Мадина", bytes(32)), PersonKey(4, "Тимур", KEY)))
PC = 7


class Lock:
    """The codes of a PC on this disk, as after a start of its agent."""

    def __init__(self, folder: Path | None, keys: UpkeepKeys = KEYS) -> None:
        self.clock = ManualClock(SERVER_TIME)
        self.journal = Journal(folder)
        self.store = MemoryStore()
        self.store.join(Membership(PC, "token", b""), "")
        self.store.save_upkeep_keys(keys)
        self.is_time_known = True
        self.alarms: list[tuple[str, str]] = []
        self.codes = UpkeepCodes(
            self.journal,
            self.store,
            self.clock,
            server_now=self.clock.now,
            is_time_known=lambda: self.is_time_known,
            alarm=lambda kind, detail: self.alarms.append((kind, detail)),
        )

    def code(self, *, key: bytes = KEY, number: str = "", late: int = 0) -> str:
        number = number or self.codes.number()
        now = SERVER_TIME + late
        return make_code(key, computer_id=PC, number=number, minutes=30, now=now)

    def enter(self, typed: str) -> str:
        """The name of whom it lets in, or why it does not."""
        read = self.codes.enter(typed)
        return read if isinstance(read, str) else read[0].person.name

    def entries(self) -> list[Entry]:
        return list(self.journal.pending())


@pytest.fixture
def lock() -> Lock:
    return Lock(None)


def test_a_code_opens_once_and_is_in_the_journal_before_it_does(lock: Lock) -> None:
    number, code = lock.codes.number(), lock.code()
    assert generation_of(number, KEYS.generation) == KEYS.generation
    assert lock.enter(code) == "Тимур"
    assert lock.entries() == [
        MaintenanceEntered(number=1, at=SERVER_TIME, lock_number=number, person_id=4, minutes=30)
    ]
    assert lock.codes.number() != number
    assert lock.enter(code) == "wrong_code"


def test_the_number_changes_and_the_one_before_is_answered_a_while(lock: Lock) -> None:
    lock.is_time_known = False  # else the code itself is too old before its number is
    first = lock.codes.number()
    code = lock.code()
    lock.clock.advance(SHOWN_SECONDS - 1)
    assert lock.codes.number() == first
    lock.clock.advance(1)
    assert lock.codes.number() != first
    lock.clock.advance(SHOWN_SECONDS - 1)
    assert lock.enter(code) == "Тимур"


def test_a_number_that_is_long_gone_opens_nothing(lock: Lock) -> None:
    lock.is_time_known = False
    first, early = lock.codes.number(), lock.code()
    lock.clock.advance(2 * SHOWN_SECONDS)  # nobody looked meanwhile
    assert lock.codes.number() != first
    assert lock.enter(early) == "wrong_code"


def test_where_the_time_is_known_a_code_lives_for_minutes_whatever_the_wall_clock_says(
    lock: Lock,
) -> None:
    code = lock.code(late=-3600)
    assert lock.enter(code) == "wrong_code"
    lock.is_time_known = False  # a power cut and no link: the clock of this PC may say anything
    assert lock.enter(code) == "Тимур"


def test_whoever_lost_the_right_opens_nothing_once_the_pc_was_told(lock: Lock) -> None:
    number, code = lock.codes.number(), lock.code()
    lock.store.save_upkeep_keys(UpkeepKeys(6, KEYS.people[:1]))
    assert lock.enter(code) == "wrong_code"
    assert lock.codes.number() != number
    lock.store.save_upkeep_keys(UpkeepKeys(6))
    assert lock.codes.number() == ""
    assert lock.enter(code) == "wrong_code"


def test_a_pc_that_is_nobodys_shows_no_number(lock: Lock) -> None:
    lock.store.leave()
    assert lock.codes.number() == ""
    assert lock.store.upkeep_keys() == UpkeepKeys()


def test_trying_makes_waits_that_no_restart_shortens(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    for _ in range(FREE_TRIES):
        assert lock.enter("111111111111") == "wrong_code"
    assert lock.alarms == [("code_guessed", str(FREE_TRIES))]
    code = lock.code()
    assert lock.enter(code) == "too_many_attempts", "not even the right one"
    lock.clock.advance(FIRST_WAIT_SECONDS - 1)
    assert lock.enter(code) == "too_many_attempts"
    lock.journal.close()

    again = Lock(tmp_path)
    assert again.enter(again.code()) == "too_many_attempts"
    again.clock.advance(FIRST_WAIT_SECONDS)
    assert again.enter("1") == "wrong_code"
    again.clock.advance(FIRST_WAIT_SECONDS)
    assert again.enter(again.code()) == "too_many_attempts", "twice as long"
    again.clock.advance(FIRST_WAIT_SECONDS)
    assert again.enter(again.code(late=90)) == "Тимур"
    assert again.enter("1") == "wrong_code", "a right code gives the tries back"
    assert again.enter(again.code()) == "Тимур"


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(0, 0), (2, 0), (3, 30), (4, 60), (7, 480), (8, LONGEST_WAIT_SECONDS), (10**6, 900)],
)
def test_how_long_one_waits(tries: int, seconds: float) -> None:
    assert wait_seconds(tries) == seconds


def test_the_desk_hears_of_the_third_and_then_of_every_tenth() -> None:
    assert [tries for tries in range(31) if is_told(tries)] == [3, 10, 20, 30]


def test_a_disk_that_takes_nothing_opens_nothing(
    lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    code = lock.code()
    monkeypatch.setattr(lock.journal, "append", full)
    assert lock.enter(code) == "server_error"
    monkeypatch.setattr(lock.journal, "remember", full)
    assert lock.enter(code) == "server_error"


def test_keys_outlive_a_restart_and_end_with_the_membership(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.join(Membership(PC, "token", b"club"), "pem")
    store.save_upkeep_keys(KEYS)
    assert FileStore(tmp_path).upkeep_keys() == KEYS
    store.leave()
    assert FileStore(tmp_path).upkeep_keys() == UpkeepKeys()


def test_a_server_without_codes_hears_of_an_open_lock() -> None:
    entered = MaintenanceEntered(1, 9, lock_number="1", person_id=4, minutes=30)
    left = MaintenanceLeft(2, 9, lock_number="1", seconds=3)
    guessed = AlarmRaised(3, 9, kind="code_guessed")
    for entry in (entered, left, guessed):
        assert understood(entry, (KNOWS_CODES,)) == entry
        told = understood(entry, ("star",))
        assert isinstance(told, AlarmRaised)
        assert (told.number, told.at, told.kind) == (entry.number, 9, "lock_uncovered")
    stopped = SessionStopped(4, 9, session_id=1, played_seconds=1, reason="lease_over")
    assert understood(stopped, ()) == stopped


# --- the whole agent ------------------------------------------------------------------------------


def welcome() -> channel.Welcome:
    return channel.Welcome("ПК-1", "Клуб", SERVER_TIME, knows=(KNOWS_CODES,))


def told(pc: PcAgent, condition: Callable[[local.State], bool]) -> local.State:
    state: local.State = pc.wait_until(
        lambda: state if (state := pc.state()) and condition(state) else None
    )
    return state


def let_in(pc: PcAgent, number: str) -> str:
    code = make_code(KEY, computer_id=PC, number=number, minutes=30, now=SERVER_TIME)
    return pc.ask(local.TechnicianCode(request_id=uuid4().hex, code=code))


def test_with_the_server_gone_it_opens_and_is_told_once_when_it_is_back(
    club: ClubServer, tmp_path: Path
) -> None:
    club.welcome = welcome()
    with PcAgent(tmp_path / "pc", club.port) as pc:
        assert pc.wait_mode("locked").upkeep_number == ""
        assert club.wait_for(channel.Hello).takes_codes
        club.send(channel.MaintenanceKeys(KEYS))
        told(pc, lambda state: state.upkeep_number != "")
        club.kill()
    # The PC is started again, in a house without a server, and its clock says another year.
    with PcAgent(tmp_path / "pc", club.port, ManualClock(1_000_000_000), boot_id="boot-2") as pc:
        state = told(pc, lambda state: state.upkeep_number != "")
        assert state.mode == "starting"
        assert pc.ask(local.TechnicianCode("wrong", "111111111111")) == "wrong_code"
        assert let_in(pc, state.upkeep_number) == "ok"
        opened = pc.wait_mode("maintenance")
        assert opened.maintenance is not None
        assert (opened.maintenance.who, opened.upkeep_number) == ("Тимур", "")
        pc.clock.advance(29 * 60)
        pc.wait_until(lambda: pc.shown().seconds_left <= 60)
        pc.clock.advance(61)
        state = told(pc, lambda state: state.mode == "starting" and state.upkeep_number != "")
        assert let_in(pc, state.upkeep_number) == "ok"
        pc.wait_mode("maintenance")

        club.start()
        entered = club.wait_until(lambda: club.entries() if len(club.entries()) == 2 else None)
        assert [type(entry) for entry in entered] == [MaintenanceEntered, MaintenanceEntered]
        assert pc.wait_mode("maintenance"), "the link is back, and the work goes on"
        pc.say(local.PlayerSignOut(request_id="done"))
        club.wait_until(lambda: len(club.entries()) == 3)
        left = club.entries()[-1]
        assert isinstance(left, MaintenanceLeft)
        assert (left.lock_number, left.seconds) == (state.upkeep_number, 0)
        pc.wait_mode("locked")


def test_over_a_player_no_code_opens_and_none_is_asked_for(
    club: ClubServer, tmp_path: Path
) -> None:
    club.welcome = welcome()
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        club.send(channel.MaintenanceKeys(KEYS))
        number = told(pc, lambda state: state.upkeep_number != "").upkeep_number
        session = SessionView(3, "active", "Час", "Алия", seconds_left=3600, played_seconds=0)
        club.send(channel.SessionChanged(session, club.lease()))
        assert pc.wait_mode("playing").upkeep_number == ""
        assert let_in(pc, number) == "computer_busy"
        assert pc.call(pc.agent._journal.pending) == ()
        # A sitting that the desk begins over an opening by a code ends that: nothing of it is left behind the sitting.
        club.send(channel.SessionEnded(3, "ended_by_desk"))
        number = pc.wait_mode("locked").upkeep_number
        assert let_in(pc, number) == "ok"
        pc.wait_mode("maintenance")
        session = msgspec.structs.replace(session, session_id=4)
        club.send(channel.SessionChanged(session, club.lease(session_id=4)))
        pc.wait_mode("playing")
        club.send(channel.SessionEnded(4, "ended_by_desk"))
        pc.wait_mode("locked")


def test_the_server_takes_what_a_code_has_opened_in_hand(club: ClubServer, tmp_path: Path) -> None:
    club.welcome = welcome()
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        club.send(channel.MaintenanceKeys(KEYS))
        state = told(pc, lambda state: state.upkeep_number != "")
        assert let_in(pc, state.upkeep_number) == "ok"
        pc.wait_mode("maintenance")
        signed = sign_maintenance(
            club.identity, MaintenanceLease(3, PC, SERVER_TIME, SERVER_TIME + 600)
        )
        view = MaintenanceView(3, "Тимур", "драйвер", 600)
        club.send(channel.MaintenanceChanged(view, signed))
        told(pc, lambda state: bool(state.maintenance and state.maintenance.reason))
        club.send(channel.MaintenanceChanged(None, None))
        pc.wait_mode("locked")
        assert not any(isinstance(entry, MaintenanceLeft) for entry in club.entries())


def test_the_desk_ends_it_though_it_never_took_it_in_hand(club: ClubServer, tmp_path: Path) -> None:
    club.welcome = welcome()
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        club.send(channel.MaintenanceKeys(KEYS))
        state = told(pc, lambda state: state.upkeep_number != "")
        assert let_in(pc, state.upkeep_number) == "ok"
        pc.wait_mode("maintenance")
        club.send(channel.MaintenanceChanged(None, None))  # a code that it never gave
        pc.wait_mode("locked")
