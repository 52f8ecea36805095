import dataclasses
import hashlib
import threading

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.bus import News, StaffSessionRevoked
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.staff import passwords, queries, service, session_tokens
from lovhub.server.staff.models import Staff, StaffSession
from tests.support.club import OWNER
from tests.support.staff import SIGN_IN_FROM, StaffMaker

PASSWORD = "очень длинный пароль"


@pytest.fixture
def owner(club: ClubContext) -> Staff:
    with club.write() as work:
        return service.create_owner(work, login="Aigul", name="Айгуль", password=PASSWORD)


def sign_in(club: ClubContext, login: str = "aigul", password: str = PASSWORD) -> str:
    return service.sign_in(
        club, login=login, password=password, address="192.168.1.2", user_agent="Firefox"
    )


def refusal_of(club: ClubContext, login: str, password: str) -> str:
    with pytest.raises(OperationRefused) as refusal:
        sign_in(club, login, password)
    return refusal.value.code


def test_the_password_is_kept_as_an_argon2id_hash_only(owner: Staff) -> None:
    assert owner.password_hash.startswith("$argon2id$")
    assert PASSWORD not in owner.password_hash


@pytest.mark.usefixtures("costly_passwords")
def test_a_hash_is_costly_and_the_decoy_costs_the_same() -> None:
    made = extract_parameters(passwords.hash_password(PASSWORD))
    assert (made.type, made.memory_cost, made.time_cost) == (Type.ID, 64 * 1024, 3)
    assert not passwords.needs_rehash(passwords.DECOY_HASH)


def test_a_password_hashed_more_cheaply_than_today_is_hashed_anew(
    club: ClubContext, owner: Staff
) -> None:
    with club.write() as work:
        other_cost = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
        work.db.get_one(Staff, owner.id).password_hash = other_cost.hash(PASSWORD)
    for _ in range(2):
        sign_in(club)
        with club.read() as db:
            kept = db.get_one(Staff, owner.id).password_hash
        assert not passwords.needs_rehash(kept)


def test_there_is_only_one_first_owner(club: ClubContext, owner: Staff) -> None:
    with pytest.raises(OperationRefused, match="owner_exists"), club.write() as work:
        service.create_owner(work, login="other", name="Другой", password=PASSWORD)


