"""How long the server takes for each page of a large club, beside the same page of an empty one.

    python -m bench.pages        fill both clubs, ask for every page, write bench/results/pages.json

Run by `make bench-pages`; docs/performance.md says what the figures mean.
"""

import importlib.metadata
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from bench.filling import EMPTY, FULL, Scale, fill
from lovhub.clock import ManualClock
from lovhub.server import memory
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.ledger.check import check_ledger
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.web import Browser, WebAdmin

RESULTS = Path(__file__).parent / "results" / "pages.json"
RUNS = 7
LIMIT_MS = 100
PACKAGES = ("flask", "jinja2", "msgspec", "sqlalchemy", "werkzeug")


class Page(NamedTuple):
    """A page by the name people know it by."""

    name: str
    path: str


PAGES = (
    Page("Дашборд", "/admin"),
    Page("Дашборд: сейчас", "/admin?part=now"),
    Page("Дашборд: показатели", "/admin?part=figures"),
    Page("Отчёты, сегодня", "/admin/reports?period=today"),
    Page("Отчёты, 30 дней", "/admin/reports?period=30"),
    Page("Отчёты, год", "/admin/reports?from=2026-01-16&until=2027-01-15"),
    Page("Учёт денег, год по месяцам и зонам", "/admin/books?period=year&step=month&by=zone"),
    Page("Учёт денег, 30 дней", "/admin/books?period=30"),
    Page("Компьютеры", "/admin/computers"),
    Page("Компьютеры, live.json", "/admin/computers/live.json"),
    Page("Залы и зоны", "/admin/halls"),
    Page("ПК", "/admin/computers/1"),
    Page("Внимание, live.json", "/admin/attention/live.json"),
    Page("Клиенты", "/admin/customers"),
    Page("Клиенты, поиск по имени", "/admin/customers?q=ахмет"),
    Page("Клиенты, поиск по логину", "/admin/customers?q=player1"),
    Page("Клиенты, поиск по телефону", "/admin/customers?q=87010000001"),
    Page("Клиенты, никого не нашлось", "/admin/customers?q=нетникого"),
    Page("Клиенты по балансу", "/admin/customers?sort=-balance"),
    Page("Клиенты по логину", "/admin/customers?sort=login"),
    Page("Клиенты по телефону", "/admin/customers?sort=phone"),
    Page("Клиенты по дате", "/admin/customers?sort=-registered"),
    Page("Клиенты с деньгами", "/admin/customers?only=money"),
    Page("Клиенты с временем", "/admin/customers?only=time"),
    Page("Новые клиенты", "/admin/customers?only=new"),
    Page("Клиент", "/admin/customers/1"),
    Page("Клиент: время", "/admin/customers/1?tab=time"),
    Page("Клиент: сеансы", "/admin/customers/1?tab=sessions"),
    Page("Клиент: запуски", "/admin/customers/1?tab=launches"),
    Page("Клиент: журнал", "/admin/customers/1?tab=log"),
    Page("Выбор клиента", "/admin/customers/choose?search=ким"),
    Page("Тарифы", "/admin/tariffs"),
    Page("Приложения", "/admin/applications"),
    Page("Логи", "/admin/logs"),
    Page("Логи: запуски", "/admin/logs?kind=launch"),
    Page("Логи: входы", "/admin/logs?kind=sign_in"),
    Page("Логи: клиенты", "/admin/logs?kind=customer"),
    Page("Логи: сеансы", "/admin/logs?kind=session"),
    Page("Логи: деньги", "/admin/logs?kind=money"),
    Page("Логи: ПК", "/admin/logs?kind=computer"),
    Page("Логи: тревоги", "/admin/logs?kind=alarm"),
    Page("Логи: вызовы", "/admin/logs?kind=call"),
    Page("Логи: сотрудники", "/admin/logs?kind=staff"),
    Page("Логи одного ПК", "/admin/logs?computer=1"),
    Page("Логи одного клиента", "/admin/logs?customer=player1"),
    Page("Логи с давнего дня", "/admin/logs?from=2026-03-01&until=2026-03-02"),
    Page("Логи одного ПК, вызовы", "/admin/logs?computer=1&kind=call"),
    Page("Логи одной игры", "/admin/logs?application=1"),
    Page("Логи одного сотрудника", "/admin/logs?staff=1"),
    Page("Логи одного сотрудника, вызовы", "/admin/logs?staff=1&kind=call"),
    Page("Логи одного сотрудника, клиенты", "/admin/logs?staff=1&kind=customer"),
    Page("Переезд", "/admin/moving"),
    Page("Переезд, один", "/admin/moving/1"),
    Page("Сотрудники", "/admin/people"),
    Page("Сотрудник и его журнал", "/admin/people/1"),
    Page("Входы сотрудников", "/admin/people/sessions"),
    Page("Мой профиль", "/admin/me"),
    Page("Настройки", "/admin/settings"),
    Page("Первый вечер", "/admin/first-evening"),
    Page("Состояние", "/admin/status"),
    Page("Резервные копии", "/admin/backups"),
)
"""Pages that read. Files (exports, backups) are streams of any length, and not measured here."""


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the runs after the first: by the clock, and of this process's own computing."""

    median_ms: float
    worst_ms: float
    computing_ms: float


