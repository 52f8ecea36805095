"""«Выгрузить данные клиента»: everything that is kept about one customer, as one ZIP to give to them.

Read part by part and written to a file, so that ten years of evenings take no more memory than one. Of other people,
staff among them, nothing goes along: it says that somebody of the staff did something, not who.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import merge
from typing import IO, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.applications.models import Application
from lovhub.server.club import service as club_service
from lovhub.server.conditions.models import Condition
from lovhub.server.context import ClubContext
from lovhub.server.customers import history, queries
from lovhub.server.customers.belonging import find as find_customer
from lovhub.server.customers.belonging import names_of_sharing
from lovhub.server.customers.history import HistoryPart
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.habits.models import CustomerHabits, FavouriteApplication
from lovhub.server.journal import log, sentences
from lovhub.server.journal import service as journal
from lovhub.server.journal.log import LogFilter, LogRow
from lovhub.server.journal.models import Alarm
from lovhub.server.journal.texts import alarm_text
from lovhub.server.loyalty.models import Promo, PromoCode, PromoUse
from lovhub.server.moving.models import Move, MovedCustomer
from lovhub.server.payments import texts as payment_texts
from lovhub.server.payments.models import Payment
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs.words import when
from lovhub.server.web import texts
from lovhub.server.web.formatting import local
from lovhub.server.web.spreadsheet import Cell, Heading, write_csv

_STEP = 500
"""Rows that are in memory at once."""

_CONSENTS = ("age.",)
"""What staff have seen a document for, or let a minor do with their parents: kinds of events."""

R = TypeVar("R")

Clubs = Mapping[int, str]
"""Names of the clubs that have the customer, by number."""


@dataclass(frozen=True)
class Profile:
    """What is known of the person, and how PCs are set for them. Money in tiyn, instants in UTC epoch seconds.

    `seconds_available`: bought time at all clubs that have them.
    """

    login: str
    name: str
    phone: str
    birth_date: str
    age_document: str
    age_confirmed_at: int | None
    registered_at: int
    group: str
    balance_tiyn: int
    debt_tiyn: int
    bonus_tiyn: int
    seconds_available: int
    volume: int | None
    keyboard_layout: str
    language: str
    favourite_applications: tuple[str, ...]
    moved_in_at: int | None
    moved_in_balance_tiyn: int
    moved_in_seconds: int


@dataclass(frozen=True)
class _Section:
    name: str
    headings: tuple[Heading, ...]
    rows: Iterator[Sequence[Cell]]


def take_out(club: ClubContext, *, customer_id: int, actor: Actor) -> IO[bytes]:
    """The file, open at its beginning; whoever takes it closes it. The log tells who has taken it.

    Raises OperationRefused("customer_unknown"), also for one who was forgotten: nothing is kept about them.
    """
    note(club, customer_id=customer_id, actor=actor)
    return collect(club, customer_id)


def note(club: ClubContext, *, customer_id: int, actor: Actor) -> None:
    """Write down that somebody takes a customer's data. Raises OperationRefused("customer_unknown")."""
    with club.write() as work:
        customer = find_customer(work.db, work.club_id, customer_id)
        if customer is None:
            raise OperationRefused("customer_unknown")
        journal.record(work, "customer.data_exported", actor, customer_id=customer_id)


