"""One search over what the desk looks for: customers, PCs, applications, and the pages themselves."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from flask import url_for
from flask_babel import gettext as _

from lovhub.server.applications import queries as applications
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customers
from lovhub.server.customers.contacts import phone_search, shown_phone
from lovhub.server.live import HallRow
from lovhub.server.search_key import search_key
from lovhub.server.staff import endpoints, rights
from lovhub.server.web import formatting, navigation

T = TypeVar("T")

MOST_OF_A_KIND = 6
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Found:
    """Something to go to: by `href`, or by the dialog that opens where one is. `id`: its number, if it has one."""

    title: str
    note: str
    icon: str
    href: str = ""
    dialog: str = ""
    id: int | None = None


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    kind: str
    name: str
    items: list[Found]

    def as_json(self) -> dict[str, object]:
        """As the palette's script takes it."""
        return asdict(self)


def find(club: ClubContext, role: str, hall: Iterable[HallRow], text: str) -> list[Group]:
    """What people of this role may see of what they look for, by kind; for "" the pages, to begin with.

    A bounded number of statements, however much there is.
    """
    text = text.strip()[:LONGEST_SEARCH]
    key = search_key(text)
    groups = []
    if key:
        if endpoints.may_call(role, "customers.index"):
            groups.append(Group("customer", _("Клиенты"), _customers(club, role, text)))
        if endpoints.may_call(role, "computers.index"):
            groups.append(Group("computer", _("Компьютеры"), _computers(role, hall, key)))
        if endpoints.may_call(role, "applications.index"):
            groups.append(Group("application", _("Приложения"), _applications(club, key)))
    groups.append(Group("place", _("Разделы"), _places(key)))
    return [group for group in groups if group.items]


def _customers(club: ClubContext, role: str, text: str) -> list[Found]:
    """Whoever has just this login stands first, however many others have it in their names."""
    with club.read() as db:
        rows = customers.page(
            db, club.club_id, search=text, phones=phone_search(role), limit=MOST_OF_A_KIND
        ).rows
        exact = customers.by_login(db, club.club_id, text)
        if exact is not None and exact.id not in {row.id for row in rows}:
            rows.append(customers.row(db, club.club_id, exact.id))
    rows.sort(key=lambda row: exact is None or row.id != exact.id)
    sign = formatting.currency_sign()
    form = "top-up" if rights.may(role, "sell") else None
    return [
        Found(
            title=row.name,
            note=" · ".join(
                filter(
                    None,
                    (
                        row.login,
                        shown_phone(row.phone, role),
                        formatting.money(row.balance_tiyn, sign),
                    ),
                )
            ),
            icon="user",
            href=url_for("customer.show", customer_id=row.id, _anchor=form),
            id=row.id,
        )
        for row in rows[:MOST_OF_A_KIND]
    ]


def _computers(role: str, hall: Iterable[HallRow], key: str) -> list[Found]:
    """The PC of just this number stands first: «1» is PC 1, and then all that have a one somewhere."""
    sells = endpoints.may_call(role, "counter.at_computer")
    matching = [row for row in hall if _is_of(row, key)]
    matching.sort(key=lambda row: (not _has_number(row, key), _natural(row.name)))
    return [
        Found(
            title=row.name,
            note=" · ".join(filter(None, (row.hostname, row.session.who if row.session else ""))),
            icon="device-desktop",
            href="" if sells else url_for("pc.show", computer_id=row.computer_id),
            dialog=url_for("counter.at_computer", computer_id=row.computer_id) if sells else "",
            id=row.computer_id,
        )
        for row in matching[:MOST_OF_A_KIND]
    ]


def _is_of(row: HallRow, key: str) -> bool:
    words = (row.name, row.hostname, "" if row.number is None else str(row.number))
    return any(key in search_key(word) for word in words)


def _has_number(row: HallRow, key: str) -> bool:
    """Whether it is the club's number of the PC, or else the last one in its name."""
    in_name = re.findall(r"\d+", row.name)
    number = row.number if row.number is not None else int(in_name[-1]) if in_name else None
    return key.isdecimal() and number == int(key)


def _natural(name: str) -> list[tuple[int, str]]:
    """«ПК-2» before «ПК-10»."""
    parts = re.split(r"(\d+)", search_key(name))
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _applications(club: ClubContext, key: str) -> list[Found]:
    with club.read() as db:
        offered = applications.in_use(db, club.club_id)
    kinds = {"game": _("Игра"), "program": _("Приложение")}
    return [
        Found(
            title=application.title,
            note=kinds[application.kind],
            icon="device-gamepad-2" if application.kind == "game" else "apps",
            href=url_for(
                "applications.index",
                kind=application.kind,
                _anchor=f"application-{application.id}",
            ),
            id=application.id,
        )
        for application in _best(offered, key, lambda application: application.title)
    ]


def _places(key: str) -> list[Found]:
    places = [*navigation.places(navigation.AT_HAND), *navigation.places(navigation.MANAGEMENT)]
    return [
        Found(str(place.name), "", place.icon, href=url_for(place.endpoint))
        for place in _best(places, key, lambda place: str(place.name))
    ]


def _best(things: Sequence[T], key: str, name_of: Callable[[T], str]) -> list[T]:
    """Those that have it in their name; what begins with it stands first."""
    matching = [thing for thing in things if key in search_key(name_of(thing))]
    matching.sort(key=lambda thing: not search_key(name_of(thing)).startswith(key))
    return matching[:MOST_OF_A_KIND]
