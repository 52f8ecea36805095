"""What a club has before anybody plays: PCs, prices, goods, people and customers."""

import json
import random
from dataclasses import dataclass, field
from itertools import groupby

from bench.filled.rows import Books, Events, Rows
from bench.filled.scale import DAY, Scale
from lovhub.server.computers.models import COMPUTERS_IN_A_ROW
from lovhub.server.search_key import search_key

NAMES = ("Айдар", "Ерлан", "Данияр", "Алия", "Тимур", "Мадина", "Олег", "Анна", "Руслан", "Жанна")
SURNAMES = ("Ахметов", "Ким", "Серик", "Иванов", "Омаров", "Ли", "Петров", "Нурлан", "Цой", "Бек")

EVERY_DEBTOR = 100
"""So many customers have one among them who plays in debt; customer 1 is one."""
EVERY_BONUS = 4
"""So many customers have one among them with bonuses; customer 1 is one."""
DEBT_LIMIT_TIYN = 5_000_00


@dataclass
class Club:
    """What is filled, with what all parts of the filling share."""

    scale: Scale
    now: int
    owner_id: int
    rows: Rows
    books: Books
    events: Events
    chance: random.Random
    balances: list[int] = field(default_factory=lambda: [0])
    debts: dict[int, int] = field(default_factory=dict)
    bonuses: dict[int, int] = field(default_factory=dict)
    cashiers: list[int] = field(default_factory=list)

    @property
    def start(self) -> int:
        """When the club opened."""
        return self.now - self.scale.days * DAY