def collect(club: ClubContext, customer_id: int) -> IO[bytes]:
    """The file by itself. Raises OperationRefused("customer_unknown")."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever sends it)
    try:
        with club.read() as db:
            zone = club_service.get(db, club.club_id).time_zone
            profile = _profile(db, club.club_id, customer_id)
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                _write_all(db, archive, profile, customer_id, club.clock.now(), zone)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _write_all(
    db: Session, archive: ZipFile, profile: Profile, customer_id: int, now: int, zone: str
) -> None:
    made_at = local(now, zone).timetuple()[:6]

    def member(name: str) -> ZipInfo:
        info = ZipInfo(name, made_at)
        info.compress_type = ZIP_DEFLATED
        return info

    content = {"made_at": now, **asdict(profile)}
    archive.writestr(member("profile.json"), json.dumps(content, ensure_ascii=False, indent=2))
    consents: list[Sequence[Cell]] = []
    for section in _sections(db, db.get_one(Customer, customer_id), consents):
        with archive.open(member(f"{section.name}.csv"), "w") as file:
            write_csv(file, section.headings, section.rows, zone)


def _sections(
    db: Session, customer: Customer, consents: list[Sequence[Cell]]
) -> Iterator[_Section]:
    """Every list, in the order of the file; `consents` is filled while the journal is read, and comes after it.

    All clubs that have this customer are in them, each row with its club.
    """
    clubs = names_of_sharing(db, customer.club_id)
    where = Heading(_("Клуб"))
    movements = (
        Heading(_("Когда"), "moment"), where, Heading(_("Что")), Heading(_("Сумма"), "money"),
        Heading(_("Причина")), Heading(_("Кто")), Heading(_("Чек"), "number"),
    )  # fmt: skip
    for name, account_id in (
        ("money", customer.balance_account_id),
        ("debt", customer.debt_account_id),
        ("bonuses", customer.bonus_account_id),
    ):
        yield _Section(name, movements, _movements(db, clubs, account_id))
    yield _Section(
        "payments",
        (
            Heading(_("Когда"), "moment"), where, Heading(_("Сумма"), "money"), Heading(_("Чем")),
            Heading(_("Номер")), Heading(_("Состояние")),
        ),
        _payments(db, clubs, customer),
    )  # fmt: skip
    yield _Section(
        "time",
        (
            Heading(_("Когда"), "moment"), where, Heading(_("Что")), Heading(_("Осталось"), "duration"),
            Heading(_("Из"), "duration"), Heading(_("Цена"), "money"), Heading(_("Бонусами"), "money"),
            Heading(_("Скидка"), "money"), Heading(_("До"), "moment"), Heading(_("Когда играть")),
        ),
        _lots(db, clubs, customer),
    )  # fmt: skip
    yield _Section(
        "sessions",
        (
            Heading(_("Начало"), "moment"), Heading(_("Конец"), "moment"), where, Heading(_("ПК")),
            Heading(_("Сыграно"), "duration"), Heading(_("Почему закончился")),
        ),
        _sittings(db, clubs, customer),
    )  # fmt: skip
    yield _Section(
        "launches",
        (
            Heading(_("Когда"), "moment"), where, Heading(_("ПК")), Heading(_("Программа")),
            Heading(_("Работала"), "duration"),
        ),
        (
            (row.at, club, row.computer_name, row.application_title, row.ran_seconds)
            for club, row in _log(db, clubs, customer, "launch")
        ),
    )  # fmt: skip
    events = (Heading(_("Когда"), "moment"), where, Heading(_("ПК")), Heading(_("Событие")))
    yield _Section("journal", events, _events(db, clubs, customer, consents))
    yield _Section("consents", events, iter(consents))
    yield _Section(
        "promo_codes",
        (Heading(_("Когда"), "moment"), where, Heading(_("Акция")), Heading(_("Код"))),
        _promos(db, clubs, customer),
    )
    yield _Section(
        "notes",
        (Heading(_("Когда"), "moment"), where, Heading(_("О чём")), Heading(_("Заметка"))),
        _notes(db, clubs, customer),
    )


def _profile(db: Session, club_id: int, customer_id: int) -> Profile:
    row = queries.row(db, club_id, customer_id)
    habits = db.get(CustomerHabits, customer_id)
    starred = db.scalars(
        select(Application.title)
        .join(FavouriteApplication, FavouriteApplication.application_id == Application.id)
        .where(FavouriteApplication.customer_id == customer_id)
        .order_by(Application.title)
    )
    moved = db.execute(
        select(Move.imported_at, MovedCustomer.balance_tiyn, MovedCustomer.seconds)
        .join(MovedCustomer, MovedCustomer.move_id == Move.id)
        .where(MovedCustomer.customer_id == customer_id)
    ).one_or_none()
    moved_at, moved_tiyn, moved_seconds = moved or (None, 0, 0)
    return Profile(
        login=row.login,
        name=row.name,
        phone=row.phone,
        birth_date=row.birth_date,
        age_document=row.age_document,
        age_confirmed_at=row.age_confirmed_at,
        registered_at=row.created_at,
        group=row.group,
        balance_tiyn=row.balance_tiyn,
        debt_tiyn=row.debt_tiyn,
        bonus_tiyn=row.bonus_tiyn,
        seconds_available=queries.estate(db, db.get_one(Customer, customer_id)).unplayed_seconds,
        volume=None if habits is None else habits.volume,
        keyboard_layout="" if habits is None else habits.layout,
        language="" if habits is None else habits.language,
        favourite_applications=tuple(starred),
        moved_in_at=moved_at,
        moved_in_balance_tiyn=moved_tiyn,
        moved_in_seconds=moved_seconds,
    )


def _all(read: Callable[[int | None], HistoryPart[R]]) -> Iterator[R]:
    before: int | None = None
    while True:
        part = read(before)
        yield from part.rows
        if part.next is None:
            return
        before = part.next


def _who(kind: str) -> str:
    known = {"staff": _("сотрудник"), "customer": _("клиент")}
    return str(known.get(kind, _("система")))


def _movements(db: Session, clubs: Clubs, account_id: int | None) -> Iterator[Sequence[Cell]]:
    if account_id is None:
        return
    for row in _all(lambda before: history.movements(db, account_id, before=before, limit=_STEP)):
        what = texts.movement(row.kind, row.other, row.lot_title)
        who = _who(row.actor_kind)
        club = clubs[row.club_id]
        yield row.at, club, what, row.amount_tiyn, row.reason, who, row.receipt_number


def _payments(db: Session, clubs: Clubs, customer: Customer) -> Iterator[Sequence[Cell]]:
    asked = (
        select(Payment)
        .where(Payment.customer_id == customer.id)
        .order_by(Payment.id.desc())
        .execution_options(yield_per=_STEP)
    )
    for row in db.scalars(asked):
        state = str(payment_texts.STATES.get(row.state, row.state))
        club = clubs[row.club_id]
        yield row.created_at, club, row.amount_tiyn, row.provider, row.provider_ref, state


def _lots(db: Session, clubs: Clubs, customer: Customer) -> Iterator[Sequence[Cell]]:
    for row in _all(lambda before: history.lots(db, customer.id, before=before, limit=_STEP)):
        yield (
            row.at, clubs[row.club_id], row.title, row.left_seconds, row.granted_seconds, row.price_tiyn,
            row.bonus_tiyn, row.discount_tiyn, row.expires_at,
            "" if row.play_hours is None else when(row.play_hours),
        )  # fmt: skip


def _sittings(db: Session, clubs: Clubs, customer: Customer) -> Iterator[Sequence[Cell]]:
    for row in _all(lambda before: history.sittings(db, customer.id, before=before, limit=_STEP)):
        why = sentences.end_reason(row.end_reason) if row.end_reason else ""
        club = clubs[row.club_id]
        yield row.started_at, row.ended_at, club, row.computer_name, row.played_seconds, why


def _log(db: Session, clubs: Clubs, customer: Customer, kind: str) -> Iterator[tuple[str, LogRow]]:
    """Of all clubs that have this customer, the newest first, each row with the club's name."""
    wanted = LogFilter(kind=kind, customer_id=customer.id)
    logs = (_log_of_club(db, club_id, name, wanted) for club_id, name in clubs.items())
    return merge(*logs, key=lambda found: found[1].at, reverse=True)


