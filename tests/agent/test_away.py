"""A lock of the player's own: what opens it, what does not, and whose it is."""

from lovhub.agent.away import MOST_TRIES, WAIT_SECONDS, Away
from lovhub.protocol import channel, local, questions
from lovhub.protocol.views import CustomerView
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent
from tests.agent.test_agent import CUSTOMER, start_playing

OTHER = CustomerView(customer_id=2, name="Ерлан", balance_tiyn=0, seconds_available=0)


def test_time_runs_while_the_player_is_away_and_their_password_opens(
    pc: PcAgent, club: ClubServer
) -> None:
    pc.say(local.PlayerSignIn(request_id="a", login="aliya", password="домбыра"))
    club.wait_for(questions.SignIn)
    club.send(channel.CustomerChanged(customer=CUSTOMER), channel.Answer(request_id="a", code="ok"))
    start_playing(pc, club)
    assert pc.wait_mode("playing").away_needs_digits is False
    assert pc.ask(local.PlayerStepAway(request_id="b")) == "ok"
    pc.wait_mode("away")
    pc.clock.advance(60)
    pc.wait_until(lambda: pc.shown().played_seconds == 60)
    club.kill()  # the password needs no server
    assert pc.ask(local.PlayerComeBack(request_id="c", secret="домбра")) == "wrong_credentials"
    assert pc.wait_mode("away")
    assert pc.ask(local.PlayerComeBack(request_id="d", secret="домбыра")) == "ok"
    pc.wait_mode("playing")


def test_whom_the_desk_has_seated_chooses_digits(pc: PcAgent, club: ClubServer) -> None:
    start_playing(pc, club)
    assert pc.wait_mode("playing").away_needs_digits is True
    assert pc.ask(local.PlayerStepAway(request_id="a")) == "new_password_needed"
    assert pc.ask(local.PlayerStepAway(request_id="b", digits="123")) == "password_too_short"
    assert pc.ask(local.PlayerStepAway(request_id="c", digits="1234")) == "ok"
    pc.wait_mode("away")
    assert pc.ask(local.PlayerComeBack(request_id="d", secret="1234")) == "ok"
    pc.wait_mode("playing")


def test_trying_is_slow() -> None:
    away = Away()
    assert away.step_away("4711", None) == "ok"
    for _ in range(MOST_TRIES):
        assert away.come_back("0000", 100.0) == "wrong_credentials"
    assert away.come_back("4711", 100.0) == "too_many_attempts"
    assert away.come_back("4711", 100.0 + WAIT_SECONDS) == "ok"
    assert not away.gone


def test_the_password_of_one_customer_is_not_the_way_back_of_another() -> None:
    away = Away()
    away.typed("a", "домбыра")
    away.answered("a", "ok", CUSTOMER)
    assert away.needs_digits(OTHER)
    assert away.needs_digits(None)
    assert not away.needs_digits(CUSTOMER)
    away.forget()
    assert away.needs_digits(CUSTOMER)


def test_a_refused_sign_in_is_no_way_back() -> None:
    away = Away()
    away.typed("a", "угадал?")
    away.answered("a", "wrong_credentials", None)
    away.answered("a", "ok", CUSTOMER)
    assert away.needs_digits(CUSTOMER)
