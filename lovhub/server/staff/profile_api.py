"""One's own account, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.staff import own, queries, rights, second_factor, sign_ins
from lovhub.server.staff.shown import Language, SignInList, sign_in_list
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, Question, Secret, answer, blueprint, done

api = blueprint("profile", "me")


class SignInPath(BaseModel):
    """Which sign-in."""

    staff_session_id: int


class Part(Question):
    """What part of the list. `after` is the `next_after` of the part before."""

    after: Id | None = None
    limit: int = Field(queries.PAGE_SIZE, ge=1, le=100)


class Me(BaseModel):
    """Whoever asks, and what they may do."""

    id: int
    login: str
    name: str
    role: str
    language: str
    rights: list[str]
    second_factor_since: int | None
    recovery_codes_left: int
    must_do_first: str | None = Field(
        description="`password`: change it; `second_factor`: set it up. Nothing else is answered until then."
    )


class OwnAccount(Asked):
    """One's own name and language."""

    name: Line
    language: Language


class NewPassword(Asked):
    """Another password for oneself."""

    old: Secret
    new: Secret


class NewToken(BaseModel):
    """The sign-in's token from now on; the one it had opens nothing any more."""

    token: str


class OwnPassword(Asked):
    """One's password, given again."""

    password: Secret


class Code(Asked):
    """A code from the telephone, or a recovery code."""

    code: Line


class OfferShown(BaseModel):
    """A secret for the telephone. `offer` comes back with the telephone's first code."""

    secret: str
    address: str
    offer: str


class Confirmation(Asked):
    """The offer, and the telephone's first code for it."""

    offer: Line
    code: Line


class TurnedOn(NewToken):
    """Codes for a lost telephone, told only now, and the sign-in's token from now on."""

    recovery_codes: list[str]


class RecoveryCodes(BaseModel):
    """Codes for a lost telephone. They are told only now."""

    recovery_codes: list[str]


class Ended(NewToken):
    """How many sign-ins are over, and the token of this one from now on."""

    ended: int


@api.post("/me/confirmation", responses={HTTPStatus.OK: Done})
def confirm(body: OwnPassword) -> Response:
    """Give one's password again: for ten minutes, what is refused with `confirmation_needed` is answered."""
    person = current.signed_in()
    own.confirm(
        current.club(),
        password=body.password,
        staff_session_id=person.session.id,
        actor=person.actor,
    )
    return done()


@api.get("/me", responses={HTTPStatus.OK: Me})
def show() -> Response:
    """Who one is, and what one may do."""
    person = current.signed_in()
    with current.club().read() as db:
        codes_left = queries.recovery_codes_left(db, person.staff.id)
    return answer(
        Me(
            id=person.staff.id,
            login=person.staff.login,
            name=person.staff.name,
            role=person.staff.role,
            language=person.staff.language,
            rights=[right for right in rights.RIGHTS if rights.may(person.staff.role, right)],
            second_factor_since=person.staff.second_factor_since,
            recovery_codes_left=codes_left,
            must_do_first=person.duty,
        )
    )


@api.put("/me", responses={HTTPStatus.OK: Done})
def change(body: OwnAccount) -> Response:
    """Another name or language."""
    own.change(current.club(), name=body.name, language=body.language, actor=current.actor())
    return done()


@api.put("/me/password", responses={HTTPStatus.OK: NewToken})
def change_password(body: NewPassword) -> Response:
    """Another password; one's other sign-ins end, and this one has another token."""
    person = current.signed_in()
    token = own.change_password(
        current.club(),
        old=body.old,
        new=body.new,
        staff_session_id=person.session.id,
        actor=person.actor,
    )
    return answer(NewToken(token=token))


@api.post("/me/second-factor/offer", responses={HTTPStatus.OK: OfferShown})
def offer_second_factor() -> Response:
    """A fresh secret; nothing changes until it is confirmed."""
    offer = second_factor.offer(current.club(), current.signed_in().staff)
    return answer(OfferShown(secret=offer.secret, address=offer.address, offer=offer.sealed))


@api.put("/me/second-factor", responses={HTTPStatus.OK: TurnedOn})
def turn_on_second_factor(body: Confirmation) -> Response:
    """Confirm an offer; one's other sign-ins end, and this one has another token."""
    person = current.signed_in()
    turned_on = second_factor.turn_on(
        current.club(),
        sealed=body.offer,
        code=body.code,
        actor=person.actor,
        staff_session_id=person.session.id,
    )
    return answer(TurnedOn(recovery_codes=turned_on.codes, token=turned_on.token))


@api.post("/me/second-factor/off", responses={HTTPStatus.OK: Done})
def turn_off_second_factor(body: Code) -> Response:
    """Do without it, where the owner allows that."""
    second_factor.turn_off(current.club(), code=body.code, actor=current.actor())
    return done()


@api.post("/me/recovery-codes", responses={HTTPStatus.OK: RecoveryCodes})
def renew_recovery_codes(body: Code) -> Response:
    """New recovery codes in place of the old ones."""
    codes = second_factor.renew_recovery_codes(
        current.club(), code=body.code, actor=current.actor()
    )
    return answer(RecoveryCodes(recovery_codes=codes))


@api.get("/me/sign-ins", responses={HTTPStatus.OK: SignInList})
def list_own_sign_ins(query: Part) -> Response:
    """Where one is signed in."""
    club, person = current.club(), current.signed_in()
    with club.read() as db:
        page = queries.live_sign_ins(
            db,
            club.club_id,
            club.clock.now(),
            staff_id=person.staff.id,
            after=query.after,
            limit=query.limit,
        )
    return answer(sign_in_list(page, person.session.id))


@api.delete("/me/sign-ins", responses={HTTPStatus.OK: Ended})
def end_other_sign_ins() -> Response:
    """Sign out everywhere but here; this sign-in has another token."""
    person = current.signed_in()
    ended, token = sign_ins.end_others(
        current.club(), own_session_id=person.session.id, actor=person.actor
    )
    return answer(Ended(ended=ended, token=token))


@api.delete("/me/sign-ins/<int:staff_session_id>", responses={HTTPStatus.OK: Done})
def end_own_sign_in(path: SignInPath) -> Response:
    """End one of one's other sign-ins."""
    person = current.signed_in()
    sign_ins.end_one(
        current.club(),
        staff_session_id=path.staff_session_id,
        own_session_id=person.session.id,
        of=person.staff.id,
        actor=person.actor,
    )
    return done()
