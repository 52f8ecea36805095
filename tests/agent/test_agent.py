import sys
from pathlib import Path

import msgspec
import psutil

from lovhub.agent.journal import JOURNAL_FILE
from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.protocol import JOURNAL_TICK_SECONDS, channel, entries, local, questions
from lovhub.protocol.views import ApplicationView, CallView, CustomerView, OperationView, TariffView
from tests.agent.conftest import MakeServer
from tests.agent.support.club_server import ClubServer, session_view
from tests.agent.support.pc_agent import PcAgent
from tests.agent.support.programs import start_and_die
from tests.support.programs import RUNS_ON

GAME = ApplicationView(
    application_id=5,
    title="Игра",
    kind="game",
    exe_path=sys.executable,
    arguments=("-c", RUNS_ON),
)
MISSING = ApplicationView(application_id=6, title="Нет", kind="game", exe_path="/no/such/game")
CUSTOMER = CustomerView(customer_id=1, name="Алия", balance_tiyn=150_000, seconds_available=0)


def start_playing(pc: PcAgent, club: ClubServer, *, seconds: int = 3600) -> None:
    club.send(
        channel.Catalog(tariffs=(), applications=(GAME, MISSING)),
        channel.SessionChanged(
            session=session_view(seconds_left=seconds), lease=club.lease(seconds=seconds)
        ),
    )
    pc.wait_mode("playing")


def test_the_launcher_shows_code_then_lock(club: ClubServer, tmp_path: Path) -> None:
    club.approves = False
    with PcAgent(tmp_path / "pc", club.port) as pc:
        state = pc.wait_mode("pairing")
        pc.wait_until(lambda: club.code != "")  # each side reckons it by itself
        assert state.pairing_code == club.code
        assert pc.codes == [club.code]
        club.approves = True
        state = pc.wait_mode("locked")
        assert (state.computer_name, state.club_name, state.linked) == ("ПК-1", "Клуб", True)


def test_of_several_servers_the_one_chosen_at_the_pc_is_asked(
    club: ClubServer, make_server: MakeServer, tmp_path: Path
) -> None:
    other = make_server()
    found = [
        ServerFound(name, (Address("127.0.0.1", server.port),))
        for name, server in (("Сосед", other), ("Наш", club))
    ]
    with PcAgent(tmp_path / "pc", 0, search=lambda _stop: found) as pc:
        state = pc.wait_until(lambda: (state := pc.state()) and state.servers and state)
        assert [server.club_name for server in state.servers] == ["Сосед", "Наш"]
        assert (state.mode, state.server_address) == ("starting", "")
        pc.say(local.ChooseServer(address=state.servers[1].address))
        state = pc.wait_mode("locked")
        assert (state.servers, state.server_address) == ((), f"127.0.0.1:{club.port}")
    assert other.received_raw == []


def test_the_name_typed_at_the_waiting_pc_goes_to_the_desk_and_is_shown(
    club: ClubServer, tmp_path: Path
) -> None:
    club.approves = False
    with PcAgent(tmp_path / "pc", club.port) as pc:
        assert pc.wait_mode("pairing").takes_name
        pc.say(local.PcIsCalled(name="ПК-17"))
        assert club.wait_for(channel.PairName).name == "ПК-17"
        pc.wait_until(lambda: (state := pc.state()) and state.wished_name == "ПК-17")
        club.approves = True
        assert not pc.wait_mode("locked").takes_name


