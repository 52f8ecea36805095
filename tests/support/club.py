"""A founded club on a fresh database, for tests of the server's domains."""

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub import config_loader
from lovhub.clock import Clock
from lovhub.server.actor import Actor
from lovhub.server.applications.models import Application
from lovhub.server.bus import Bus
from lovhub.server.club import service as club_service
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.data_folder import seal_key
from lovhub.server.database import tables  # noqa: F401 (a test of one domain needs all that it refers to)
from lovhub.server.database.engine import Database
from lovhub.server.database.row_seals import SealKey
from lovhub.server.halls.models import Hall, Zone
from lovhub.server.journal import standing
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE
from lovhub.server.ledger.service import Transfer
from lovhub.server.live import HallZone
from lovhub.server.search_key import search_key
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs.models import Tariff

OWNER = Actor(kind="staff", id=1, name="Айгуль", role="owner", address="127.0.0.1")
CASHIER = Actor(kind="staff", id=2, name="Данияр", role="cashier", address="127.0.0.1")


def found_club(url: str, clock: Clock, seal_key: SealKey = SealKey()) -> ClubContext:  # noqa: B008
    """Found the club in the migrated database at `url`, whose rows are sealed with this key."""
    return found_another_club(Database(url, seal_key), clock, club_id=1)


def database_in(folder: Path) -> Database:
    """The SQLite database of the club in this folder, with the club's own key."""
    config = config_loader.load(folder / config_loader.FILE_NAME)
    return Database(f"sqlite:///{folder / 'lovhub.sqlite3'}", seal_key(config))


def found_another_club(database: Database, clock: Clock, *, club_id: int) -> ClubContext:
    """Found a club in a migrated database, beside those already there."""
    club = ClubContext(
        database=database,
        clock=clock,
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=b"s" * 32,
        club_id=club_id,
    )
    with club.write() as work:
        club_service.found(work, name="Арена", time_zone="Asia/Almaty")
        ledger.open_club_accounts(work)
    return club


def without_hash(data: Mapping[str, object]) -> dict[str, object]:
    """What an event says, without the hash of the lines for which it vouches."""
    return {name: value for name, value in data.items() if name != standing.VOUCHED}


def lay_backups_in(club: ClubContext, second: Path) -> Path:
    """The club's backups go to this folder as well, which is made if need be."""
    second.mkdir(exist_ok=True)
    with club.read() as db:
        before = club_service.settings_of(club_service.get(db, club.club_id))
    club_service.change_settings(
        club, settings=replace(before, second_backup_folder=str(second)), actor=OWNER
    )
    return second


class People:
    """Makes customers, PCs and tariffs as rows, so that a test of one domain needs no other."""

    def __init__(self, club: ClubContext) -> None:
        self.club = club
        self._number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    def customer(self, *, balance_tiyn: int = 0, name: str = "Ерлан") -> int:
        """A customer with money, paid in cash."""
        number = self._next()
        with self.club.write() as work:
            account = ledger.open_account(work, CUSTOMER_BALANCE)
            customer = Customer(
                club_id=work.club_id,
                login=f"player{number}",
                login_key=f"player{number}",
                name=name,
                name_key=search_key(name),
                password_hash="",
                balance_account_id=account.id,
                created_at=work.now,
            )
            work.db.add(customer)
            ledger.post(
                work,
                key=f"opening:{number}",
                kind="top_up",
                transfers=[
                    Transfer(ledger.club_account(work, CASH), account, balance_tiyn),
                ],
                actor=OWNER,
            )
            work.db.flush()
            return customer.id

    def computer(self, name: str = "") -> int:
        """A paired PC."""
        number = self._next()
        with self.club.write() as work:
            computer = Computer(
                club_id=work.club_id,
                name=name or f"ПК-{number}",
                hostname=f"DESKTOP-{number}",
                public_key=bytes(32),
                token_hash=secrets.token_bytes(32),
                paired_at=work.now,
            )
            work.db.add(computer)
            work.db.flush()
            return computer.id

    def zone(self, name: str = "VIP") -> HallZone:
        """A zone in a hall of its own."""
        with self.club.write() as work:
            hall = Hall(club_id=work.club_id, name="Зал", position=0, created_at=work.now)
            work.db.add(hall)
            work.db.flush()
            zone = Zone(
                club_id=work.club_id,
                hall_id=hall.id,
                name=name,
                position=0,
                created_at=work.now,
            )
            work.db.add(zone)
            work.db.flush()
            return HallZone(zone.id, name, hall.id, hall.name)

    def tariff(self, *, seconds: int = 3600, price_tiyn: int = 50_000, title: str = "1 час") -> int:
        """A tariff on sale."""
        with self.club.write() as work:
            tariff = Tariff(
                club_id=work.club_id,
                title=title,
                seconds=seconds,
                price_tiyn=price_tiyn,
                created_at=work.now,
            )
            work.db.add(tariff)
            work.db.flush()
            return tariff.id

    def application(self, *, title: str = "Counter-Strike 2", kind: str = "game") -> int:
        """A program on offer."""
        with self.club.write() as work:
            application = Application(
                club_id=work.club_id,
                title=title,
                kind=kind,
                exe_path="C:\\Games\\cs2.exe",
                arguments=[],
                created_at=work.now,
            )
            work.db.add(application)
            work.db.flush()
            return application.id

    def balance_tiyn(self, customer_id: int) -> int:
        """What the customer has."""
        with self.club.read() as db:
            return ledger.balance(db, db.get_one(Customer, customer_id).balance_account_id)

    def session(self, session_id: int) -> PlaySession:
        """The session's row, detached."""
        with self.club.read() as db:
            return db.get_one(PlaySession, session_id)


def data_folder(club: ClubContext) -> Path:
    """The folder that the club's embedded database lies in; on PostgreSQL one that goes with the tests."""
    url = club.database.engine.url
    if club.database.is_sqlite:
        return Path(str(url.database)).parent
    return _folder_beside(str(url))


@cache
def _folder_beside(_url: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lovhub-club-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