def test_wrong_fields_are_named(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal, club.write() as work:
        service.create_owner(work, login="a b", name=" ", password="short")
    assert refusal.value.values == {
        "login": "login_malformed",
        "name": "name_malformed",
        "password": "password_too_short",
    }


def test_signing_in_opens_a_session_found_by_its_token(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club, login="AIGUL")
    with club.read() as db:
        session = service.session_by_token(club, token)
        assert session is not None
        assert session.person.id == owner.id
        assert token.encode() not in db.get_one(StaffSession, session.session.id).token_hash
        assert service.session_by_token(club, token + "x") is None
        kinds = list(db.scalars(select(Event.kind).order_by(Event.id)))
    assert kinds[-2:] == ["staff.owner_created", "staff.signed_in"]


def test_a_row_that_was_written_into_the_file_is_nobodys_sign_in(
    club: ClubContext, owner: Staff
) -> None:
    """Whoever can write there knows how a row is made, and has a row and a token of their own; not the server's key."""
    staff = StaffMaker(club)
    cashier = staff.make("cashier")
    own, made_up = staff.signed_in(cashier.id), session_tokens.issue(owner.id)
    thief = dataclasses.replace(club, secret_key=b"guessed")
    with club.write() as work:
        [row] = work.db.scalars(select(StaffSession))
        row.staff_id = owner.id  # their own sign-in, made the owner's
        values = {"created_at": work.now, "last_seen_at": work.now, "expires_at": work.now + 3600}
        for made in (
            hashlib.sha256(made_up.encode()).digest(),
            session_tokens.kept(thief, made_up),
        ):
            work.db.add(
                StaffSession(
                    staff_id=owner.id, token_hash=made, address="", user_agent="", **values
                )
            )
    as_owner = own.replace(f"{cashier.id}.", f"{owner.id}.", 1)
    for token in (own, as_owner, made_up, "", "1", f"{2**70}.{'A' * 43}"):
        assert service.session_by_token(club, token) is None, token
    with club.write() as work:
        row = work.db.get_one(StaffSession, row.id)
        row.staff_id = cashier.id
    assert service.session_by_token(club, own) is not None, "put back as it was"


def test_unknown_login_and_wrong_password_look_the_same(club: ClubContext, owner: Staff) -> None:
    """What is nobody's login may be a password typed into the wrong field: it stands nowhere."""
    assert refusal_of(club, "nobody", PASSWORD) == "wrong_credentials"
    assert refusal_of(club, "AIGUL", "wrong") == "wrong_credentials"
    with club.read() as db:
        tried = select(Event).where(Event.kind == "staff.sign_in_failed").order_by(Event.id)
        failed = db.scalars(tried).all()
    assert [event.actor_name for event in failed] == ["", owner.login]


def test_guessing_is_stopped_even_with_the_right_password(club: ClubContext, owner: Staff) -> None:
    for _ in range(10):
        club.failures_by_address.failed("staff 192.168.1.2")
    assert refusal_of(club, "aigul", PASSWORD) == "too_many_attempts"


def test_a_stranger_locks_nobody_out_of_the_place_where_they_work(
    club: ClubContext, owner: Staff
) -> None:
    sign_in(club)

    def guess(address: str) -> str:
        with pytest.raises(OperationRefused) as refusal:
            service.sign_in(club, login="aigul", password="?", address=address, user_agent="")
        return refusal.value.code

    # Ten from each telephone, then from everywhere: thirty guesses stop the login elsewhere, for everybody.
    for number in range(30):
        assert guess(f"192.168.1.{100 + number // 10}") == "wrong_credentials"
    assert guess("192.168.1.200") == "too_many_attempts"
    sign_in(club)
    # At the desk itself guesses count, too.
    for _ in range(10):
        assert guess("192.168.1.2") == "wrong_credentials"
    assert refusal_of(club, "aigul", PASSWORD) == "too_many_attempts"


def test_guesses_at_one_moment_are_as_few(
    club: ClubContext, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are on their way before the first has been found wrong."""
    verify = passwords.verify_password
    compared: list[str] = []
    answers: list[str] = []
    all_came, asked = threading.Barrier(11), threading.Event()

    def slow(known: str, password: str) -> bool:
        compared.append(password)
        all_came.wait(60)
        asked.wait(60)
        return verify(known, password)

    monkeypatch.setattr(passwords, "verify_password", slow)
    guessers = [
        threading.Thread(target=lambda: answers.append(refusal_of(club, "aigul", "guess")))
        for _ in range(10)
    ]
    for guesser in guessers:
        guesser.start()
    all_came.wait(60)
    answer = refusal_of(club, "aigul", "one more")
    asked.set()
    for guesser in guessers:
        guesser.join()
    assert answer == "too_many_attempts"
    assert answers == ["wrong_credentials"] * 10
    assert "one more" not in compared


def test_a_laptop_with_many_addresses_is_one_stranger(club: ClubContext, owner: Staff) -> None:
    def guess(address: str, password: str = "?") -> str:
        with pytest.raises(OperationRefused) as refusal:
            service.sign_in(club, login="aigul", password=password, address=address, user_agent="")
        return refusal.value.code

    desk = "2001:db8:1:2::10"
    service.sign_in(club, login="aigul", password=PASSWORD, address=desk, user_agent="")
    for number in range(10):
        assert guess(f"2001:db8:1:2::{number:x}aaa") == "wrong_credentials"
    assert guess("2001:db8:1:2::baaa") == "too_many_attempts"
    assert guess("2001:db8:1:3::1") == "wrong_credentials"
    service.sign_in(club, login="aigul", password=PASSWORD, address=desk, user_agent="")


def test_an_own_password_does_not_buy_guesses_at_others(club: ClubContext, owner: Staff) -> None:
    for guess in range(10):
        assert refusal_of(club, f"other{guess}", "guess") == "wrong_credentials"
        if guess < 9:
            sign_in(club)
    assert refusal_of(club, "other", "guess") == "too_many_attempts"


def test_a_disabled_person_cannot_sign_in_and_is_out(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club)
    with club.write() as work:
        person = queries.by_login(work.db, club.club_id, "aigul")
        assert person is not None
        person.disabled_at = work.now
    assert refusal_of(club, "aigul", PASSWORD) == "wrong_credentials"
    assert service.session_by_token(club, token) is None


def test_signing_out_ends_the_session_and_tells_open_pages(
    club: ClubContext, clock: ManualClock, owner: Staff, news: list[News]
) -> None:
    token = sign_in(club)
    session = service.session_by_token(club, token)
    assert session is not None

    service.sign_out(club, staff_session_id=session.session.id, actor=OWNER)
    service.sign_out(club, staff_session_id=session.session.id, actor=OWNER)

    assert service.session_by_token(club, token) is None
    assert news == [StaffSessionRevoked(session.session.id)]


def test_idle_session_ends_and_a_used_one_lives_on(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club)
    clock.advance(11 * 3600)
    session = service.session_by_token(club, token)
    assert session is not None
    service.keep_signed_in(club, session.session)
    clock.advance(11 * 3600)
    assert service.session_by_token(club, token) is not None
    clock.advance(2 * 3600)
    assert service.session_by_token(club, token) is None


def found(club: ClubContext, token: str) -> service.Found | None:
    return service.session_by_token(club, token)


def test_use_keeps_nobody_signed_in_for_ever(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token, since = sign_in(club), clock.now()
    while session := found(club, token):
        clock.advance(11 * 3600)
        service.keep_signed_in(club, session.session)
    assert 7 * 24 * 3600 < clock.now() - since < 8 * 24 * 3600


def test_whoever_gives_the_password_once_more_goes_on_and_a_copy_of_the_token_does_not(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club)
    session = found(club, token)
    assert session is not None
    clock.advance(11 * 3600)

    def begin_anew(password: str) -> str:
        return service.begin_anew(
            club,
            person=session.person,
            staff_session_id=session.session.id,
            password=password,
            code="",
            **SIGN_IN_FROM,
        )

    with pytest.raises(OperationRefused, match="wrong_own_password"):
        begin_anew("чужой пароль")
    goes_on = begin_anew(PASSWORD)
    assert found(club, token) is None
    still = found(club, goes_on)
    assert still is not None
    assert (still.session.id, still.session.created_at) == (session.session.id, clock.now())
    service.sign_out(club, staff_session_id=session.session.id, actor=OWNER)
    with pytest.raises(OperationRefused, match="sign_in_expired"):
        begin_anew(PASSWORD)


def test_what_an_open_page_asked_before_the_password_was_given_ends_nothing(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club)
    for _ in range(15):
        clock.advance(11 * 3600)
        asked_before = found(club, token)
        assert asked_before is not None
        service.keep_signed_in(club, asked_before.session)
    clock.advance(3600)
    goes_on = service.begin_anew(
        club,
        person=asked_before.person,
        staff_session_id=asked_before.session.id,
        password=PASSWORD,
        code="",
        **SIGN_IN_FROM,
    )
    service.keep_signed_in(club, asked_before.session)
    clock.advance(11 * 3600)
    assert found(club, goes_on) is not None


def test_new_password_signs_out_everywhere(
    club: ClubContext, clock: ManualClock, owner: Staff
) -> None:
    token = sign_in(club)
    service.reset_password(club, "Aigul", "новый пароль")
    assert service.session_by_token(club, token) is None
    assert refusal_of(club, "aigul", PASSWORD) == "wrong_credentials"
    assert sign_in(club, password="новый пароль")


def test_password_of_nobody_cannot_be_reset(club: ClubContext) -> None:
    with pytest.raises(OperationRefused, match="login_unknown"):
        service.reset_password(club, "nobody", "новый пароль")


def test_owner_from_the_old_config_comes_once_with_any_password(club: ClubContext) -> None:
    assert service.create_owner_from_config(club, login="admin", password="1234")
    assert not service.create_owner_from_config(club, login="admin", password="5678")
    assert sign_in(club, login="admin", password="1234")
    with club.read() as db:
        assert db.scalars(select(Club.name)).all() == ["Арена"]
