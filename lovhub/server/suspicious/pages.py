"""The suspicious report in the admin."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from lovhub.server.journal.log import LogRow
from lovhub.server.journal.sentences import sentence
from lovhub.server.reports.forms import PeriodAsked, read_period
from lovhub.server.suspicious import queries, rules, unpaid
from lovhub.server.suspicious.queries import Found, Report
from lovhub.server.suspicious.telling import Line, tell
from lovhub.server.web import current, formatting, refusals
from lovhub.server.web.language import plain as _
from lovhub.server.web.tables import PAGE_SIZE, Column, PageOf, Table, page_asked, page_of

pages = Blueprint("suspicious", __name__, url_prefix="/admin/suspicious")

GROUP_NAMES = {
    "difference": _l("Касса не сошлась"),
    "void": _l("Отмены и возвраты"),
    "given_time": _l("Время без денег"),
    "bonus": _l("Бонусы без денег"),
    "debt": _l("Прощённые долги"),
    "unpaid": _l("Старые долги"),
    "correction": _l("Правки вручную"),
    "paid_out": _l("Выдано из кассы"),
    "forced": _l("Чужая смена закрыта"),
    "minor": _l("Ночью с родителями"),
    "price": _l("Цены и скидки"),
    "unproven": _l("Kaspi без номера"),
    "payment": _l("Платежи Kaspi"),
    "own_account": _l("Счёт сотрудника"),
    "same_account": _l("Один и тот же счёт"),
    "pin": _l("ПИН клиента"),
    "others_balance": _l("С баланса за других"),
    "absent": _l("Посажен за клиента"),
    "resumed": _l("Продолжен за игрока"),
    "maintenance": _l("Открыт без клиента"),
    "no_agent": _l("Включён без агента"),
    "no_session": _l("Включён без сеанса"),
    "computer": _l("ПК, замок, часы"),
}


def words(line: Line) -> str:
    """The line's text; of many alike, how many they are and the last of them."""
    group, burst = line.finding.judged.group, line.finding.burst
    if group == "unproven":
        return str(
            _("Записано как оплата Kaspi без номера операции: сверьте с программой Kaspi Pay")
        )
    if group == "unpaid":
        unpaid_words: str = _(
            "Долг не оплачен дольше %(days)s дней. С чего начался: %(first)s",
            days=unpaid.LONG_DAYS,
            first=sentence(line.row),
        )
        return unpaid_words
    if group == "price":
        return _about_price(line.row)
    if burst is None:
        return sentence(line.row)
    text: str = _(
        "%(times)s раз за %(time)s одному клиенту; последнее: %(last)s",
        times=burst.times,
        time=formatting.age(burst.seconds),
        last=sentence(line.row),
    )
    return text


def _about_price(row: LogRow) -> str:
    """Which price, and what it was."""
    if row.kind == "customer.group_changed":
        return sentence(row)
    title, before = row.data["title"], row.data.get("before") or {}
    if row.kind == "group.changed":
        return str(
            _(
                "Скидка группы «%(title)s»: %(before)s %% → %(after)s %%",
                title=title,
                before=row.data["before_percent"],
                after=row.data["percent"],
            )
        )
    if before.get("price_tiyn", 0) > row.data["price_tiyn"]:
        return str(
            _(
                "Снижена цена «%(title)s»: %(before)s → %(after)s",
                title=title,
                before=formatting.club_money(before["price_tiyn"]),
                after=formatting.club_money(row.data["price_tiyn"]),
            )
        )
    cut = formatting.club_money(rules.price_cut_tiyn(row.data))
    return str(_("«%(title)s»: цена в зоне или минимум ниже на %(cut)s", title=title, cut=cut))


TABLE = Table(
    "suspicious",
    (
        Column[Line]("at", _l("Когда"), lambda line: line.finding.at, "moment"),
        Column("group", _l("Что"), lambda line: str(GROUP_NAMES[line.finding.judged.group])),
        Column("person", _l("Кто"), lambda line: line.finding.person),
        Column("text", _l("Событие"), words),
        Column("amount", _l("Сумма"), lambda line: line.finding.judged.amount_tiyn, "money"),
        Column("computer", _l("ПК"), lambda line: line.row.computer_name),
        Column("customer", _l("Клиент"), lambda line: line.row.customer_login),
    ),
)


def _address(asked: PeriodAsked) -> str:
    """Where the same period is told of everybody and everything."""
    typed: dict[str, Any] = {"from": asked.typed_first or None, "until": asked.typed_last or None}
    return url_for("suspicious.index", period=asked.name or None, **typed)


def _enough() -> int:
    """How many lines are needed: in the order of time those up to this page's end, and one that tells of more."""
    if "export" in request.args:
        return queries.MOST_READ
    return queries.MOST if "sort" in request.args else page_asked() * PAGE_SIZE + 1


def _is_at_its_end(found: Found, shown: Sequence[Line], page: PageOf) -> bool:
    """Whether lines may be missing after these or between them, which stand in the order of time."""
    since = found.whole_from_at
    return not page.next or (since is not None and shown[-1].finding.at < since)


def _where_it_ends(found: Found) -> str:
    """In words, since when no line is missing; "" where none is at all."""
    if found.whole_from_at is None:
        return ""
    words: str = _(
        "Показаны все строки с %(moment)s, более ранние — не все. Чтобы увидеть их, поставьте в «По дату» дату раньше.",
        moment=formatting.moment(found.whole_from_at),
    )
    return words


@pages.get("")
def index() -> ResponseReturnValue:
    """Who stands out, and every line behind it; `person` and `group` in the address narrow it."""
    club = current.club()
    now = club.clock.now()
    asked = read_period(current.club_row(), now)
    group, person_id = request.args.get("group", ""), current.number(request.args.get("person"))
    group = group if group in rules.GROUPS else ""
    with club.read() as db:
        report = Report(db, club.club_id, asked.period.from_at, asked.period.until_at, now)
        counted = report.count()
        is_arranged = bool({"sort", "export"} & request.args.keys())
        found = report.find(group=group, person_id=person_id, enough=_enough())
        page = page_of(len(found.findings))
        lines = tell(db, found.findings if is_arranged else found.findings[page.rows])
    if (file := TABLE.short_file(lines, end=_where_it_ends(found))) is not None:
        return file
    listing = TABLE.short_listing(lines)
    shown = listing.rows[page.rows] if is_arranged else listing.rows
    return render_template(
        "suspicious/index.html",
        asked=asked,
        problem=refusals.refusal(asked.problem) if asked.problem else "",
        people=counted.people,
        counted_from_at=counted.whole_from_at,
        listed=_where_it_ends(found) if is_arranged or _is_at_its_end(found, shown, page) else "",
        heads=listing.heads,
        lines=shown,
        page=page,
        groups=[name for name in rules.GROUPS if any(one.counts[name] for one in counted.people)],
        group_names={name: str(text) for name, text in GROUP_NAMES.items()},
        here=_address(asked),
        group=group,
        person=next((one for one in counted.people if one.id == person_id), None)
        if person_id
        else None,
        words=words,
    )