def furnish(club: Club) -> None:
    """Halls, PCs, tariffs, applications, goods, groups and promotions."""
    rows, scale, at = club.rows, club.scale, club.start
    zones = min(10, scale.computers)
    for number in range(1, 1 + (zones + 4) // 5):
        rows.add("hall", id=number, club_id=1, name=f"Зал {number}", position=number, created_at=at)
    for number in range(1, zones + 1):
        rows.add(
            "zone", id=number, club_id=1, hall_id=1 + (number - 1) // 5, name=f"Зона {number}",
            position=number, created_at=at,
        )  # fmt: skip
    for number in range(1, scale.computers + 1):
        _computer(club, number, zones)
    for part, numbers in groupby(
        range(1, scale.computers + 1), lambda number: number // COMPUTERS_IN_A_ROW
    ):
        seen = json.dumps({str(number): club.now for number in numbers})
        rows.add("signs_of_life", club_id=1, part=part, seen=seen)
    for number in range(1, scale.tariffs + 1):
        rows.add(
            "tariff", id=number, club_id=1, title=f"Тариф {number}",
            seconds=3600 * (1 + number % 3), price_tiyn=50_000 * (1 + number % 3),
            position=number, created_at=at,
        )  # fmt: skip
        club.events.record("tariff.created", at, person=club.owner_id, title=f"Тариф {number}")
        for zone in range(1, zones + 1):
            rows.add("tariff_zone", tariff_id=number, zone_id=zone, sold=1, price_tiyn=60_000)
    for number in range(1, scale.applications + 1):
        rows.add(
            "application", id=number, club_id=1, title=f"Игра {number}",
            kind="program" if number % 6 == 0 else "game", exe_path=f"C:\\Games\\{number}.exe",
            arguments="[]", position=number, picture="", created_at=at,
        )  # fmt: skip
    for number in range(1, scale.goods + 1):
        rows.add(
            "good", id=number, club_id=1, title=f"Напиток {number}", price_tiyn=300_00 + number,
            created_at=at, retired_at=club.now if number % 8 == 0 else None,
        )  # fmt: skip
    for number in range(12):
        rows.add("holiday", club_id=1, day=f"2027-{number + 1:02}-01")
    _loyalty(club)


def _computer(club: Club, number: int, zones: int) -> None:
    rows = club.rows
    rows.add(
        "computer", id=number, club_id=1, name=f"ПК-{number}", number=number,
        zone_id=1 + number % zones, hostname=f"DESKTOP-{number}", public_key=bytes(32),
        token_hash=number.to_bytes(32, "big"), paired_at=club.start, journal_id="",
        journal_number=0, boot_id="", agent_version="0.1.0", operating_system="Windows 11",
        last_address="192.168.1.2", said_goodbye=0,
    )  # fmt: skip
    disks = [{"name": "C:", "size_bytes": 512 << 30, "free_bytes": 100 << 30}]
    networks = [{"name": "Ethernet", "mac": f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"}]
    rows.add(
        "pc_hardware", computer_id=number, club_id=1, changed_at=club.start,
        data=json.dumps({
            "cpu": "Core i5-13400F", "cores": 10, "memory_bytes": 16 << 30,
            "gpus": ["RTX 4060"], "disks": disks, "screens": ["1920×1080"], "networks": networks,
        }),
    )  # fmt: skip
    if number % 20 == 0:
        is_broken = number % 40 == 0
        rows.add(
            "computer_condition", computer_id=number, club_id=1,
            kind="broken" if is_broken else "kept", text="Мышь" if is_broken else "Ерлан",
            since_at=club.now - DAY, until_at=None if is_broken else club.now + 3600,
        )  # fmt: skip


def _loyalty(club: Club) -> None:
    rows, scale, at = club.rows, club.scale, club.start
    for number in range(1, scale.groups + 1):
        rows.add(
            "customer_group", id=number, club_id=1, name=f"Группа {number}",
            name_key=f"группа {number}", discount_percent=number, created_at=at,
        )  # fmt: skip
    rows.add("bonus_rules", club_id=1, is_on=1, share_percent=50, per_shift_tiyn=5_000_00)
    for number in range(1, 4):
        rows.add("bonus_step", club_id=1, from_tiyn=1_000_00 * number, percent=5 * number)
    for number in range(1, scale.promos + 1):
        rows.add(
            "promo", id=number, club_id=1, title=f"Акция {number}", kind="bonus",
            amount_tiyn=500_00, seconds=0, from_at=at, uses=0, created_at=at,
            stopped_at=None if number % 3 == 1 else club.now - DAY,
        )  # fmt: skip


def write_codes(club: Club, used: dict[int, int]) -> None:
    """The codes of all promotions, with how often each was used."""
    for promo in range(1, club.scale.promos + 1):
        for number in range(club.scale.codes_per_promo):
            code = first_code(club.scale, promo) + number
            club.rows.add(
                "promo_code", id=code, club_id=1, promo_id=promo, code=f"GIFT{code:06}",
                code_key=f"GIFT{code:06}", used=used.get(code, 0),
            )  # fmt: skip


def first_code(scale: Scale, promo: int) -> int:
    """The number of a promotion's first code."""
    return 1 + (promo - 1) * scale.codes_per_promo


def hire(club: Club) -> None:
    """Cashiers, one of whom has a customer's account, and the people who have gone."""
    scale, rows = club.scale, club.rows
    club.events.names[club.owner_id] = "Айгуль"
    for number in range(1, 1 + scale.cashiers * 3):
        staff_id = club.owner_id + number
        is_here = number <= scale.cashiers
        name = f"{NAMES[number % 10]} {number}"
        rows.add(
            "staff", id=staff_id, club_id=1, login=f"cashier{number}",
            login_key=f"cashier{number}", name=name, role="cashier", password_hash="",
            language="ru", created_at=club.start, disabled_at=None if is_here else club.now - DAY,
            customer_id=1 if number == 1 else None,
        )  # fmt: skip
        club.events.names[staff_id] = name
        if is_here:
            club.cashiers.append(staff_id)
    places = " ".join(f"192.168.{number}.0/24" for number in range(1, scale.networks + 1))
    rows.change(
        "UPDATE club SET staff_addresses = ?, on_without_session_minutes = 15, debt_limit_tiyn = ?",
        f"127.0.0.1 {places}",
        DEBT_LIMIT_TIYN,
    )


def register(club: Club) -> None:
    """Customers who have moved in with what they had, and their accounts."""
    scale, chance, rows, books = club.scale, club.chance, club.rows, club.books
    move = books.club["opening_balance"]
    for number in range(1, scale.customers + 1):
        is_debtor = number % EVERY_DEBTOR == 1
        money = 0 if is_debtor else chance.choice((0, 0, 500_00, 1_250_00, 3_000_00))
        account = books.tracked_account("customer_balance")
        club.balances.append(account)
        if is_debtor:
            limit = -DEBT_LIMIT_TIYN
            club.debts[number] = books.tracked_account("customer_debt", minimum=limit)
        if number % EVERY_BONUS == 1:
            club.bonuses[number] = books.tracked_account("customer_bonus")
        name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}"
        at = club.start + number * scale.days * DAY // (scale.customers + 1)
        group = number % 10
        rows.add(
            "customer", id=number, club_id=1, login=f"player{number}",
            login_key=f"player{number}", name=name, name_key=search_key(name),
            phone=f"+7701{number:07}", password_hash="", salt=chance.randbytes(16), balance_account_id=account,
            created_at=at, group_id=group if 1 <= group <= scale.groups else None,
            bonus_account_id=club.bonuses.get(number), debt_account_id=club.debts.get(number),
        )  # fmt: skip
        club.events.record("customer.registered", at, person=club.owner_id, customer=number)
        if money:
            books.post("opening_balance", club.start, [("tiyn", move, account, money)])
        rows.write_if_many()
    rows.add(
        "move", id=1, club_id=1, state="imported", file_name="clients.csv", content=b"",
        has_headings=1, columns="[]", created_at=club.start, created_by="Айгуль",
        imported_at=club.start, customers=scale.moved, left_out=0, balance_tiyn=0, seconds=0,
    )  # fmt: skip
    for number in range(1, scale.moved + 1):
        rows.add(
            "moved_customer", customer_id=number, move_id=1, line=number, balance_tiyn=0, seconds=0
        )
