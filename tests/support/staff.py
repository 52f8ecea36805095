"""Staff of every role for tests: persons, their sign-ins, their second factor."""

from functools import cache

from argon2 import PasswordHasher

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.search_key import search_key
from lovhub.server.staff import passwords, service, session_tokens, totp
from lovhub.server.staff.models import RecoveryCode, Staff, StaffSession

PASSWORD = "очень длинный пароль"
"""Everybody's password, so that it is hashed once for all tests: that is slow on purpose."""

PERSONAS = {"owner": "Айгуль", "manager": "Мадина", "cashier": "Данияр", "technician": "Тимур"}
"""Role → the name of the person who has it; their login is the role."""

RECOVERY_CODE = "ABCDE-23456"
"""Opens one sign-in of everybody who has a second factor."""

SIGN_IN_FROM = {"address": "192.168.1.2", "user_agent": "Firefox"}


class StaffMaker:
    """Makes people as rows, so that a test of one thing needs no other."""

    def __init__(self, club: ClubContext) -> None:
        self.club = club
        self._number = 0

    def make(self, role: str, *, login: str = "", name: str = "") -> Actor:
        """Somebody of this role."""
        self._number += 1
        login = login or f"{role}{self._number}"
        with self.club.write() as work:
            person = Staff(
                club_id=work.club_id,
                login=login,
                login_key=search_key(login),
                name=name or PERSONAS[role],
                role=role,
                password_hash=_password_hash(passwords._hasher),
                created_at=work.now,
            )
            work.db.add(person)
            work.db.flush()
        return service.actor_of(person, SIGN_IN_FROM["address"])

    def actor(self, person: Staff) -> Actor:
        """The person, as the one who does something."""
        return service.actor_of(person, SIGN_IN_FROM["address"])

    def signed_in(self, staff_id: int | None) -> str:
        """The token of a new staff session."""
        token = session_tokens.issue(staff_id or 0)
        with self.club.write() as work:
            work.db.add(
                StaffSession(
                    staff_id=staff_id,
                    token_hash=session_tokens.kept(self.club, token),
                    created_at=work.now,
                    last_seen_at=work.now,
                    expires_at=work.now + 3600,
                    confirmed_at=work.now,
                    address="127.0.0.1",
                    user_agent="tests",
                )
            )
        return token

    def give_second_factor(self, staff_id: int | None) -> str:
        """A telephone that shows codes; returns the secret in it."""
        vault, secret = totp.Vault(self.club.secret_key), totp.new_secret()
        with self.club.write() as work:
            person = work.db.get_one(Staff, staff_id)
            person.totp_secret = vault.seal(secret, person.id, "kept")
            person.totp_since = work.now
            hashed = vault.recovery_hash(person.id, RECOVERY_CODE)
            work.db.add(RecoveryCode(staff_id=person.id, code_hash=hashed))
        return secret

    def code(self, secret: str, drift: int = 0) -> str:
        """What the telephone shows, so many steps from now."""
        return totp.code_at(secret, self.club.clock.now() // totp.STEP_SECONDS + drift)


@cache
def _password_hash(_by: PasswordHasher) -> str:
    """By the hasher in use: one that another would make anew at the first sign-in is told of as a change."""
    return passwords.hash_password(PASSWORD)


def hire(club: ClubContext, name: str, role: str = "cashier") -> Actor:
    """Somebody of the staff, who cannot sign in."""
    with club.write() as work:
        person = Staff(
            club_id=work.club_id,
            login=name,
            login_key=search_key(name),
            name=name,
            role=role,
            password_hash="",
            created_at=work.now,
        )
        work.db.add(person)
        work.db.flush()
        return Actor(kind="staff", id=person.id, name=name, role=role, address="127.0.0.1")
