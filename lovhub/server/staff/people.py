"""People made and managed by others: roles, one-time passwords, disabling.

Nobody is ever deleted: the journal must go on saying who did what.
"""

import secrets
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import queries as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.maintenance import keys as upkeep_keys
from lovhub.server.search_key import search_key
from lovhub.server.staff import passwords, queries, rules, second_factor, sign_ins
from lovhub.server.staff.models import Staff

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that are taken for one another when read out: no l and 1, no o and 0, no i."""


def one_time_password() -> str:
    """A password to read out or write on a slip, such as `fk4m-w9tz-3bqe`; it opens one sign-in."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def create(
    club: ClubContext, *, login: str, name: str, role: str, language: str, actor: Actor
) -> tuple[int, str]:
    """Make an account; returns its id and its one-time password, which is told only now.

    Raises OperationRefused: `not_yours_to_manage`, or `invalid_fields` with a code for each wrong field.
    """
    problems = rules.person_problems(login.strip(), name, role=role, language=language)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    if not rules.may_manage(actor.role, role):
        raise OperationRefused("not_yours_to_manage")
    password = one_time_password()
    password_hash = passwords.hash_password(password)
    with club.write() as work:
        if queries.by_login(work.db, work.club_id, login) is not None:
            raise OperationRefused("invalid_fields", login="login_taken")
        person = Staff(
            club_id=work.club_id,
            login=login.strip(),
            login_key=search_key(login),
            name=name.strip(),
            role=role,
            language=language,
            password_hash=password_hash,
            password_must_change=True,
            created_at=work.now,
        )
        work.db.add(person)
        try:
            work.db.flush()
        except IntegrityError as error:
            raise OperationRefused("invalid_fields", login="login_taken") from error
        upkeep_keys.role_changed(work, old_role="", new_role=role)
        _note(work, "staff.created", person, actor, role=role)
    return person.id, password


def change(
    club: ClubContext, *, staff_id: int, name: str, role: str, language: str, actor: Actor
) -> None:
    """Another name, role or language. Another role takes effect at once: the person signs in anew.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`, `own_account`, `last_owner`, or
    `invalid_fields` with a code for each wrong field.
    """
    problems = rules.person_problems("any", name, role=role, language=language)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if not rules.may_manage(actor.role, role):
            raise OperationRefused("not_yours_to_manage")
        person.name, person.language = name.strip(), language
        if role != person.role:
            _refuse_loss(work, person, actor)
            old_role, person.role = person.role, role
            sign_ins.end_all(work, person.id)
            upkeep_keys.role_changed(work, old_role=old_role, new_role=role)
            _note(work, "staff.role_changed", person, actor, old_role=old_role, new_role=role)
        else:
            _note(work, "staff.changed", person, actor)


def name_account(club: ClubContext, *, staff_id: int, login: str, actor: Actor) -> None:
    """Say under which customer account the person plays, "" for none. Nobody says so of themselves.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`, `own_account`, `customer_unknown`.
    """
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if person.id == actor.id:
            raise OperationRefused("own_account")
        customer = customers.by_login(work.db, work.club_id, login) if login.strip() else None
        if customer is None and login.strip():
            raise OperationRefused("customer_unknown")
        customer_id = None if customer is None else customer.id
        if customer_id == person.customer_id:
            return
        person.customer_id = customer_id
        kind = "staff.account_cleared" if customer_id is None else "staff.account_named"
        _note(work, kind, person, actor, customer_id=customer_id)


def disable(club: ClubContext, *, staff_id: int, actor: Actor) -> None:
    """Let the person in no more, from this moment. Twice is once.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`, `own_account`, `last_owner`.
    """
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if person.disabled_at is not None:
            return
        _refuse_loss(work, person, actor)
        person.disabled_at = work.now
        sign_ins.end_all(work, person.id)
        upkeep_keys.role_changed(work, old_role=person.role, new_role="")
        _note(work, "staff.disabled", person, actor)


def enable(club: ClubContext, *, staff_id: int, actor: Actor) -> None:
    """Let the person in again, with the password they had. Twice is once.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`.
    """
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if person.disabled_at is None:
            return
        person.disabled_at = None
        upkeep_keys.role_changed(work, old_role="", new_role=person.role)
        _note(work, "staff.enabled", person, actor)


def give_new_password(club: ClubContext, *, staff_id: int, actor: Actor) -> str:
    """A new one-time password, told only now; the person is signed out everywhere.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`, `own_account` (one changes one's own).
    """
    password = one_time_password()
    password_hash = passwords.hash_password(password)
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if person.id == actor.id:
            raise OperationRefused("own_account")
        person.password_hash = password_hash
        person.password_must_change = True
        sign_ins.end_all(work, person.id)
        _note(work, "staff.password_reset", person, actor)
    return password


def reset_second_factor(club: ClubContext, *, staff_id: int, actor: Actor) -> None:
    """Somebody's telephone is lost: they sign in without it, and set up another.

    Raises OperationRefused: `person_unknown`, `not_yours_to_manage`, `own_account`.
    """
    with club.write() as work:
        person = _managed(work, staff_id, actor)
        if person.id == actor.id:
            raise OperationRefused("own_account")
        if person.totp_secret is not None:
            second_factor.reset(work, person, actor)


def _managed(work: Work, staff_id: int, actor: Actor) -> Staff:
    person = queries.locked(work.db, work.club_id, staff_id)
    if not rules.may_manage(actor.role, person.role):
        raise OperationRefused("not_yours_to_manage")
    return person


def _refuse_loss(work: Work, person: Staff, actor: Actor) -> None:
    """Nobody takes their own rights away by mistake, and the club never loses its last owner."""
    if person.id == actor.id:
        raise OperationRefused("own_account")
    if person.role != "owner":
        return
    owners = work.db.scalar(
        select(func.count()).where(
            Staff.club_id == work.club_id, Staff.role == "owner", Staff.disabled_at.is_(None)
        )
    )
    if owners is None or owners <= 1:
        raise OperationRefused("last_owner")


def _note(work: Work, kind: str, person: Staff, actor: Actor, **data: Any) -> None:
    journal.record(work, kind, actor, staff_id=person.id, person_name=person.name, **data)
