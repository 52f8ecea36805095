"""Rows for show: what a club could look like, made by the services, marked, and taken away with one click."""

from contextlib import suppress

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.applications import service as applications
from lovhub.server.club import service as club_service
from lovhub.server.club.models import DemoItem
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.halls import service as halls
from lovhub.server.journal import service as journal
from lovhub.server.moving import service as moving
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms

HALLS = (("Общий зал", ("Зал", "VIP")),)
"""Halls and their zones."""

TARIFFS = (
    ("30 минут", 1_800, 300_00),
    ("1 час", 3_600, 500_00),
    ("3 часа", 10_800, 1_300_00),
    ("5 часов", 18_000, 2_000_00),
    ("Ночь 8 часов", 28_800, 2_500_00),
)
"""Title, seconds, price in hundredths of the club's money."""

_STEAM = r"C:\Program Files (x86)\Steam\steam.exe"

APPLICATIONS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("Counter-Strike 2", "game", _STEAM, ["-applaunch", "730"]),
    ("Dota 2", "game", _STEAM, ["-applaunch", "570"]),
    ("PUBG: Battlegrounds", "game", _STEAM, ["-applaunch", "578080"]),
    ("Google Chrome", "program", r"C:\Program Files\Google\Chrome\Application\chrome.exe", []),
    (
        "Discord",
        "program",
        r"C:\Windows\System32\cmd.exe",
        ["/c", r"%LOCALAPPDATA%\Discord\Update.exe --processStart Discord.exe"],
    ),
)
"""Title, kind, path, arguments."""

CUSTOMERS = """\
Логин;Имя;Телефон;Баланс;Часы
aidar;Айдар Нурланов;+7 700 000 00 01;2500;
kamila;Камила Сейтова;+7 700 000 00 02;0;3
timur;Тимур Ким;+7 700 000 00 03;700;1:30
diana;Диана Иванова;+7 700 000 00 04;1200;
ruslan;Руслан Омаров;+7 700 000 00 05;0;
max;Максим Петров;+7 700 000 00 06;5000;5
"""
"""As a file that is moved in: opening balances, no money in the till, and all of it back as a whole."""

CUSTOMERS_FILE = "Примеры клиентов"


def furnish(club: ClubContext, actor: Actor) -> None:
    """Make the rows and mark them."""
    made: list[tuple[str, int]] = []
    for name, zones in HALLS:
        hall_id = halls.create_hall(club, name=name, zones=[], actor=actor)
        made.append(("hall", hall_id))
        for zone in zones:
            zone_id = halls.create_zone(club, hall_id=hall_id, name=zone, actor=actor)
            made.append(("zone", zone_id))
    for title, seconds, price_tiyn in TARIFFS:
        made.append(
            (
                "tariff",
                tariffs.create(club, terms=Terms(title, seconds, price_tiyn), actor=actor),
            )
        )
    for title, kind, exe_path, arguments in APPLICATIONS:
        made.append(
            (
                "application",
                applications.create(
                    club,
                    title=title,
                    kind=kind,
                    exe_path=exe_path,
                    arguments=arguments,
                    actor=actor,
                ),
            )
        )
    move_id = moving.bring(club, file_name=CUSTOMERS_FILE, content=CUSTOMERS.encode(), actor=actor)
    moving.bring_in(club, move_id=move_id, actor=actor)
    made.append(("move", move_id))
    with club.write() as work:
        work.db.add_all(
            DemoItem(club_id=work.club_id, kind=kind, row_id=row_id) for kind, row_id in made
        )
        journal.record(work, "club.demo_made", actor, rows=len(made))


def is_there(db: Session, club_id: int) -> bool:
    """Whether there is anything for show left."""
    return bool(db.scalar(select(exists().where(DemoItem.club_id == club_id))))


def remove(club: ClubContext, actor: Actor) -> None:
    """Take all of it away. Raises OperationRefused("demo_in_use") once other money was booked."""
    with club.read() as db:
        if club_service.money_was_booked(db, club.club_id):
            raise OperationRefused("demo_in_use")
        marked = db.execute(
            select(DemoItem.kind, DemoItem.row_id).where(DemoItem.club_id == club.club_id)
        ).all()
    # Zones before their halls. What somebody has taken away by hand, or uses by now, is left alone.
    for kind, row_id in sorted(marked, reverse=True):
        with suppress(OperationRefused):
            _remove_one(club, kind, row_id, actor)
    with club.write() as work:
        work.db.execute(delete(DemoItem).where(DemoItem.club_id == work.club_id))
        journal.record(work, "club.demo_removed", actor, rows=len(marked))


def _remove_one(club: ClubContext, kind: str, row_id: int, actor: Actor) -> None:
    if kind == "zone":
        halls.delete_zone(club, zone_id=row_id, to_zone_id=None, actor=actor)
    elif kind == "hall":
        halls.delete_hall(club, hall_id=row_id, zones_to_hall_id=None, actor=actor)
    elif kind == "tariff":
        tariffs.retire(club, tariff_id=row_id, actor=actor)
    elif kind == "move":
        moving.take_back(club, move_id=row_id, actor=actor)
    elif kind == "application":
        applications.retire(club, application_id=row_id, actor=actor)
