"""What the columns of a foreign table are, what a line says, and which lines become customers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from lovhub.server.actor import Actor
from lovhub.server.customers.rules import LOGIN_PATTERN, normal_phone
from lovhub.server.minors.rules import read_date
from lovhub.server.search_key import search_key

FIELDS = ("login", "name", "phone", "birth_date", "balance", "hours", "minutes", "group")
"""What a column may hold; "" is a column that is left out."""

LARGEST_BALANCE_TIYN = 10_000_000_00
LONGEST_TIME_SECONDS = 1_000 * 3600
LONGEST_NAME = 80
PART_CUSTOMERS = 500
"""So many come in at once: others who write wait for a part, never for the whole."""

_HEADINGS = {
    "birth_date": ("рожден", "birth", "туған"),
    "login": ("логин", "login", "ник", "nick", "user", "аккаунт", "account", "учетн"),
    "phone": ("телефон", "phone", "моб", "тел", "mobile", "номер"),
    "balance": ("баланс", "balance", "деньги", "money", "депозит", "deposit", "сумма", "остаток"),
    "minutes": ("минут", "minute", "мин"),
    "hours": ("час", "hour", "время", "time", "пакет"),
    "group": ("групп", "group", "категори", "category"),
    "name": ("имя", "фио", "name", "клиент", "гость", "customer", "client", "фамилия"),
}
"""Parts of headings, in the order in which they are looked for: «username» is a login, not a name."""

_CURRENCY = re.compile(r"(?:₸|₽|тг\.?|тенге|руб\.?|р\.|kzt|rub)$", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True)
class Entry:
    """A customer to be made. `line`: where it stands in the file, from 1."""

    line: int
    login: str
    name: str
    phone: str
    balance_tiyn: int
    seconds: int
    birth_date: str = ""
    group_id: int | None = None

    @property
    def login_key(self) -> str:
        """How the login is compared."""
        return search_key(self.login)


@dataclass(frozen=True)
class LeftOut:
    """A line of which nothing is made. `code` says why, `shown` what stands there."""

    line: int
    code: str
    shown: str


@dataclass(frozen=True)
class Plan:
    """What would be made of the file, and what not."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def balance_tiyn(self) -> int:
        """All the money that would come in."""
        return sum(entry.balance_tiyn for entry in self.entries)

    @property
    def seconds(self) -> int:
        """All the time that would come in."""
        return sum(entry.seconds for entry in self.entries)


@dataclass(frozen=True)
class Part:
    """Customers that come in together, and the person of the desk who brings them in."""

    actor: Actor
    entries: tuple[Entry, ...]


def parts(plan: Plan, actor: Actor) -> list[Part]:
    """The plan cut into pieces that are each short to write."""
    return [
        Part(actor, plan.entries[first : first + PART_CUSTOMERS])
        for first in range(0, len(plan.entries), PART_CUSTOMERS)
    ]


def guess(rows: Sequence[Sequence[str]]) -> tuple[bool, list[str]]:
    """Whether the first row holds headings, and what each column is ("" for what is not known)."""
    if not rows:
        return False, []
    named = _by_headings(rows[0])
    if any(named):
        return True, named
    return False, _by_contents(rows)


def _by_headings(row: Sequence[str]) -> list[str]:
    found: list[str] = []
    for heading in row:
        key = search_key(heading)
        field = next(
            (
                name
                for name, parts in _HEADINGS.items()
                if name not in found and any(part in key for part in parts)
            ),
            "",
        )
        found.append(field)
    return found


def _by_contents(rows: Sequence[Sequence[str]]) -> list[str]:
    """A column of phone numbers is known by them; the first of the others is taken for the login."""
    width = max(len(row) for row in rows)
    found: list[str] = []
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
        phones = sum(bool(normal_phone(cell)) for cell in cells)
        if cells and "phone" not in found and phones * 2 > len(cells):
            found.append("phone")
        elif cells and "login" not in found and all(money(cell) is None for cell in cells):
            found.append("login")
        else:
            found.append("")
    return found


