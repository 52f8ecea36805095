"""A tariff in words, as an owner reads it before saving."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from lovhub.server.club.texts import time_of_day
from lovhub.server.tariffs import rules
from lovhub.server.tariffs.rules import Hours, Terms
from lovhub.server.web.formatting import SPACE, club_money
from lovhub.server.web.language import plain as _

KINDS = {
    "package": _l("Пакет времени"),
    "fixed_end": _l("До времени на часах"),
    "bundle": _l("Абонемент на дни"),
    "per_minute": _l("По минутам с баланса"),
}
PRICE_RULES = {"whole": _l("Полная"), "share": _l("По оставшейся доле")}
HOLIDAY_RULES = {
    "as_weekday": _l("Как в обычный день"),
    "also": _l("Продаётся всегда"),
    "not": _l("Не продаётся"),
    "only": _l("Только в праздники"),
}
PLAY_RULES = {
    "any_time": _l("Когда угодно"),
    "sale_hours": _l("Только в часы и дни продажи"),
}
REST_RULES = {
    "kept": _l("Остаётся клиенту"),
    "expires": _l("Сгорает"),
    "refunded": _l("Деньги за него — на баланс"),
}
WEEKDAYS = (_l("пн"), _l("вт"), _l("ср"), _l("чт"), _l("пт"), _l("сб"), _l("вс"))


def how_long(seconds: int) -> str:
    """«3 ч», «30 мин», «1 ч 30 мин»."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = [_("%(n)s ч", n=hours)] if hours else []
    if minutes or not hours:
        parts.append(_("%(n)s мин", n=minutes))
    return SPACE.join(parts)


def time_of(terms: Terms) -> str:
    """What is bought, in a few words: «3 ч», «до 08:00», «10 ч за 30 дн»."""
    if terms.kind == "fixed_end":
        return _("до %(time)s", time=time_of_day(terms.sold_until or 0))
    if terms.kind == "bundle":
        return _("%(time)s за %(n)s дн", time=how_long(terms.seconds), n=terms.valid_days)
    if terms.kind == "per_minute":
        return _("по минутам")
    return how_long(terms.seconds)


def price_of(price_tiyn: int, kind: str) -> str:
    """What it costs: «600 ₸», by the minute «600 ₸ за час»."""
    if kind == "per_minute":
        return _("%(money)s за час", money=club_money(price_tiyn))
    return club_money(price_tiyn)


def when(terms: Hours) -> str:
    """When it is sold: «пн–чт 10:00–18:00», «каждый день», «сб, вс, кроме праздников»."""
    parts = [_days(terms)]
    if terms.sold_from is not None and terms.sold_until is not None:
        parts.append(f"{time_of_day(terms.sold_from)}–{time_of_day(terms.sold_until)}")
    return " ".join(parts)


def sentence(
    terms: Terms, zone_names: Mapping[int, str], group_names: Mapping[int, str] | None = None
) -> str:
    """All of it: «Продаётся пн–чт 10:00–18:00 в зоне VIP за 700 ₸. …»."""
    if terms.kind == "per_minute":
        return _by_minute(terms, zone_names, group_names or {})
    parts = [_("Продаётся %(when)s %(where)s.", when=when(terms), where=_where(terms, zone_names))]
    if terms.kind == "fixed_end":
        parts.append(_("Играют %(until)s, когда бы ни купили.", until=time_of(terms)))
        if terms.price_rule == "share":
            least = club_money(terms.minimum_tiyn)
            parts.append(
                _("Кто пришёл позже, платит за оставшуюся часть, но не меньше %(money)s.", money=least)
                if terms.minimum_tiyn
                else _("Кто пришёл позже, платит за оставшуюся часть.")
            )  # fmt: skip
    elif terms.kind == "bundle":
        parts.append(
            _(
                "%(time)s можно играть по частям до конца %(n)s-го дня после покупки.",
                time=how_long(terms.seconds),
                n=terms.valid_days,
            )
        )
    else:
        parts.append(_("Даёт %(time)s игры.", time=how_long(terms.seconds)))
    if terms.play_rule == "sale_hours":
        parts.append(
            _("Играть можно только тогда, когда он продаётся: остаток ждёт следующего раза.")
        )
    parts += [*_for_groups(terms, group_names or {}), _rest(terms)]
    parts += [] if terms.pause_allowed else [_("Паузы нет.")]
    return " ".join(parts)


