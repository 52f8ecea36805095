"""The menu of the web admin: what stands at the top, what under «Управление», and for whom."""

from dataclasses import dataclass
from typing import cast

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import current_user

from lovhub.server.staff import endpoints, rights
from lovhub.server.web import current


@dataclass(frozen=True)
class Place:
    """A place one can go to. `icon` is a name of `frontend/icons.txt`."""

    endpoint: str
    name: LazyString
    icon: str


AT_HAND = (
    Place("reports.dashboard", _l("Дашборд"), "layout-dashboard"),
    Place("computers.index", _l("Компьютеры"), "device-desktop"),
    Place("customers.index", _l("Клиенты"), "users"),
    Place("goods.index", _l("Товары"), "tag"),
    Place("shifts.index", _l("Смена"), "cash"),
    Place("tariffs.index", _l("Тарифы"), "clock"),
    Place("applications.index", _l("Приложения"), "apps"),
    Place("journal.index", _l("Логи"), "list-details"),
)
"""What the desk uses all day."""

MANAGEMENT: tuple[Place, ...] = (
    Place("reports.report", _l("Отчёты"), "chart-bar"),
    Place("books.index", _l("Учёт денег"), "report-money"),
    Place("payments.index", "Kaspi", "qrcode"),
    Place("guest_time.index", _l("Время гостей"), "ticket"),
    Place("fiscal.index", _l("Фискальные чеки"), "receipt"),
    Place("suspicious.index", _l("Подозрительное"), "alert-circle"),
    Place("chain.index", _l("Сеть клубов"), "building-store"),
    Place("people.index", _l("Люди"), "id-badge-2"),
    Place("halls.index", _l("Залы и зоны"), "layout-grid"),
    Place("pairing_tokens.index", _l("Ключи подключения"), "key"),
    Place("club.settings", _l("Настройки клуба"), "settings"),
    Place("status.index", _l("Состояние системы"), "heartbeat"),
    Place("updates.index", _l("Обновления ПК"), "download"),
    Place("backups.index", _l("Резервные копии"), "database"),
    Place("moving.index", _l("Переезд"), "upload"),
    Place("club.first_evening", _l("Первый вечер"), "star"),
)
"""What is opened now and then; under one button, for whoever may open any of it.
Business first, then the system, then what is needed once."""


def may(right: str) -> bool:
    """Whether the person who asks has the right; for templates, which ask several times for each row."""
    return rights.may(role(), right)


def my_rights() -> str:
    """All rights of the person who asks, for scripts that offer things."""
    return " ".join(right for right in rights.RIGHTS if may(right))


def role() -> str:
    """That of the person who asks, looked up once a request; "" for a stranger."""
    known = current.known()
    if "role" not in known:
        known["role"] = current_user.staff.role if current_user.is_authenticated else ""
    return cast("str", known["role"])


_INSIDE = {
    "customer": "customers",
    "customer_loyalty": "customers",
    "loyalty": "tariffs",
    "pc": "computers",
}
"""Folders of pages that one reaches through another folder's list."""


_ENDPOINTS = frozenset(place.endpoint for place in AT_HAND + MANAGEMENT)


def is_here(place: Place) -> bool:
    """Whether the page that is shown is the place's own, or one that belongs to no other place but it."""
    endpoint: str | None = request.endpoint
    if endpoint is None or endpoint == place.endpoint:
        return endpoint is not None
    if endpoint in _ENDPOINTS:
        return False
    folder = endpoint.partition(".")[0]
    return _INSIDE.get(folder, folder) == place.endpoint.partition(".")[0]


def places(of: tuple[Place, ...]) -> list[Place]:
    """Those that the person who asks may open, and that there is use for.

    None while they must first do something else.
    """
    if current_user.duty is not None:
        return []
    role = current_user.staff.role
    no_use = set()
    if current.server().fiscal.provider is None:
        no_use.add("fiscal.index")
    if current.club().database.is_sqlite:  # nobody shares it
        no_use.add("chain.index")
    return [
        place
        for place in of
        if endpoints.may_call(role, place.endpoint) and place.endpoint not in no_use
    ]