def test_a_player_signs_in_buys_and_plays(pc: PcAgent, club: ClubServer) -> None:
    pc.say(local.PlayerSignIn(request_id="a", login="aliya", password="пароль"))
    asked = club.wait_for(questions.SignIn)
    assert (asked.request_id, asked.login, asked.password) == ("a", "aliya", "пароль")
    tariff = TariffView(tariff_id=9, title="1 час", seconds=3600, price_tiyn=50_000)
    club.send(
        channel.Catalog(tariffs=(tariff,), applications=()),
        channel.CustomerChanged(customer=CUSTOMER),
        channel.Answer(request_id="a", code="ok"),
    )
    state = pc.wait_mode("signed_in")
    assert (state.customer, state.tariffs) == (CUSTOMER, (tariff,))
    pc.say(local.PlayerBuy(request_id="b", tariff_id=9))
    assert club.wait_for(questions.BuyTariff) == questions.BuyTariff(request_id="b", tariff_id=9)
    start_playing(pc, club)
    pc.clock.advance(10)
    pc.wait_until(
        lambda: local.Clock(seconds_left=3590, played_seconds=10) in pc.heard(local.Clock)
    )
    answers = pc.heard(local.LocalAnswer)
    assert answers == [local.LocalAnswer(request_id="a", code="ok")]


def test_a_new_password_goes_to_the_server_and_its_answer_back(
    pc: PcAgent, club: ClubServer
) -> None:
    pc.say(local.PlayerSignIn(request_id="a", login="aliya", password="481516"))
    club.wait_for(questions.SignIn)
    club.send(channel.Answer(request_id="a", code="new_password_needed"))
    pc.say(local.PlayerSetPassword(request_id="b", login="aliya", pin="481516", password="домбыра"))
    assert club.wait_for(questions.SetPassword) == questions.SetPassword(
        request_id="b", login="aliya", pin="481516", password="домбыра"
    )
    club.send(channel.CustomerChanged(customer=CUSTOMER), channel.Answer(request_id="b", code="ok"))
    assert pc.wait_mode("signed_in").customer == CUSTOMER
    pc.wait_until(lambda: len(pc.heard(local.LocalAnswer)) == 2)
    answers = [answer.code for answer in pc.heard(local.LocalAnswer)]
    assert answers == ["new_password_needed", "ok"]


def test_who_registers_is_signed_in_and_comes_back_by_that_password(
    pc: PcAgent, club: ClubServer
) -> None:
    pc.say(local.PlayerRegister("a", "aliya", "87011234567", "домбыра"))
    assert club.wait_for(questions.Register) == questions.Register(
        "a", "aliya", "87011234567", "домбыра"
    )
    club.send(channel.CustomerChanged(customer=CUSTOMER), channel.Answer(request_id="a", code="ok"))
    assert pc.wait_mode("signed_in").customer == CUSTOMER


def test_a_pause_goes_to_the_server_and_only_a_sign_in_ends_it(
    pc: PcAgent, club: ClubServer
) -> None:
    start_playing(pc, club)
    pc.wait_mode("playing")
    pc.say(local.PlayerPause("a"))
    assert club.wait_for(questions.Pause) == questions.Pause("a")
    stands = msgspec.structs.replace(session_view(state="paused"), paused_by="player")
    club.send(
        channel.SessionChanged(session=stands, lease=None),
        channel.Answer(request_id="a", code="ok"),
    )
    shown = pc.wait_mode("paused").session
    assert shown is not None
    assert shown.paused_by == "player"
    pc.say(local.PlayerSignIn(request_id="b", login="aliya", password="домбыра"))
    assert club.wait_for(questions.SignIn).login == "aliya"
    club.send(channel.Answer(request_id="b", code="computer_busy"))
    pc.wait_until(lambda: len(pc.heard(local.LocalAnswer)) == 2)
    assert pc.wait_mode("paused").session == shown


def test_an_answer_given_twice_is_passed_on_once(pc: PcAgent, club: ClubServer) -> None:
    pc.say(local.PlayerSignInWithCode(request_id="a", code="1234"))
    club.wait_for(questions.SignInWithCode)
    answer = channel.Answer(request_id="a", code="wrong_code")
    club.send(answer, answer, channel.NameChanged(computer_name="ПК-9"))
    pc.wait_until(lambda: (state := pc.state()) and state.computer_name == "ПК-9")
    assert pc.heard(local.LocalAnswer) == [local.LocalAnswer(request_id="a", code="wrong_code")]


