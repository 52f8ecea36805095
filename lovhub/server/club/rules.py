"""What a club's settings may be."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass

from lovhub import traces
from lovhub.server.languages import LANGUAGES
from lovhub.server.retention.rules import LEAST_DAYS, LEAST_SIGN_IN_DAYS, MOST_DAYS
from lovhub.server.tariffs.zones import RULES as ZONE_RULES

CURRENCIES = {
    "KZT": "₸", "RUB": "₽", "KGS": "сом", "UZS": "сум", "TJS": "сомони",
    "BYN": "Br", "AZN": "₼", "GEL": "₾", "AMD": "֏", "EUR": "€", "USD": "$",
}  # fmt: skip
"""Currencies a club may choose, with their signs; each is kept in hundredths."""

NOTES = {
    "KZT": (500, 1_000, 2_000, 5_000, 10_000, 20_000),
    "RUB": (100, 200, 500, 1_000, 2_000, 5_000),
    "KGS": (100, 200, 500, 1_000, 2_000, 5_000),
    "UZS": (5_000, 10_000, 20_000, 50_000, 100_000, 200_000),
    "TJS": (10, 20, 50, 100, 200, 500),
    "BYN": (5, 10, 20, 50, 100, 200),
    "AZN": (1, 5, 10, 20, 50, 100),
    "GEL": (5, 10, 20, 50, 100, 200),
    "AMD": (500, 1_000, 2_000, 5_000, 10_000, 20_000),
    "EUR": (5, 10, 20, 50, 100),
    "USD": (5, 10, 20, 50, 100),
}
"""The banknotes that people pay with, the smallest first."""

SMALLER = {
    "KZT": (5, 10, 20, 50, 100, 200),
    "RUB": (1, 2, 5, 10, 50),
    "KGS": (1, 3, 5, 10, 20, 50),
    "UZS": (100, 200, 500, 1_000, 2_000),
    "TJS": (1, 3, 5),
    "BYN": (1, 2),
    "AZN": (),
    "GEL": (1, 2),
    "AMD": (10, 20, 50, 100, 200),
    "EUR": (1, 2),
    "USD": (1, 2),
}
"""Coins and notes too small to pay with, in whole units, the smallest first."""

_MOST_BUTTONS = 5


def notes_taken(currency: str) -> tuple[int, ...]:
    """The larger notes: what is handed over the counter."""
    return NOTES[currency][-_MOST_BUTTONS:]


def in_the_drawer(currency: str) -> tuple[int, ...]:
    """All that lies in a drawer, the largest first: what is counted piece by piece."""
    return tuple(reversed(SMALLER[currency] + NOTES[currency]))


def usual_top_ups(currency: str) -> tuple[int, ...]:
    """The smaller notes: what people put on their balance."""
    return NOTES[currency][:_MOST_BUTTONS]


POWER_CUT_RULES = ("pause", "run_on", "end")
SILENCE_RULES = ("wait", "consume", "return")

PRINTER_CHARSETS = ("cp866", "cp1251")
PRINTER_WIDTHS = (32, 42, 48)
"""Letters in a line: paper of 58 mm has 32, paper of 80 mm 42 or 48."""
PRINTER_PORT = 9100

LONGEST_NAME = 80
DAY_SECONDS = 24 * 3600

_CHOICES = {
    "power_cut_rule": POWER_CUT_RULES,
    "silence_rule": SILENCE_RULES,
    "zone_rule": ZONE_RULES,
    "printer_charset": PRINTER_CHARSETS,
    "printer_width": PRINTER_WIDTHS,
}

LIMITS = {
    "lease_seconds": (5 * 60, 60 * 60),
    "grace_seconds": (0, 15 * 60),
    "given_minutes_per_shift": (0, 24 * 60),
    "debt_limit_tiyn": (0, 1_000_000_00),
    "on_without_session_minutes": (0, 7 * 24 * 60),
    "backups_kept": (1, 365),
    "warn_unseen_days": (1, 365),
    "warn_disk_free_gb": (1, 1000),
    "warn_backup_hours": (1, 720),
    "keep_launches_days": (LEAST_DAYS, MOST_DAYS),
    "keep_sign_ins_days": (LEAST_SIGN_IN_DAYS, MOST_DAYS),
    "keep_messages_days": (LEAST_DAYS, MOST_DAYS),
}
"""The smallest and the largest value of each number."""


@dataclass(frozen=True)
class Settings:
    """Everything an owner may set; the meaning of each stands at `club.models.Club`."""

    name: str
    language: str
    time_zone: str
    currency: str
    day_starts_at: int
    lease_seconds: int
    grace_seconds: int
    power_cut_rule: str
    silence_rule: str
    zone_rule: str
    backup_at: int
    backups_kept: int
    second_backup_folder: str
    sales_need_shift: bool
    given_minutes_per_shift: int
    minors_rule: bool
    on_without_session_minutes: int
    printer_address: str
    printer_charset: str
    printer_width: int
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int
    debt_limit_tiyn: int = 0
    traces: str = ""
    keep_launches_days: int = 365
    keep_sign_ins_days: int = 180
    keep_messages_days: int = 365
    registers_at_pc: bool = False
    tells_without_agent: bool = True
    cached_sign_ins: bool = False


def keeps_minors_home(currency: str) -> bool:
    """Whether a new club keeps the rule on minors at night: it is the law of the country whose money this is."""
    return currency == "KZT"


def problems(settings: Settings, time_zones: Collection[str]) -> dict[str, str]:
    """What is wrong with the settings: field → code; empty when all is well."""
    found = club_problems(
        settings.name, settings.language, settings.time_zone, settings.currency, time_zones
    )
    for field in ("day_starts_at", "backup_at"):
        if not 0 <= getattr(settings, field) < DAY_SECONDS:
            found[field] = "time_of_day_malformed"
    for field, (least, most) in LIMITS.items():
        if not least <= getattr(settings, field) <= most:
            found[field] = "number_out_of_range"
    if settings.printer_address and not printer_is_named(settings.printer_address):
        found["printer_address"] = "printer_address_malformed"
    lines = traces.lines_of(settings.traces)
    if len(lines) > traces.MOST_LINES or not all(traces.parts_of(line) for line in lines):
        found["traces"] = "traces_malformed"
    for field, known in _CHOICES.items():
        if getattr(settings, field) not in known:
            found[field] = "choice_unknown"
    return found


def club_problems(
    name: str, language: str, time_zone: str, currency: str, time_zones: Collection[str]
) -> dict[str, str]:
    """What is wrong with what every club must have from its first day."""
    found = {}
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        found["name"] = "name_malformed"
    if language not in LANGUAGES:
        found["language"] = "choice_unknown"
    if time_zone not in time_zones:
        found["time_zone"] = "time_zone_unknown"
    if currency not in CURRENCIES:
        found["currency"] = "choice_unknown"
    return found


def is_device(address: str) -> bool:
    """Whether a printer's address is a device of this machine."""
    return address.startswith(("/dev/", "\\\\.\\"))


def network_printer(address: str) -> tuple[str, int] | None:
    """Host and port of a printer's address; None if it is none. Most printers listen on 9100."""
    found = re.fullmatch(r"([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?", address)
    if found is None:
        return None
    port = int(found[2] or PRINTER_PORT)
    return (found[1], port) if 0 < port < 65536 else None


def printer_is_named(address: str) -> bool:
    """Whether this is a printer's address: `host`, `host:port` or a device."""
    return is_device(address) or network_printer(address) is not None


def changes(before: Settings, after: Settings) -> dict[str, tuple[str | int, str | int]]:
    """What differs: field → (old, new)."""
    old, new = asdict(before), asdict(after)
    return {field: (old[field], new[field]) for field in old if old[field] != new[field]}
