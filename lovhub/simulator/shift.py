"""What the demonstration's own people do at the desk: something in every list, and somebody for every call."""

import asyncio
import secrets
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import structlog

from lovhub.simulator.club_api import ApiRefused, ClubApi, OpenCall
from lovhub.simulator.contents import GOODS
from lovhub.simulator.people import CASHIER, STAFF, Person, read_staff, write_staff

log = structlog.get_logger("simulator")

LOOK_SECONDS = 2.0
TAKE_AFTER_SECONDS = 180
CLOSE_AFTER_SECONDS = 300
"""Since the player has called, however fast players live: whoever looks at the demonstration may come first."""

BROKEN_PC, KEPT_PC, GUESTS_PC, MESSAGE_PC = "ПК-16", "ПК-17", "ПК-15", "ПК-1"
"""Where nobody sits at the opening, but for the last, whose player gets a message."""

FLOAT_TIYN = 20_000_00

KEPT_SECONDS = 3 * 3600
GUESTS_TARIFF = "1 час"

_OPENED_FILE = "opened"


class Staff(NamedTuple):
    """The demonstration's people, each signed in."""

    manager: ClubApi
    cashiers: tuple[ClubApi, ...]
    technician: ClubApi
    shown: Person
    """The cashier whose password is told."""


class OwnerApi(Protocol):
    """What hiring needs of the club."""

    def staff_ids(self) -> dict[str, int]:
        """Everybody who has an account, by login."""
        ...

    def hire(self, person: Person) -> str:
        """Make an account; returns the password for the first sign-in."""
        ...

    def new_one_time_password(self, staff_id: int) -> str:
        """For somebody who does not know theirs."""
        ...

    def signed_in(self, person: Person) -> ClubApi:
        """The club as this person sees it."""
        ...


def hire(owner: OwnerApi, folder: Path) -> Staff:
    """Everybody signed in, with an account made where it is missing; raises ApiRefused, OSError."""
    known, ids = read_staff(folder), owner.staff_ids()

    def at_work(row: tuple[str, str, str]) -> tuple[Person, ClubApi]:
        login, name, role = row
        if login in known:
            return known[login], owner.signed_in(known[login])
        person = Person(login, secrets.token_urlsafe(9), name, role)
        # An account without a password of ours: an earlier start was cut short.
        once = owner.new_one_time_password(ids[login]) if login in ids else owner.hire(person)
        api = owner.signed_in(msgspec.structs.replace(person, password=once))
        api.change_password(once, person)
        return person, api

    with ThreadPoolExecutor(len(STAFF)) as hands:
        hired = list(hands.map(at_work, STAFF))
    write_staff(folder, {person.login: person for person, _api in hired})
    by_role: dict[str, list[ClubApi]] = {}
    for person, api in hired:
        by_role.setdefault(person.role, []).append(api)
    return Staff(
        manager=by_role["manager"][0],
        cashiers=tuple(by_role["cashier"]),
        technician=by_role["technician"][0],
        shown=next(person for person, _api in hired if person.login == CASHIER),
    )


def open_shift(staff: Staff) -> None:
    """The cashier whose password is told answers for the drawer, unless somebody does."""
    cashier = staff.cashiers[0]
    if not cashier.shift_is_open():
        cashier.open_shift(FLOAT_TIYN)


class Shift:
    """Keeps going until cancelled; a server that is away for a moment is asked again later."""

    def __init__(self, staff: Staff, folder: Path) -> None:
        self._staff = staff
        self._opened = folder / _OPENED_FILE

    async def run(self) -> None:
        """Look around, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.look)
            except (ApiRefused, OSError) as error:
                log.warning("desk_could_not", what="look", reason=str(error))

    def look(self) -> None:
        """Open the evening once all its PCs are there; go to whoever has called."""
        if not self._opened.exists():
            linked = {
                row["name"]: int(row["computer_id"])
                for row in self._staff.cashiers[0].live()["rows"]
                if row["link"] == "linked"
            }
            if {BROKEN_PC, KEPT_PC, GUESTS_PC, MESSAGE_PC} <= linked.keys():
                self._opened.touch()
                self._open_evening(linked)
        self._see_to(self._staff.cashiers[0].open_calls())

    def _open_evening(self, linked: dict[str, int]) -> None:
        """Once in the life of the club; what was refused, because a visitor was quicker, is left."""
        first, second = self._staff.cashiers
        self._staff.technician.mark_broken(linked[BROKEN_PC], "Гаснет монитор, ждём замену")
        second.keep(linked[KEPT_PC], "Мадина, день рождения", KEPT_SECONDS)
        self._staff.manager.send_message(
            linked[MESSAGE_PC], "В 20:00 турнир по CS 2. Записаться можно на стойке."
        )
        self._staff.manager.make_backup()
        first.sell_goods([GOODS[1].title, GOODS[3].title], str(uuid.uuid4()))
        first.seat_guest(linked[GUESTS_PC], "Бекзат", GUESTS_TARIFF, str(uuid.uuid4()))

    def _see_to(self, calls: Iterable[OpenCall]) -> None:
        helper = self._staff.cashiers[1]
        for call in calls:
            if call.seconds_ago >= TAKE_AFTER_SECONDS and not call.taken:
                helper.take_call(call.call_id)
            elif call.seconds_ago >= CLOSE_AFTER_SECONDS:
                helper.close_call(call.call_id)
