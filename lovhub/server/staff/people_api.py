"""People, roles and sign-ins, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.database.keyset import read_place
from lovhub.server.journal import log, sentences
from lovhub.server.journal.log import LogFilter
from lovhub.server.staff import allowed, people, queries, rights, rules, second_factor, sign_ins
from lovhub.server.staff.shown import Language, Role, SignInList, sign_in_list
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, Question, answer, blueprint, done

api = blueprint("people", "people")


class PersonPath(BaseModel):
    """Which person."""

    staff_id: int


class SignInPath(BaseModel):
    """Which sign-in."""

    staff_session_id: int


class Part(Question):
    """What part of the list. `after` is the `next_after` of the part before."""

    after: Id | None = None
    limit: int = Field(queries.PAGE_SIZE, ge=1, le=100)


class LogPart(Question):
    """What part of the log. `before` is the `next_before` of the part before."""

    before: str = Field("", max_length=70)
    limit: int = Field(50, ge=1, le=100)


class NewPerson(Asked):
    """An account to make."""

    login: Line
    name: Line
    role: Role
    language: Language


class PersonAsked(Asked):
    """Another name, role or language."""

    name: Line
    role: Role
    language: Language


class AccountAsked(Asked):
    """The login of the customer account under which somebody of the staff plays; empty for none."""

    customer_login: Line


class PersonCreated(BaseModel):
    """The new account. The password is told only now, and opens one sign-in."""

    staff_id: int
    one_time_password: str


class OneTimePassword(BaseModel):
    """A password that is told only now, and must be replaced at the first sign-in."""

    one_time_password: str


class PersonShown(BaseModel):
    """A person. `disabled_at`: since when they may not sign in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    login: str
    name: str
    role: str
    language: str
    created_at: int
    disabled_at: int | None
    password_must_change: bool
    second_factor_since: int | None
    last_seen_at: int | None


class PersonList(BaseModel):
    """Those whom one manages."""

    people: list[PersonShown]


class Deed(BaseModel):
    """Something a person did. `text` is the line that people read."""

    id: int
    at: int
    kind: str
    text: str
    address: str
    computer_name: str
    customer_login: str


class Deeds(BaseModel):
    """Part of what a person did, the newest first."""

    deeds: list[Deed]
    next_before: str | None


class RightShown(BaseModel):
    """A right, in words, and the roles that have it."""

    right: str
    text: str
    roles: list[str]


class RightList(BaseModel):
    """Who may do what."""

    rights: list[RightShown]


class SecondFactorRule(Asked):
    """The roles that may not do without a second factor."""

    roles: list[Role] = Field(max_length=10)


class Addresses(Asked):
    """Addresses and networks, such as 192.168.1.10 or 192.168.1.0/24."""

    addresses: list[Line] = Field(max_length=100)


class AddressesShown(BaseModel):
    """From where people may work, and from where one asks."""

    addresses: list[str]
    own_address: str


class SecondFactorRuleShown(BaseModel):
    """The roles that may not do without a second factor."""

    roles: list[str]


@api.get("/people", responses={HTTPStatus.OK: PersonList})
def list_people() -> Response:
    """Those whom one manages: everybody for an owner, cashiers and technicians for a manager."""
    club = current.club()
    with club.read() as db:
        found = queries.people(db, club.club_id, roles=_managed())
    return answer(PersonList(people=[PersonShown.model_validate(row) for row in found]))


@api.post("/people", responses={HTTPStatus.CREATED: PersonCreated})
def create(body: NewPerson) -> Response:
    """Make an account."""
    staff_id, password = people.create(
        current.club(),
        login=body.login,
        name=body.name,
        role=body.role,
        language=body.language,
        actor=current.actor(),
    )
    return answer(PersonCreated(staff_id=staff_id, one_time_password=password), HTTPStatus.CREATED)


@api.get("/people/<int:staff_id>", responses={HTTPStatus.OK: PersonShown})
def show(path: PersonPath) -> Response:
    """One of them."""
    club = current.club()
    with club.read() as db:
        row = queries.person_row(db, club.club_id, path.staff_id, roles=_managed())
    return answer(PersonShown.model_validate(row))


@api.put("/people/<int:staff_id>", responses={HTTPStatus.OK: Done})
def change(path: PersonPath, body: PersonAsked) -> Response:
    """Another name, role or language; another role signs the person out."""
    people.change(
        current.club(),
        staff_id=path.staff_id,
        name=body.name,
        role=body.role,
        language=body.language,
        actor=current.actor(),
    )
    return done()