@dataclass
class BenchClub:
    """A filled club and a browser of its owner."""

    club: ClubContext
    browser: Browser

    @classmethod
    def make(cls, folder: Path, scale: Scale) -> "BenchClub":
        """Found and fill one in `folder`; its PCs are linked, as the real hall shows them."""
        folder.mkdir()
        club = found_club(new_sqlite(folder / "lovhub.sqlite3"), ManualClock())
        hub = Hub(club, b"")
        web = WebAdmin(club, hall=hub.hall)
        fill(club, scale, staff_id=web.staff_id("owner"))
        hub.hall.load()
        for computer_id in range(1, scale.computers + 1):
            hub.presence.link(computer_id, object(), "locked")
        return cls(club, web.owner())

    def take(self, page: Page) -> Taken:
        """Ask for the page several times."""
        walls, computed = [], []
        for _ in range(RUNS + 1):
            wall, computing = time.perf_counter(), time.process_time()
            answer = self.browser.get(page.path)
            computed.append((time.process_time() - computing) * 1000)
            walls.append((time.perf_counter() - wall) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{page.path}: {answer.status}")
        return Taken(
            round(statistics.median(walls[1:]), 1),
            round(max(walls[1:]), 1),
            round(statistics.median(computed[1:]), 1),
        )


def main() -> None:
    """Measure, print and write down."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder:
        began = time.perf_counter()
        full = BenchClub.make(Path(folder) / "full", FULL)
        filled_seconds = round(time.perf_counter() - began)
        print(f"filled in {filled_seconds} s", flush=True)
        with full.club.read() as db:
            differences = check_ledger(db)
        if differences:
            raise SystemExit(f"the books do not balance: {differences[:5]}")
        empty = BenchClub.make(Path(folder) / "empty", EMPTY)
        memory.settle()
        rows = [(page, full.take(page), empty.take(page)) for page in PAGES]
        full.club.database.close()
        empty.club.database.close()
    for line in table(rows):
        print(line)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(_report(rows, filled_seconds), ensure_ascii=False, indent=1) + "\n"
    )


Rows = list[tuple[Page, Taken, Taken]]


def table(rows: Rows) -> list[str]:
    """The figures as Markdown, what computes longest first; what is over the limit is bold."""
    lines = [
        "| Page | computing, ms | median, ms | worst, ms | empty club, computing, ms | times |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for page, full, empty in sorted(rows, key=lambda row: -row[1].computing_ms):
        lines.append(
            f"| {page.name} | {_marked(full.computing_ms)} | {full.median_ms} | {full.worst_ms} "
            f"| {empty.computing_ms} | {full.computing_ms / empty.computing_ms:.1f} |"
        )
    return lines


def _marked(milliseconds: float) -> str:
    return f"**{milliseconds}**" if milliseconds > LIMIT_MS else f"{milliseconds}"


def _report(rows: Rows, filled_seconds: int) -> dict[str, object]:
    return {
        "scale": asdict(FULL),
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "pinned": hasattr(os, "sched_setaffinity"),
        },
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "filled_seconds": filled_seconds,
        "pages": [
            {"name": page.name, "address": page.path, "full": asdict(full), "empty": asdict(empty)}
            for page, full, empty in rows
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
