"""Texts about time that may be played in its own days and hours only."""

from collections.abc import Sequence

from lovhub.launcher.texts import _, format_duration
from lovhub.protocol.views import CustomerView, HoursView, WaitingView


def hours_text(hours: HoursView) -> str:
    """When alone time may be played: «пн–пт 10:00–18:00»."""
    names = [_("пн"), _("вт"), _("ср"), _("чт"), _("пт"), _("сб"), _("вс")]
    if hours.holidays == "only":
        days = _("только в праздники")
    elif len(hours.weekdays) == len(names):
        days = _("каждый день")
    else:
        days = ", ".join(_runs(hours.weekdays, names))
    if hours.holidays == "not":
        days = _("{days}, кроме праздников").format(days=days)
    elif hours.holidays == "also" and len(hours.weekdays) < len(names):
        days = _("{days} и в праздники").format(days=days) if days else _("только в праздники")
    clock = f"{hours.opens}–{hours.closes}" if hours.opens else ""
    return " ".join(part for part in (days, clock) if part)


def played_when(hours: HoursView) -> str:
    """In which days and hours alone it may be played, as a sentence of its own."""
    return _("Играть можно: {hours}").format(hours=hours_text(hours))


def _runs(weekdays: Sequence[int], names: Sequence[str]) -> list[str]:
    """[0, 1, 2, 5] → «пн–ср», «сб»."""
    runs: list[list[int]] = []
    for day in weekdays:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [f"{names[run[0]]}–{names[run[-1]]}" if len(run) > 1 else names[run[0]] for run in runs]


def waiting_text(waiting: WaitingView) -> str:
    """Bought time that may not be played yet: how much, and from when it may."""
    opens = " ".join(part for part in (waiting.opens_on, waiting.opens_at) if part)
    return _("{duration} можно играть с {opens}").format(
        duration=format_duration(waiting.seconds), opens=opens
    )


def to_play_text(customer: CustomerView) -> str:
    """Somebody is signed in and nothing runs: what they have, and what to do."""
    waits = customer.waiting
    if waits is not None and customer.seconds_available <= waits.seconds:
        return _("Уже оплачено: {waiting}. Тогда войдите снова или купите другое время.").format(
            waiting=waiting_text(waits)
        )
    if customer.seconds_available:
        return _(
            "Уже оплачено: {duration}. Если здесь оно не идёт, позовите администратора."
        ).format(duration=format_duration(customer.seconds_available))
    return _("Купите время, и ПК откроется.")
