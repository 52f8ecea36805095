"""A power cut, no server, and the rest of a lease: with the owner's leave its player goes on by their password."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent import proof
from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.journal import Journal
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.store import FileStore, Membership
from lovhub.agent.tries import FIRST_WAIT_SECONDS, FREE_TRIES
from lovhub.clock import ManualClock
from lovhub.protocol import channel, local, questions
from lovhub.protocol.entries import SessionStopped
from lovhub.protocol.lease import Lease, SignedLease, sign_lease
from lovhub.protocol.views import ApplicationView, CustomerView
from tests.agent.support.club_server import SERVER_TIME, ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent

LOGIN, PASSWORD = "Aliya_07", "домбыра 7"
ALIYA = CustomerView(customer_id=1, name="Алия", balance_tiyn=0, seconds_available=0)
ERLAN = msgspec.structs.replace(ALIYA, customer_id=2, name="Ерлан")
GAME = ApplicationView(application_id=5, title="Игра", kind="game", exe_path="/no/such/game")
LEAVE = channel.Catalog(tariffs=(), applications=(GAME,), cached_sign_ins=True)
NO_LEAVE = msgspec.structs.replace(LEAVE, cached_sign_ins=False)
LEASED = 900

identity = Ed25519PrivateKey.generate()
membership = Membership(7, "token", identity.public_key().public_bytes_raw())


def signed(session_id: int = 3, serial: int = 1) -> SignedLease:
    lease = Lease(session_id, 7, serial, LEASED, SERVER_TIME, SERVER_TIME + LEASED + 30)
    return sign_lease(identity, lease)


class Pc:
    """A PC's disk and clock, with the parts of its agent that know of sessions and sign-ins."""

    def __init__(self, folder: Path, *, is_safe: bool = True) -> None:
        self.folder = folder
        self.clock = ManualClock(SERVER_TIME)
        self.is_safe = is_safe
        self.boots = 0
        FileStore(folder).join(membership, "pem")
        self.start()
        self.keeper.server_told(SERVER_TIME)
        self.state.linked = True

    def start(self) -> None:
        self.boots += 1
        self.journal = Journal(self.folder)
        self.store = FileStore(self.folder)
        self.state = PcState("ПК-1", club_name="Клуб")
        self.keeper = SessionKeeper(self.journal, self.clock, f"boot-{self.boots}")
        self.cached = CachedSignIns(
            self.state,
            self.keeper,
            self.store,
            self.journal,
            self.clock,
            self.folder,
            is_safe=self.is_safe,
            run=asyncio.run,
        )
        self.keeper.recover(self.store.membership())

    def loses_power(self, seconds: float = 60) -> None:
        """And the server is not there when it is back."""
        self.journal.close()
        self.clock.advance(seconds)
        self.start()

    def signs_in(self, customer: CustomerView = ALIYA, *, code: str = "ok") -> None:
        self.cached.typed("a", LOGIN, PASSWORD)
        if code == "ok":
            self.state.customer = customer
        self.cached.answered("a", code)

    def sits_down(self, session_id: int = 3) -> None:
        self.keeper.apply(session_view(session_id=session_id), signed(session_id), membership)
        self.cached.fit()

    def plays(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.keeper.tick(0)
        self.cached.fit()

    def enter(self, login: str = LOGIN, password: str = PASSWORD) -> str:
        return asyncio.run(self.cached.enter(login, password))

    @property
    def is_kept(self) -> bool:
        return FileStore(self.folder).kept_proof() is not None


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are as slow as they must be would cost these tests half a minute."""
    if request.node.name != "test_guessing_at_the_disk_is_slow":
        monkeypatch.setattr(proof, "_COST", 2)


@pytest.fixture
def pc(tmp_path: Path) -> Iterator[Pc]:
    pc = Pc(tmp_path)
    yield pc
    pc.journal.close()


@pytest.fixture
def playing(pc: Pc) -> Pc:
    """Алия has signed in by her password, with the owner's leave, and plays for a minute."""
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    pc.plays(60)
    return pc


# --- what is kept, and for how long -----------------------------------------------------------------


def test_a_slow_hash_is_kept_while_the_sitting_lasts_and_nothing_that_was_typed(
    playing: Pc,
) -> None:
    kept = playing.store.kept_proof()
    assert kept is not None
    assert kept.session_id == 3
    assert len(kept.proof.salt) == 16
    assert "Proof()" in repr(kept)
    assert playing.cached._typed is None
    for file in playing.folder.iterdir():
        text = file.read_bytes()
        assert LOGIN.encode() not in text, file
        assert PASSWORD.encode() not in text, file


def test_guessing_at_the_disk_is_slow() -> None:
    first, second = (proof.make_proof(LOGIN, PASSWORD) for _ in range(2))
    assert first.salt != second.salt
    assert first.digest != second.digest
    assert first.digest == hashlib.scrypt(
        f"aliya_07\0{PASSWORD}".encode(),
        salt=first.salt,
        n=32768,
        r=8,
        p=3,
        maxmem=64 * 1024 * 1024,
    )


def test_what_ends_the_sitting_ends_the_proof(playing: Pc) -> None:
    playing.keeper.end(3)
    playing.cached.fit()
    assert not playing.is_kept


def test_the_end_of_the_lease_ends_it(playing: Pc) -> None:
    playing.plays(LEASED - 60)
    assert not playing.is_kept


def test_it_ends_with_the_leave(playing: Pc) -> None:
    playing.cached.told(NO_LEAVE)
    assert not playing.is_kept
    playing.cached.told(LEAVE)
    assert not playing.is_kept, "what is gone is gone until somebody signs in again"


def test_it_ends_with_the_membership(playing: Pc) -> None:
    playing.store.leave()
    assert not playing.is_kept


def test_the_next_customer_leaves_nothing_of_the_one_before(playing: Pc) -> None:
    before = playing.store.kept_proof()
    playing.keeper.end(3)
    playing.state.customer = ERLAN
    playing.sits_down(session_id=4)
    assert not playing.is_kept, "the desk has seated them: they have typed nothing"
    playing.signs_in(ERLAN)
    after = playing.store.kept_proof()
    assert before is not None
    assert after is not None
    assert (after.session_id, after.proof == before.proof) == (4, False)


def test_whoever_signs_in_first_and_buys_then_is_known_as_well(pc: Pc) -> None:
    pc.cached.told(LEAVE)
    pc.signs_in()
    assert not pc.is_kept, "no sitting, no proof"
    pc.sits_down()
    assert pc.is_kept


@pytest.mark.parametrize("catalog", [None, NO_LEAVE], ids=["an older server", "not allowed"])
def test_without_the_owners_leave_nothing_is_kept(pc: Pc, catalog: channel.Catalog | None) -> None:
    if catalog is not None:
        pc.cached.told(catalog)
    pc.signs_in()
    pc.sits_down()
    assert not pc.is_kept
    pc.loses_power()
    assert not pc.cached.is_open()
    assert pc.enter() == "server_unreachable"


def test_a_wrong_password_and_a_lost_answer_leave_nothing(pc: Pc) -> None:
    pc.cached.told(LEAVE)
    pc.sits_down()
    pc.signs_in(code="wrong_credentials")
    assert not pc.is_kept
    pc.cached.typed("b", LOGIN, PASSWORD)
    pc.cached.link_lost()
    pc.state.customer = ALIYA
    pc.cached.answered("b", "ok")
    assert not pc.is_kept


def test_an_agent_whose_files_the_player_can_read_keeps_nothing(tmp_path: Path) -> None:
    pc = Pc(tmp_path, is_safe=False)
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    assert not pc.is_kept
    pc.journal.close()


# --- going on ---------------------------------------------------------------------------------------


def test_the_rest_of_the_lease_is_played_and_not_a_second_more(playing: Pc) -> None:
    playing.loses_power(300)
    assert playing.cached.is_open()
    assert playing.keeper.play is None, "nobody plays before they have said who they are"
    assert playing.enter() == "ok"
    assert playing.keeper.played_seconds == 60
    playing.plays(LEASED)
    assert playing.keeper.play is None
    # The server gives what is left back when the lease is void: 60 s were played, 300 s were dark.
    (entry,) = playing.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert (entry.played_seconds, entry.reason) == (LEASED + 30 - 300, "lease_over")
    assert not playing.is_kept


def test_the_seconds_of_the_lease_are_the_bound_however_often_the_power_fails(playing: Pc) -> None:
    """Before each start the clock is set back in the BIOS to the second of the cut: no darkness shortens the lease."""
    for _ in range(3):
        playing.loses_power(0)
        assert playing.enter() == "ok"
        playing.plays(300)
    (entry,) = playing.journal.pending()
    assert isinstance(entry, SessionStopped)
    assert (entry.played_seconds, entry.reason) == (LEASED, "lease_over")
    playing.loses_power(0)
    assert playing.enter() == "server_unreachable"


def test_a_restart_of_the_agent_alone_asks_nobody_again(playing: Pc) -> None:
    playing.loses_power()
    playing.enter()
    playing.journal.close()
    playing.boots -= 1
    playing.start()
    assert playing.keeper.session_id == 3
    told = playing.keeper.report()
    assert told is not None
    assert told.restarted, "and the server will hear of it"


def test_the_server_hears_it_until_it_has_answered(playing: Pc) -> None:
    playing.loses_power()
    playing.enter()
    playing.plays(10)
    for _ in range(2):
        told = playing.keeper.report()
        assert told is not None
        assert (told.boot_id, told.played_seconds, told.restarted) == ("boot-2", 70, True)
    playing.keeper.apply(session_view(played_seconds=70), signed(serial=2), membership)
    told = playing.keeper.report()
    assert told is not None
    assert not told.restarted


def test_once_the_server_may_have_heard_of_the_cut_it_alone_says_what_follows(playing: Pc) -> None:
    """It may have given the seconds back, and its answer been lost."""
    playing.loses_power()
    told = playing.keeper.report()
    assert told is not None
    assert not told.restarted
    assert playing.enter() == "server_unreachable"
    playing.loses_power()
    assert playing.enter() == "server_unreachable", "that is on the disk"


@pytest.mark.parametrize(
    ("off_for", "shift"),
    [(LEASED + 30 - 60, 0), (10**6, 0), (60, -121), (60, -(10**6)), (60, 10**6)],
    ids=["the lease is void", "long void", "clock moved back", "far back", "clock moved on"],
)
def test_a_clock_that_says_otherwise_only_shortens(playing: Pc, off_for: int, shift: int) -> None:
    playing.clock.wall_shift_seconds = shift
    playing.loses_power(off_for)
    assert not playing.cached.is_open()
    assert playing.enter() == "server_unreachable"


def test_that_it_is_always_wrong_by_as_much_does_not_matter(pc: Pc) -> None:
    pc.clock.wall_shift_seconds = -(10**9)
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    pc.plays(60)
    pc.loses_power(120)
    assert pc.enter() == "ok"
    assert pc.keeper.server_now() == SERVER_TIME + 180


def test_a_clock_moved_while_they_play_on_changes_nothing(playing: Pc) -> None:
    playing.loses_power(300)
    playing.enter()
    playing.clock.wall_shift_seconds = -(10**6)
    playing.plays(LEASED)
    assert playing.keeper.play is None


@pytest.mark.parametrize(
    ("login", "password"),
    [("erlan", PASSWORD), (LOGIN, "домбыра 8"), (LOGIN, ""), ("", PASSWORD)],
)
def test_nobody_else_goes_on(playing: Pc, login: str, password: str) -> None:
    playing.loses_power()
    assert playing.enter(login, password) == "wrong_credentials"
    assert playing.keeper.play is None


def test_however_the_login_is_spelled(playing: Pc) -> None:
    playing.loses_power()
    assert playing.enter(" aliya_07") == "ok"
    assert proof.make_proof("8 (701) 123-45-67", "п").is_of("+77011234567", "п")


def test_guessing_is_counted_on_disk_and_waits(playing: Pc) -> None:
    playing.loses_power()
    for _ in range(FREE_TRIES):
        assert playing.enter(password="1") == "wrong_credentials"
    assert playing.enter() == "too_many_attempts", "not even the right one"
    playing.loses_power()
    assert playing.enter() == "too_many_attempts", "a restart is no way around it"
    playing.clock.advance(FIRST_WAIT_SECONDS)
    assert playing.enter() == "ok"


def test_who_left_while_the_link_was_gone_has_left(playing: Pc) -> None:
    playing.plays(LEASED)  # stopped by itself, at the lease's end
    playing.loses_power(0)
    assert playing.enter() == "server_unreachable"


def test_a_lease_that_was_played_to_its_last_second_allows_nothing(playing: Pc) -> None:
    record = playing.journal.open_session()
    assert record is not None
    playing.journal.save_session(msgspec.structs.replace(record, played_seconds=LEASED))
    playing.loses_power()
    assert playing.enter() == "server_unreachable"


def test_what_an_older_version_wrote_waits_for_the_server(playing: Pc) -> None:
    record = playing.journal.open_session()
    assert record is not None
    playing.journal.save_session(msgspec.structs.replace(record, wall_at=None))
    playing.loses_power()
    assert playing.enter() == "server_unreachable"


def test_a_paused_sitting_waits_for_the_server(playing: Pc) -> None:
    playing.keeper.apply(session_view(played_seconds=60, state="paused"), None, membership)
    playing.cached.fit()
    playing.loses_power()
    assert playing.enter() == "server_unreachable"


def test_a_disk_that_takes_nothing_lets_nobody_go_on(
    playing: Pc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    playing.loses_power()
    with monkeypatch.context() as disk:
        disk.setattr(playing.journal, "save_session", full)
        assert playing.enter() == "server_unreachable"
    monkeypatch.setattr(playing.journal, "remember", full)
    assert playing.enter() == "server_error"
    assert playing.keeper.play is None


def test_what_may_be_started_is_known_without_a_server(playing: Pc) -> None:
    playing.loses_power()
    assert playing.state.applications == ()
    playing.enter()
    assert playing.state.applications == (GAME,)


# --- the whole agent --------------------------------------------------------------------------------


def sits_down(pc: PcAgent, club: ClubServer) -> None:
    """Алия signs in by her password at a club that gives leave, and plays on a lease of a quarter of an hour."""
    pc.wait_mode("locked")
    club.send(LEAVE)
    pc.wait_until(lambda: (state := pc.state()) and state.applications)
    pc.say(local.PlayerSignIn("in", LOGIN, PASSWORD))
    club.wait_for(questions.SignIn)
    lease = club.lease(seconds=LEASED, not_after=SERVER_TIME + LEASED + 30)
    club.send(
        channel.CustomerChanged(ALIYA),
        channel.SessionChanged(session_view(), lease),
        channel.Answer("in", "ok"),
    )
    pc.wait_mode("playing")
    pc.wait_until(lambda: FileStore(pc.folder).kept_proof())
    pc.clock.advance(60)
    pc.wait_until(lambda: pc.shown().played_seconds == 60)


def after_the_cut(club: ClubServer, folder: Path) -> PcAgent:
    return PcAgent(folder, club.port, ManualClock(SERVER_TIME + 360), boot_id="boot-2")


def test_the_player_goes_on_without_a_server_and_the_server_hears_of_it_when_it_is_back(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        state = pc.wait_mode("locked")
        assert (state.goes_on, state.linked, state.session) == (True, False, None)
        assert pc.ask(local.PlayerSignIn("other", "erlan", PASSWORD)) == "wrong_credentials"
        assert pc.ask(local.PlayerSignInWithCode("code", "1234")) == "server_unreachable"
        assert pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD)) == "ok"
        state = pc.wait_mode("playing")
        assert (state.goes_on, state.applications) == (False, (GAME,))
        pc.wait_until(lambda: pc.shown().seconds_left == LEASED + 30 - 360)
        pc.clock.advance(40)
        pc.wait_until(lambda: pc.shown().played_seconds == 100)
        assert pc.ask(local.PlayerBuy("buy", 1)) == "server_unreachable"

        club.welcome = channel.Welcome(
            "ПК-1",
            "Клуб",
            SERVER_TIME + 400,
            session=session_view(seconds_left=3500, played_seconds=100),
            customer=ALIYA,
            lease=club.lease(seconds=1000, serial=2),
        )
        club.start()
        told = club.wait_for(channel.Hello, 2).session
        assert told is not None
        assert (told.boot_id, told.played_seconds, told.restarted) == ("boot-2", 100, True)
        pc.wait_until(lambda: (state := pc.state()) and state.linked and state.customer == ALIYA)
        assert pc.wait_mode("playing").session is not None
        assert pc.call(pc.agent._journal.pending) == ()


def test_the_lease_ends_without_a_server_and_the_journal_tells_of_it_once(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        pc.wait_mode("locked")
        pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD))
        pc.wait_mode("playing")
        pc.clock.advance(LEASED)
        pc.wait_mode("starting")
        assert pc.ask(local.PlayerSignIn("again", LOGIN, PASSWORD)) == "server_unreachable"
        assert FileStore(pc.folder).kept_proof() is None
        club.start()
        club.wait_until(club.entries)
        (entry,) = club.entries()
        assert isinstance(entry, SessionStopped)
        assert (entry.session_id, entry.played_seconds) == (3, 60 + LEASED + 30 - 360)
        pc.wait_until(lambda: pc.call(pc.agent._journal.pending) == ())
    with after_the_cut(club, tmp_path / "pc") as pc:
        pc.wait_mode("locked")
        assert club.wait_for(channel.Hello, 3).session is None
    assert len(club.entries()) == 1


def test_where_the_owner_has_not_allowed_it_the_pc_waits_for_the_server(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        sits_down(pc, club)
        club.send(NO_LEAVE)
        pc.wait_until(lambda: FileStore(pc.folder).kept_proof() is None)
        club.kill()
    with after_the_cut(club, tmp_path / "pc") as pc:
        assert not pc.wait_mode("starting").goes_on
        assert pc.ask(local.PlayerSignIn("own", LOGIN, PASSWORD)) == "server_unreachable"