def _log_of_club(
    db: Session, club_id: int, name: str, wanted: LogFilter
) -> Iterator[tuple[str, LogRow]]:
    place = None
    while True:
        part = log.page(db, club_id, wanted, place=place, limit=_STEP)
        yield from ((name, row) for row in part.rows)
        if part.next is None:
            return
        place = part.next


def _events(
    db: Session, clubs: Clubs, customer: Customer, consents: list[Sequence[Cell]]
) -> Iterator[Sequence[Cell]]:
    for club, row in _log(db, clubs, customer, ""):
        if row.source == log.LAUNCH:
            continue  # a list of its own
        line = (row.at, club, row.computer_name, sentences.sentence(row))
        if row.kind.startswith(_CONSENTS):
            consents.append(line)
        yield line


def _promos(db: Session, clubs: Clubs, customer: Customer) -> Iterator[Sequence[Cell]]:
    used = (
        select(PromoUse.at, Promo.club_id, Promo.title, PromoCode.code)
        .join(Promo, Promo.id == PromoUse.promo_id)
        .join(PromoCode, PromoCode.id == PromoUse.code_id)
        .where(PromoUse.customer_id == customer.id)
        .order_by(PromoUse.at.desc())
        .execution_options(yield_per=_STEP)
    )
    for at, club_id, title, code in db.execute(used):
        yield at, clubs[club_id], title, code


def _notes(db: Session, clubs: Clubs, customer: Customer) -> Iterator[Sequence[Cell]]:
    """What people wrote about them elsewhere: beside alarms of their sessions, and where a PC is kept for them."""
    alarms = (
        select(Alarm)
        .join(PlaySession, PlaySession.id == Alarm.session_id)
        .where(PlaySession.customer_id == customer.id)
        .order_by(Alarm.id.desc())
        .execution_options(yield_per=_STEP)
    )
    for row in db.scalars(alarms):
        yield row.at, clubs[row.club_id], alarm_text(row.kind, "", row.data), row.note
    kept_pcs = (
        select(Condition)
        .where(Condition.customer_id == customer.id)
        .order_by(Condition.since_at.desc(), Condition.computer_id)
    )
    for kept in db.scalars(kept_pcs):
        yield kept.since_at, clubs[kept.club_id], _("ПК отложен"), kept.text