def test_without_a_link_the_player_is_answered_at_once(pc: PcAgent, club: ClubServer) -> None:
    pc.say(local.PlayerSignIn(request_id="a", login="aliya", password="p"))
    club.wait_for(questions.SignIn)
    club.kill()
    pc.wait_until(lambda: pc.heard(local.LocalAnswer))
    assert pc.ask(local.PlayerBuy(request_id="b", tariff_id=1)) == "server_unreachable"
    assert {answer.code for answer in pc.heard(local.LocalAnswer)} == {"server_unreachable"}


def test_the_time_runs_out(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    assert pc.ask(local.PlayerLaunch(request_id="g", application_id=5)) == "ok"
    (game,) = _games(pc)
    pc.clock.advance(3600 - 299)
    pc.wait_until(lambda: pc.heard(local.Warn) == [local.Warn(minutes_left=5)])
    pc.clock.advance(240)
    pc.wait_until(lambda: len(pc.heard(local.Warn)) == 2)
    pc.clock.advance(60)
    state = pc.wait_mode("locked")
    assert (state.ended_reason, state.customer) == ("time_over", None)
    pc.wait_until(lambda: not game.is_running())
    club.wait_until(lambda: len(club.entries()) == 3)
    started, *ended = club.entries()
    assert isinstance(started, entries.ApplicationStarted)
    (stopped,) = [entry for entry in ended if isinstance(entry, entries.SessionStopped)]
    (exited,) = [entry for entry in ended if isinstance(entry, entries.ApplicationExited)]
    assert (stopped.session_id, stopped.played_seconds, stopped.reason) == (3, 3600, "time_over")
    assert (exited.application_id, exited.session_id, exited.ran_seconds) == (5, 3, 3601)
    assert pc.heard(local.Warn) == [local.Warn(minutes_left=5), local.Warn(minutes_left=1)]


def test_a_program_that_runs_is_not_started_twice(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    assert pc.ask(local.PlayerLaunch(request_id="1", application_id=5)) == "ok"
    pc.wait_until(lambda: (state := pc.state()) and state.running_application_ids == (5,))
    assert pc.ask(local.PlayerLaunch(request_id="2", application_id=5)) == "ok"
    assert len(_games(pc)) == 1
    club.wait_until(lambda: club.all(channel.Heartbeat)[-1].application_id == 5)


def test_programs_that_may_not_or_cannot_start(pc: PcAgent, club: ClubServer) -> None:
    code = pc.ask(local.PlayerLaunch(request_id="1", application_id=5))
    assert code == "application_not_available"
    start_playing(pc, club)
    code = pc.ask(local.PlayerLaunch(request_id="2", application_id=77))
    assert code == "application_not_available"
    assert pc.ask(local.PlayerLaunch(request_id="3", application_id=6)) == "application_failed"


def test_the_desk_ends_the_session(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    pc.ask(local.PlayerLaunch(request_id="1", application_id=5))
    (game,) = _games(pc)
    ended = channel.SessionEnded(session_id=3, reason="ended_by_desk")
    club.send(ended, ended)
    assert pc.wait_mode("locked").ended_reason == "ended_by_desk"
    pc.wait_until(lambda: not game.is_running())


def test_the_server_dies_in_mid_session_and_the_pc_plays_on(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    pc.clock.advance(100)
    pc.wait_until(lambda: pc.shown().link_lost_seconds == 100 and pc.shown().played_seconds == 100)
    assert pc.state().mode == "playing"  # type: ignore[union-attr]
    club.welcome = msgspec.structs.replace(
        club.welcome,
        server_time=club.welcome.server_time + 100,
        session=session_view(seconds_left=3500, played_seconds=100),
        lease=club.lease(serial=2, seconds=3600),
    )
    club.start()
    hello = club.wait_for(channel.Hello, 2)
    assert hello.session is not None
    assert (hello.session.session_id, hello.session.played_seconds) == (3, 100)
    assert hello.session.boot_id == hello.boot_id
    pc.wait_until(lambda: (state := pc.state()) and state.linked)
    assert pc.state().mode == "playing"  # type: ignore[union-attr]


def test_without_a_server_the_lease_is_the_end(pc: PcAgent, club: ClubServer) -> None:
    club.send(channel.SessionChanged(session=session_view(), lease=club.lease(seconds=900)))
    pc.wait_mode("playing")
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    pc.clock.advance(901)
    assert pc.wait_mode("locked").ended_reason == "lease_over"
    club.start()
    hello = club.wait_for(channel.Hello, 2)
    assert hello.session is not None
    assert hello.session.played_seconds == 900
    (stopped,) = club.wait_until(club.entries)
    assert isinstance(stopped, entries.SessionStopped)
    assert stopped.reason == "lease_over"


def test_a_server_that_knows_of_no_session_ends_it(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    club.start()
    pc.wait_mode("locked")


def test_after_a_reboot_the_pc_is_locked_until_the_server_speaks(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        start_playing(pc, club)
        pc.clock.advance(60)
        pc.wait_until(lambda: pc.shown().played_seconds == 60)
    club.kill()
    pc.clock.advance(300)
    with PcAgent(tmp_path / "pc", club.port, pc.clock, boot_id="boot-2") as pc:
        assert pc.wait_mode("starting").session is None
        club.welcome = msgspec.structs.replace(
            club.welcome,
            session=session_view(seconds_left=3540, played_seconds=60),
            lease=club.lease(serial=2, seconds=960),
        )
        club.start()
        hello = club.wait_for(channel.Hello, 2)
        assert hello.session is not None
        assert hello.session.boot_id == "boot-1" != hello.boot_id
        assert 60 - JOURNAL_TICK_SECONDS <= hello.session.played_seconds <= 60
        pc.wait_mode("playing")
        pc.wait_until(lambda: pc.shown().played_seconds == 60)


def test_a_new_agent_in_the_same_boot_plays_on_without_a_server(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        start_playing(pc, club)
    club.kill()
    pc.clock.advance(30)
    with PcAgent(tmp_path / "pc", club.port, pc.clock) as pc:
        pc.wait_mode("playing")
        pc.wait_until(lambda: pc.shown().played_seconds == 30)


def test_a_game_left_by_an_agent_that_died_is_closed_when_no_session_goes_on(
    club: ClubServer, tmp_path: Path
) -> None:
    pc = PcAgent(tmp_path / "pc", club.port)
    game = start_and_die(GAME, pc.folder, pc.clock)
    with pc:
        pc.wait_until(lambda: not game.is_running())


def test_facts_are_delivered_once_acknowledged_and_not_before(
    pc: PcAgent, club: ClubServer
) -> None:
    club.acknowledges_journal = False
    start_playing(pc, club)
    pc.ask(local.PlayerLaunch(request_id="1", application_id=5))
    club.wait_for(channel.Journal)
    club.kill()
    club.acknowledges_journal = True
    club.welcome = msgspec.structs.replace(
        club.welcome, session=session_view(), lease=club.lease(serial=2)
    )
    club.start()
    club.wait_for(channel.Journal, 2)
    pc.wait_until(lambda: pc.call(lambda: not pc.agent._journal.pending()))
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    club.start()
    club.wait_for(channel.Hello, 3)
    pc.wait_until(lambda: (state := pc.state()) and state.linked)
    (entry,) = club.entries()
    assert isinstance(entry, entries.ApplicationStarted)
    assert len(club.all(channel.Journal)) == 2


def test_a_command_is_carried_out_once_and_answered_each_time(
    pc: PcAgent, club: ClubServer
) -> None:
    command = channel.Command(command_id="c1", kind="message", ttl_seconds=30, text="Привет")
    late = channel.Command(command_id="c2", kind="message", ttl_seconds=0, text="Поздно")
    club.send(command, command, late)
    results = club.wait_until(
        lambda: found if len(found := club.all(channel.CommandResult)) == 3 else None
    )
    assert [result.ok for result in results] == [True, True, False]
    pc.wait_until(lambda: pc.heard(local.Notice))
    assert pc.heard(local.Notice) == [local.Notice(text="Привет")]


def test_a_false_server_is_an_alarm_when_the_true_one_is_back(
    pc: PcAgent, club: ClubServer, make_server: object
) -> None:
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    stranger = ClubServer(club.certificate)
    stranger.port = club.port
    stranger.start()
    stranger.wait_until(lambda: stranger.connections >= 2)
    stranger.kill()
    assert stranger.received_raw == []
    club.start()
    (entry,) = club.wait_until(club.entries)
    assert isinstance(entry, entries.AlarmRaised)
    assert entry.kind == "false_server"


def test_a_full_disk_ends_neither_the_link_nor_the_session(pc: PcAgent, club: ClubServer) -> None:
    pc.call(lambda: pc.agent._journal._database.execute("PRAGMA query_only = ON"))
    start_playing(pc, club)
    assert pc.ask(local.PlayerLaunch(request_id="1", application_id=5)) == "ok"
    pc.clock.advance(30)
    pc.wait_until(lambda: pc.shown().played_seconds == 30)
    club.welcome = msgspec.structs.replace(
        club.welcome, session=session_view(), lease=club.lease(serial=2, seconds=3600)
    )
    club.kill()
    pc.wait_until(lambda: (state := pc.state()) and not state.linked)
    club.start()
    pc.wait_until(lambda: (state := pc.state()) and state.linked)
    club.send(channel.Command(command_id="c", kind="message", ttl_seconds=9, text="Привет"))
    pc.wait_until(lambda: pc.heard(local.Notice))
    pc.clock.advance(3600)
    pc.wait_mode("locked")


def test_a_password_is_in_no_file(pc: PcAgent, club: ClubServer) -> None:
    pc.say(local.PlayerSignIn(request_id="a", login="aliya", password="тайна-тайная"))
    club.wait_for(questions.SignIn)
    pc.say(local.PlayerSetPassword(request_id="b", login="aliya", pin="1", password="тайна-тайная"))
    club.wait_for(questions.SetPassword)
    files = [path for path in pc.folder.glob("*") if path.is_file()]
    assert pc.folder / JOURNAL_FILE in files
    for path in files:
        assert "тайна-тайная".encode() not in path.read_bytes()


def _games(pc: PcAgent) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if GAME.arguments[1] in _command_line(child)
    ]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_call_goes_to_the_desk_and_who_is_coming_comes_back(
    pc: PcAgent, club: ClubServer
) -> None:
    pc.say(local.PlayerAskOperations(request_id="o", before="7"))
    assert club.wait_for(questions.AskOperations) == questions.AskOperations("o", before="7")
    row = OperationView("played", 1_800_000_000, seconds=60, title="ПК-1")
    club.send(channel.Operations("o", rows=(row,), next="6"), channel.Answer("o", "ok"))
    pc.wait_until(lambda: pc.heard(local.LocalAnswer))
    assert pc.heard(local.Operations) == [local.Operations("o", rows=(row,), next="6")]
    call = local.PlayerCall(request_id="c", reason="device", text="мышь")
    pc.say(call)
    sent = club.wait_for(questions.CallDesk)
    assert sent == questions.CallDesk(request_id="c", reason="device", text="мышь")
    coming = CallView(call_id=3, reason="device", taken_by="Данияр")
    club.send(channel.CallChanged(call=coming), channel.Answer(request_id="c", code="ok"))
    pc.wait_until(lambda: pc.heard(local.LocalAnswer))
    pc.wait_until(lambda: (state := pc.state()) and state.call == coming)
    club.send(channel.CallChanged(call=None))
    pc.wait_until(lambda: (state := pc.state()) and state.call is None)