@api.get("/people/<int:staff_id>/log", responses={HTTPStatus.OK: Deeds})
def show_deeds(path: PersonPath, query: LogPart) -> Response:
    """What the person did."""
    club = current.club()
    with club.read() as db:
        queries.person_row(db, club.club_id, path.staff_id, roles=_managed())
        page = log.page(
            db,
            club.club_id,
            LogFilter(staff_id=path.staff_id),
            place=read_place(query.before),
            limit=query.limit,
        )
    deeds = [
        Deed(
            id=row.id,
            at=row.at,
            kind=row.kind,
            text=sentences.sentence(row),
            address=row.address,
            computer_name=row.computer_name,
            customer_login=row.customer_login,
        )
        for row in page.rows
    ]
    return answer(Deeds(deeds=deeds, next_before=page.next.written() if page.next else None))


@api.post("/people/<int:staff_id>/one-time-password", responses={HTTPStatus.OK: OneTimePassword})
def give_new_password(path: PersonPath) -> Response:
    """A one-time password for somebody who has forgotten theirs."""
    password = people.give_new_password(
        current.club(), staff_id=path.staff_id, actor=current.actor()
    )
    return answer(OneTimePassword(one_time_password=password))


@api.put("/people/<int:staff_id>/account", responses={HTTPStatus.OK: Done})
def name_account(path: PersonPath, body: AccountAsked) -> Response:
    """Say under which customer account the person plays; empty: under none that is known."""
    people.name_account(
        current.club(), staff_id=path.staff_id, login=body.customer_login, actor=current.actor()
    )
    return done()


@api.post("/people/<int:staff_id>/disable", responses={HTTPStatus.OK: Done})
def disable(path: PersonPath) -> Response:
    """Let the person in no more, from this moment."""
    people.disable(current.club(), staff_id=path.staff_id, actor=current.actor())
    return done()


@api.post("/people/<int:staff_id>/enable", responses={HTTPStatus.OK: Done})
def enable(path: PersonPath) -> Response:
    """Let the person in again."""
    people.enable(current.club(), staff_id=path.staff_id, actor=current.actor())
    return done()


@api.delete("/people/<int:staff_id>/second-factor", responses={HTTPStatus.OK: Done})
def reset_second_factor(path: PersonPath) -> Response:
    """Somebody has lost their telephone."""
    people.reset_second_factor(current.club(), staff_id=path.staff_id, actor=current.actor())
    return done()


@api.get("/rights", responses={HTTPStatus.OK: RightList})
def show_rights() -> Response:
    """Who may do what."""
    shown = [
        RightShown(
            right=right,
            text=str(rights.NAMES[right]),
            roles=[role for role in rules.ROLES if role in having],
        )
        for right, having in rights.RIGHTS.items()
    ]
    return answer(RightList(rights=shown))


@api.get("/second-factor-rule", responses={HTTPStatus.OK: SecondFactorRuleShown})
def show_second_factor_rule() -> Response:
    """Whose people must have a second factor."""
    return answer(SecondFactorRuleShown(roles=current.club_row().second_factor_roles.split()))


@api.put("/second-factor-rule", responses={HTTPStatus.OK: Done})
def change_second_factor_rule(body: SecondFactorRule) -> Response:
    """Say whose people must have a second factor."""
    second_factor.require(current.club(), roles=list(body.roles), actor=current.actor())
    return done()


@api.get("/staff-addresses", responses={HTTPStatus.OK: AddressesShown})
def show_allowed_addresses() -> Response:
    """From where people may sign in and work; everywhere, if the list is empty."""
    listed = current.club_row().staff_addresses.split()
    return answer(AddressesShown(addresses=listed, own_address=current.address()))


@api.put("/staff-addresses", responses={HTTPStatus.OK: Done})
def change_allowed_addresses(body: Addresses) -> Response:
    """Let people sign in and work from there only. The own address must be among them."""
    allowed.set_addresses(
        current.club(),
        typed=" ".join(body.addresses),
        asking=current.caller(),
        actor=current.actor(),
    )
    return done()


@api.get("/sign-ins", responses={HTTPStatus.OK: SignInList})
def list_sign_ins(query: Part) -> Response:
    """Who is signed in, and where."""
    club = current.club()
    with club.read() as db:
        page = queries.live_sign_ins(
            db, club.club_id, club.clock.now(), after=query.after, limit=query.limit
        )
    return answer(sign_in_list(page, current.signed_in().session.id))


@api.delete("/sign-ins/<int:staff_session_id>", responses={HTTPStatus.OK: Done})
def end_sign_in(path: SignInPath) -> Response:
    """Sign somebody out of one browser or program."""
    sign_ins.end_one(
        current.club(),
        staff_session_id=path.staff_session_id,
        own_session_id=current.signed_in().session.id,
        of=None,
        actor=current.actor(),
    )
    return done()


def _managed() -> tuple[str, ...]:
    return rules.MANAGED[current.signed_in().staff.role]
