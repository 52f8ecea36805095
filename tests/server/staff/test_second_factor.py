"""Signing in with a second factor: no code twice, few guesses, a way back when the telephone is lost."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import News, StaffSessionRevoked
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.staff import own, queries, second_factor, service, sign_ins, totp
from lovhub.server.staff.models import RecoveryCode, Staff
from lovhub.server.staff.service import SecondFactorNeeded
from tests.support.staff import PASSWORD, SIGN_IN_FROM, StaffMaker


@pytest.fixture
def staff(club: ClubContext) -> StaffMaker:
    return StaffMaker(club)


@pytest.fixture
def cashier(staff: StaffMaker) -> Actor:
    return staff.make("cashier", login="kassa")


@pytest.fixture
def secret(staff: StaffMaker, cashier: Actor) -> str:
    return staff.give_second_factor(cashier.id)


def code_now(club: ClubContext, secret: str, drift: int = 0) -> str:
    return totp.code_at(secret, club.clock.now() // totp.STEP_SECONDS + drift)


def sign_in(club: ClubContext, code: str, password: str = PASSWORD) -> str:
    return service.sign_in(club, login="kassa", password=password, code=code, **SIGN_IN_FROM)


def refusal(club: ClubContext, code: str, password: str = PASSWORD) -> str:
    with pytest.raises(OperationRefused) as refused:
        sign_in(club, code, password)
    return refused.value.code


def kinds(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(Event.kind).order_by(Event.id)))


# --- signing in -----------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(club: ClubContext, secret: str) -> None:
    assert refusal(club, "") == "second_factor_needed"
    assert refusal(club, "", "wrong password") == "wrong_credentials"
    assert sign_in(club, code_now(club, secret))


def test_a_code_opens_one_sign_in(club: ClubContext, clock: ManualClock, secret: str) -> None:
    code = code_now(club, secret)
    assert sign_in(club, code)
    assert refusal(club, code) == "wrong_second_factor"
    assert refusal(club, code_now(club, secret, -1)) == "wrong_second_factor"
    clock.advance(totp.STEP_SECONDS)
    assert sign_in(club, code_now(club, secret))
    assert kinds(club).count("staff.second_factor_failed") == 2


def test_guesses_are_few_and_the_right_code_does_not_help_then(
    club: ClubContext, clock: ManualClock, secret: str
) -> None:
    for _ in range(5):
        assert refusal(club, "000000") == "wrong_second_factor"
    assert refusal(club, code_now(club, secret)) == "too_many_attempts"
    clock.advance(301)
    assert sign_in(club, code_now(club, secret))


def test_the_ticket_between_password_and_code_is_short_and_for_this_password(
    club: ClubContext, clock: ManualClock, staff: StaffMaker, cashier: Actor, secret: str
) -> None:
    def ticket() -> str:
        with pytest.raises(SecondFactorNeeded) as needed:
            sign_in(club, "")
        return needed.value.ticket

    def second_step(said: str) -> str:
        return service.sign_in_with_code(
            club, ticket=said, code=code_now(club, secret), **SIGN_IN_FROM
        )

    first = ticket()
    other = staff.make("cashier", login="kassa2").id
    for forged in ("", "x", f"{other}.{first.partition('.')[2]}", first[:-1] + "!"):
        with pytest.raises(OperationRefused, match="sign_in_expired"):
            second_step(forged)
    assert second_step(first)
    clock.advance(301)
    with pytest.raises(OperationRefused, match="sign_in_expired"):
        second_step(first)
    second = ticket()
    service.reset_password(club, "kassa", "другой пароль")
    with pytest.raises(OperationRefused, match="sign_in_expired"):
        second_step(second)


def test_a_recovery_code_opens_one_sign_in(
    club: ClubContext, clock: ManualClock, cashier: Actor, secret: str
) -> None:
    codes = second_factor.renew_recovery_codes(club, code=code_now(club, secret), actor=cashier)
    typed = codes[0].lower().replace("-", " ")
    assert sign_in(club, typed)
    assert refusal(club, typed) == "wrong_second_factor"
    with club.read() as db:
        assert queries.recovery_codes_left(db, cashier.id or 0) == 9
        used = db.scalars(select(Event).where(Event.kind == "staff.recovery_code_used")).one()
        kept = db.scalars(select(RecoveryCode.code_hash)).all()
    assert used.data["left"] == 9
    assert all(code.encode() not in hashed for code in codes for hashed in kept)
    clock.advance(30)
    second_factor.renew_recovery_codes(club, code=code_now(club, secret), actor=cashier)
    assert refusal(club, codes[1]) == "wrong_second_factor"


def test_the_secret_is_kept_sealed(club: ClubContext, cashier: Actor, secret: str) -> None:
    with club.read() as db:
        kept = db.get_one(Staff, cashier.id or 0).totp_secret
    assert kept is not None
    assert secret.encode() not in kept


# --- on and off -----------------------------------------------------------------------------------


def test_it_is_on_once_the_telephone_has_proved_itself(
    club: ClubContext, staff: StaffMaker, cashier: Actor, news: list[News]
) -> None:
    here, elsewhere = staff.signed_in(cashier.id), staff.signed_in(cashier.id)
    found = service.session_by_token(club, here)
    assert found is not None
    offer = second_factor.offer(club, found.person)
    again = second_factor.offer(club, found.person, offer.sealed)
    assert again.secret == offer.secret, "a wrong code does not change the picture"

    def confirm(sealed: str, code: str) -> second_factor.TurnedOn:
        return second_factor.turn_on(
            club, sealed=sealed, code=code, actor=cashier, staff_session_id=found.session.id
        )

    with pytest.raises(OperationRefused) as refused:
        confirm(offer.sealed, "000000")
    assert refused.value.code == "wrong_second_factor"
    other = staff.make("cashier", login="kassa2")
    with club.read() as db:
        foreign = second_factor.offer(club, db.get_one(Staff, other.id or 0))
    for sealed in ("", "!", foreign.sealed):
        with pytest.raises(OperationRefused, match="offer_expired"):
            confirm(sealed, code_now(club, offer.secret))

    code = code_now(club, offer.secret)
    turned_on = confirm(offer.sealed, code)
    assert len(turned_on.codes) == totp.RECOVERY_CODES
    assert service.session_by_token(club, here) is None, "it may have been copied"
    still = service.session_by_token(club, turned_on.token)
    assert still is not None
    assert still.session.id == found.session.id
    assert service.session_by_token(club, elsewhere) is None
    assert [type(piece) for piece in news] == [StaffSessionRevoked]
    assert refusal(club, code) == "wrong_second_factor", "the confirming code is spent"
    with pytest.raises(OperationRefused, match="second_factor_on"):
        confirm(offer.sealed, code_now(club, offer.secret, 1))


def test_it_goes_off_with_a_code_where_the_owner_allows(
    club: ClubContext, clock: ManualClock, staff: StaffMaker, cashier: Actor, secret: str
) -> None:
    owner = staff.make("owner")
    second_factor.require(club, roles=["cashier"], actor=owner)
    with pytest.raises(OperationRefused, match="second_factor_required"):
        second_factor.turn_off(club, code=code_now(club, secret), actor=cashier)
    second_factor.require(club, roles=[], actor=owner)
    with pytest.raises(OperationRefused, match="wrong_second_factor"):
        second_factor.turn_off(club, code="000000", actor=cashier)
    second_factor.turn_off(club, code=code_now(club, secret), actor=cashier)
    assert sign_in(club, "")
    with club.read() as db:
        assert queries.recovery_codes_left(db, cashier.id or 0) == 0
    assert kinds(club)[-2:] == ["staff.second_factor_off", "staff.signed_in"]


def test_the_owners_rule_puts_a_duty_on_those_without(
    club: ClubContext, staff: StaffMaker, cashier: Actor
) -> None:
    owner = staff.make("owner")
    token = staff.signed_in(cashier.id)

    def duty() -> str | None:
        found = service.session_by_token(club, token)
        assert found is not None
        return found.duty

    assert duty() is None
    second_factor.require(club, roles=["cashier", "owner"], actor=owner)
    second_factor.require(club, roles=["owner", "cashier"], actor=owner)
    assert duty() == "second_factor"
    assert kinds(club).count("staff.second_factor_rule_changed") == 1
    with pytest.raises(OperationRefused, match="role_unknown"):
        second_factor.require(club, roles=["boss"], actor=owner)


def test_a_lost_telephone_is_reset_from_the_console(club: ClubContext, secret: str) -> None:
    second_factor.reset_by_login(club, "KASSA")
    assert sign_in(club, "")
    with pytest.raises(OperationRefused, match="login_unknown"):
        second_factor.reset_by_login(club, "nobody")


# --- one's own password and sign-ins --------------------------------------------------------------


def test_ones_own_password_asks_for_the_old_one_and_ends_the_other_sign_ins(
    club: ClubContext, staff: StaffMaker, cashier: Actor
) -> None:
    here, elsewhere = staff.signed_in(cashier.id), staff.signed_in(cashier.id)
    found = service.session_by_token(club, here)
    assert found is not None

    def change(old: str, new: str) -> str:
        return own.change_password(
            club, old=old, new=new, staff_session_id=found.session.id, actor=cashier
        )

    for old, new, wrong in (
        ("не тот", "новый пароль", {"old": "wrong_old_password"}),
        (PASSWORD, "short", {"new": "password_too_short"}),
        (PASSWORD, PASSWORD, {"new": "password_same"}),
    ):
        with pytest.raises(OperationRefused) as refused:
            change(old, new)
        assert refused.value.values == wrong
    goes_on = change(PASSWORD, "новый пароль")
    assert service.session_by_token(club, here) is None, "it may have been copied"
    still = service.session_by_token(club, goes_on)
    assert still is not None
    assert still.session.id == found.session.id
    assert service.session_by_token(club, elsewhere) is None
    assert sign_in(club, "", "новый пароль")


def test_whoever_sits_down_at_an_open_desk_cannot_guess_the_password(
    club: ClubContext, cashier: Actor
) -> None:
    def guess(old: str) -> str:
        with pytest.raises(OperationRefused) as refused:
            own.change_password(
                club, old=old, new="новый пароль", staff_session_id=1, actor=cashier
            )
        return refused.value.code

    assert [guess(str(number)) for number in range(5)] == ["invalid_fields"] * 5
    assert guess(PASSWORD) == "too_many_attempts"


def test_sign_ins_are_ended_one_by_one_or_all_others(
    club: ClubContext, staff: StaffMaker, cashier: Actor, news: list[News]
) -> None:
    owner = staff.make("owner")
    tokens = [staff.signed_in(actor.id) for actor in (cashier, cashier, cashier, owner)]
    with club.read() as db:
        page = queries.live_sign_ins(db, club.club_id, club.clock.now(), limit=3)
        rest = queries.live_sign_ins(
            db, club.club_id, club.clock.now(), after=page.next_after, limit=3
        )
        mine = queries.live_sign_ins(db, club.club_id, club.clock.now(), staff_id=cashier.id)
    assert [row.name for row in page.rows + rest.rows] == [owner.name, *[cashier.name] * 3]
    assert rest.next_after is None
    of_owner = page.rows[0].id
    first, second, here = (row.id for row in reversed(mine.rows))

    def end(session_id: int, actor: Actor, of: int | None, own_session: int) -> None:
        sign_ins.end_one(
            club, staff_session_id=session_id, own_session_id=own_session, of=of, actor=actor
        )

    with pytest.raises(OperationRefused, match="sign_in_unknown"):
        end(of_owner, cashier, cashier.id, here)
    with pytest.raises(OperationRefused, match="own_session"):
        end(here, cashier, cashier.id, here)
    end(first, owner, None, of_owner)
    end(first, owner, None, of_owner)
    ended, token = sign_ins.end_others(club, own_session_id=here, actor=cashier)
    again, goes_on = sign_ins.end_others(club, own_session_id=here, actor=cashier)
    assert (ended, again) == (1, 0)
    for copied in (*tokens[:3], token):
        assert service.session_by_token(club, copied) is None
    still = service.session_by_token(club, goes_on)
    assert still is not None
    assert still.session.id == here
    assert news == [StaffSessionRevoked(first), StaffSessionRevoked(second)]
    assert kinds(club)[-2:] == ["staff.session_ended", "staff.other_sessions_ended"]