def plan(
    rows: Sequence[Sequence[str]],
    columns: Sequence[str],
    *,
    has_headings: bool,
    known_logins: frozenset[str] = frozenset(),
    known_phones: frozenset[str] = frozenset(),
    groups: Mapping[str, int] | None = None,
) -> Plan:
    """Which lines become customers. `known_…`: the keys of logins and the phones that the club has already.

    `groups`: the club's groups of customers, by the key of the name.
    """
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    logins: set[str] = set()
    phones: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if (number == 1 and has_headings) or not any(cell.strip() for cell in row):
            continue
        read = read_line(number, row, columns, groups)
        if isinstance(read, LeftOut):
            left_out.append(read)
            continue
        code = ""
        if read.login_key in logins:
            code = "moving_login_twice"
        elif read.phone and read.phone in phones:
            code = "moving_phone_twice"
        elif read.login_key in known_logins:
            code = "moving_login_known"
        elif read.phone and read.phone in known_phones:
            code = "moving_phone_known"
        if code:
            shown = read.phone if "phone" in code else read.login
            left_out.append(LeftOut(number, code, shown))
            continue
        logins.add(read.login_key)
        phones.add(read.phone)
        entries.append(read)
    return Plan(tuple(entries), tuple(left_out))


def read_line(
    line: int,
    row: Sequence[str],
    columns: Sequence[str],
    groups: Mapping[str, int] | None = None,
) -> Entry | LeftOut:
    """What a line says, or why it cannot be taken."""
    cells = {
        field: bare(cell)
        for field, cell in zip(columns, row, strict=False)
        if field and cell.strip()
    }
    phone = normal_phone(cells.get("phone", ""))
    if phone is None:
        return LeftOut(line, "phone_malformed", cells["phone"])
    login = cells.get("login", "") or phone.removeprefix("+")
    if not login:
        return LeftOut(line, "moving_login_missing", cells.get("name", ""))
    if not LOGIN_PATTERN.fullmatch(login):
        return LeftOut(line, "login_malformed", login)
    name = " ".join(cells.get("name", "").split()) or login
    if len(name) > LONGEST_NAME:
        return LeftOut(line, "name_malformed", name)
    balance = money(cells.get("balance", "0"))
    if balance is None or not 0 <= balance <= LARGEST_BALANCE_TIYN:
        return LeftOut(line, "moving_balance_wrong", cells["balance"])
    hours, minutes = (
        duration(cells.get("hours", "0"), 3600),
        duration(cells.get("minutes", "0"), 60),
    )
    if hours is None or minutes is None or not 0 <= hours + minutes <= LONGEST_TIME_SECONDS:
        wrong = cells.get("hours", "") if hours is None else cells.get("minutes", "")
        return LeftOut(line, "moving_time_wrong", wrong or cells.get("hours", ""))
    # A sheet gives a date as an instant at midnight.
    born = cells.get("birth_date", "").partition("T")[0]
    birth_date = read_date(born)
    if born and birth_date is None:
        return LeftOut(line, "date_malformed", born)
    group = cells.get("group", "")
    group_id = (groups or {}).get(search_key(group))
    if group and group_id is None:
        return LeftOut(line, "moving_group_unknown", group)
    return Entry(
        line,
        login,
        name,
        phone,
        balance,
        hours + minutes,
        birth_date.isoformat() if birth_date else "",
        group_id,
    )


def bare(cell: str) -> str:
    """The cell without the spaces around it, and without the apostrophe that disarms a formula."""
    text = cell.strip()
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def money(text: str) -> int | None:
    """«1 500», «1500,50», «1,500.50», «1 500 ₸» → tiyn; None if it is no amount."""
    number = _number(_CURRENCY.sub("", text.strip()))
    return None if number is None else _rounded(number * 100)


def duration(text: str, unit_seconds: int) -> int | None:
    """«2,5» units, or «2:30» and «2:30:00» on a clock, in seconds; None if it is no time."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)
    number = _number(text)
    return None if number is None else _rounded(number * unit_seconds)


def _number(text: str) -> Decimal | None:
    compact = re.sub(r"[\s\u00a0\u202f']", "", text).replace("−", "-")
    if "," in compact and "." in compact:
        # The later of the two is the decimal mark, the other one stands between the thousands.
        thousands = "," if compact.rindex(".") > compact.rindex(",") else "."
        compact = compact.replace(thousands, "")
    compact = compact.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", compact):
        return None
    try:
        return Decimal(compact)
    except InvalidOperation:
        return None


def _rounded(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_UP))