def _for_groups(terms: Terms, group_names: Mapping[int, str]) -> list[str]:
    """To whom it is sold; nothing, if to everybody."""
    if not terms.groups:
        return []
    named = [name for group, name in group_names.items() if group in terms.groups]
    if named:
        return [_("Только для групп: %(groups)s.", groups=", ".join(named))]
    return [_("Никому: группа, для которой он был, убрана.")]


def _by_minute(terms: Terms, zone_names: Mapping[int, str], group_names: Mapping[int, str]) -> str:
    parts = [
        _(
            "Час игры %(when)s %(where)s. Списывается с баланса, пока играют, до секунды.",
            when=when(terms),
            where=_where(terms, zone_names),
        )
    ]
    if terms.minimum_tiyn:
        parts.append(_("За сеанс не меньше %(money)s.", money=club_money(terms.minimum_tiyn)))
    if terms.sold_from is not None:
        parts.append(
            _("Потом идёт следующий поминутный тариф из списка; если его нет, игра заканчивается.")
        )
    parts += _for_groups(terms, group_names)
    if not terms.pause_allowed:
        parts.append(_("Паузы нет."))
    return " ".join(parts)


def _days(terms: Hours) -> str:
    if terms.holiday_rule == "only":
        return _("только в праздники")
    every = terms.weekdays == rules.EVERY_DAY
    days = _("каждый день") if every else ", ".join(_runs(sorted(terms.weekdays)))
    if terms.holiday_rule == "not":
        return _("%(days)s, кроме праздников,", days=days)
    if terms.holiday_rule == "also" and terms.weekdays != rules.EVERY_DAY:
        return _("%(days)s и в праздники", days=days) if days else _("только в праздники")
    return days


def _runs(days: list[int]) -> list[str]:
    """[0, 1, 2, 5] → «пн–ср», «сб»."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    found = []
    for run in runs:
        first, last = str(WEEKDAYS[run[0]]), str(WEEKDAYS[run[-1]])
        if len(run) > 2:
            found.append(f"{first}–{last}")
        else:
            found += [first, last] if len(run) == 2 else [first]
    return found


def _where(terms: Terms, zone_names: Mapping[int, str]) -> str:
    own: dict[int, list[str]] = {}
    closed = []
    for zone_id, name in zone_names.items():
        price = rules.price_there(terms, zone_id)
        if price is None:
            closed.append(name)
        elif not terms.sold_elsewhere or price != terms.price_tiyn:
            own.setdefault(price, []).append(name)
    parts = []
    if terms.sold_elsewhere:
        if own or closed:
            parts.append(_("за %(money)s", money=club_money(terms.price_tiyn)))
        else:
            parts.append(_("во всех зонах за %(money)s", money=club_money(terms.price_tiyn)))
    for price, names in own.items():
        zones = ", ".join(names)
        if len(names) == 1:
            parts.append(_("в зоне %(zones)s за %(money)s", zones=zones, money=club_money(price)))
        else:
            parts.append(_("в зонах %(zones)s за %(money)s", zones=zones, money=club_money(price)))
    if closed and terms.sold_elsewhere:
        parts.append(_("не продаётся в: %(zones)s", zones=", ".join(closed)))
    return ", ".join(parts)


def _rest(terms: Terms) -> str:
    if terms.kind == "package":
        if terms.rest_rule == "kept":
            return _("Если уйти раньше, остаток ждёт клиента.")
        if terms.rest_rule == "expires":
            return _("Если уйти раньше, остаток сгорает.")
        return _("Если уйти раньше, деньги за остаток вернутся на баланс.")
    if terms.rest_rule == "refunded":
        return _("Деньги за несыгранное вернутся на баланс.")
    return _("Несыгранное сгорает.")
