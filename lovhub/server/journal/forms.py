"""The log's filter as it stands in the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from lovhub.server.journal import log
from lovhub.server.journal.log import LogFilter
from lovhub.server.reports.rules import ClubDays
from lovhub.server.web import current

FIELDS = (
    "kind", "computer", "customer", "application", "staff", "from", "from_time", "until", "until_time"
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `errors`: field → what is wrong with it; then there is nothing to show."""

    wanted: LogFilter
    errors: Mapping[str, str]


def read(
    args: Mapping[str, str], days: ClubDays, now: int, customer_id: Callable[[str], int | None]
) -> Asked:
    """The filter. Times are the club's; one without a date means today's."""
    kind, login = args.get("kind", ""), args.get("customer", "").strip()
    wanted = LogFilter(
        kind=kind if kind in log.KINDS else "",
        computer_id=current.number(args.get("computer")),
        application_id=current.number(args.get("application")),
        staff_id=current.number(args.get("staff")),
    )
    errors: dict[str, str] = {}
    if login:
        wanted = replace(wanted, customer_id=customer_id(login))
        if wanted.customer_id is None:
            errors["customer"] = _("Такого логина нет.")
    today = days.local(now).date()
    stretch: dict[str, int | None] = {}
    for name, last in (("from", False), ("until", True)):
        day, clock = args.get(name, ""), args.get(f"{name}_time", "")
        try:
            stretch[name] = _instant(day, clock, today, days.zone, last=last)
        except (ValueError, OverflowError):
            errors[name] = _("Такого времени нет.")
    wanted = replace(wanted, from_at=stretch.get("from"), until_at=stretch.get("until"))
    if (
        wanted.from_at is not None
        and wanted.until_at is not None
        and wanted.from_at >= wanted.until_at
    ):
        errors["until"] = _("Конец раньше начала.")
    return Asked(wanted, errors)


def _instant(day: str, clock: str, today: date, zone: ZoneInfo, *, last: bool) -> int | None:
    """The beginning of the day or minute; if it is the `last` to be shown, of the following."""
    if not day and not clock:
        return None
    shown_day = date.fromisoformat(day) if day else today
    shown_time = time.fromisoformat(clock) if clock else time()
    at = datetime.combine(shown_day, shown_time.replace(tzinfo=zone))
    if last and not clock:
        at += timedelta(days=1)
    return int(at.timestamp()) + (60 if last and clock else 0)


def quick_links(days: ClubDays, now: int, shift_opened_at: int | None) -> dict[str, dict[str, str]]:
    """Stretches of time one click away: name → what it puts into the address.

    «С начала смены» is the open shift's beginning; without one, the working day's.
    """
    midnight = ClubDays(days.time_zone)
    today = midnight.day_of(now)
    yesterday = f"{today - timedelta(days=1)}"
    links = {"today": {"from": f"{today}"}, "yesterday": {"from": yesterday, "until": yesterday}}
    if shift_opened_at is not None or days.starts_at:
        began = days.local(shift_opened_at or days.begin(days.day_of(now)))
        links["shift"] = {"from": f"{began:%Y-%m-%d}", "from_time": f"{began:%H:%M}"}
    return links
