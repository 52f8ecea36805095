"""The books as another program reads them: hledger recomputes every balance from what we export."""

import csv
import subprocess
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.ledger import export
from lovhub.server.ledger.accounts import ALL_KINDS
from lovhub.server.ledger.models import AccountBalance, LedgerAccount
from tests.support.club import OWNER, People
from tests.support.month import Month
from tests.support.programs import find_program


def exported(club: ClubContext, folder: Path) -> Path:
    file = folder / "books.journal"
    with club.read() as db:
        file.write_text("\n".join(export.journal(db, club.club_id)) + "\n", encoding="utf-8")
    return file


def hledger(file: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [find_program("hledger", "hledger"), "--file", str(file), *words],
        capture_output=True,
        encoding="utf-8",
        env={"LANG": "C.UTF-8"},
        timeout=60,
        check=False,
    )


def balances(file: Path) -> dict[str, str]:
    told = hledger(file, "balance", "--flat", "--no-total", "--output-format=csv", "--empty")
    assert told.returncode == 0, told.stderr
    return dict(list(csv.reader(told.stdout.splitlines()))[1:])


def test_a_month_of_the_club_balances_in_hledger_as_in_our_books(
    club: ClubContext, clock: ManualClock, people: People, tmp_path: Path
) -> None:
    Month(club, clock, people).play(3)
    file = exported(club, tmp_path)
    checked = hledger(file, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    told = balances(file)
    with club.read() as db:
        names = export._account_names(db, [club.club_id])
        kept = {
            account.id: db.get_one(AccountBalance, account.id).balance
            for account in db.query(LedgerAccount).all()
        }
    cash = next(account_id for account_id, name in names.items() if name == "assets:cash")
    assert kept[cash] < 0, "something was taken"
    assert len(told) == len(names)
    for account_id, name in names.items():
        number = int(told[name].split()[0].replace(".", ""))
        assert number == -kept[account_id], name


def test_a_changed_figure_is_refused(club: ClubContext, people: People, tmp_path: Path) -> None:
    people.customer(balance_tiyn=1_500_50)
    file = exported(club, tmp_path)
    assert hledger(file, "check", "--strict").returncode == 0
    text = file.read_text(encoding="utf-8")
    assert text.count("1500.50 KZT") > 2
    file.write_text(text.replace("1500.50 KZT", "1500.51 KZT", 2), encoding="utf-8")
    assert "assertion" in hledger(file, "check", "--strict").stderr


@pytest.mark.parametrize(
    "reason",
    ["подарок\n2026-01-01 * gift\n    assets:cash  9 KZT\n    x", "  ; = ₸ | «»", "\u2028x"],
)
def test_what_people_typed_becomes_no_entry(
    club: ClubContext, people: People, tmp_path: Path, reason: str
) -> None:
    customer = people.customer()
    customers.give_time(
        club, customer_id=customer, seconds=3600, title="", reason=reason, key="gift", actor=OWNER
    )
    file = exported(club, tmp_path)
    checked = hledger(file, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert balances(file)["assets:cash"] == "0"


def test_every_kind_of_account_has_a_place() -> None:
    assert export.PLACES.keys() == ALL_KINDS.keys()
    assert len(set(export.PLACES.values())) == len(export.PLACES)


def test_an_empty_club_is_a_journal_too(club: ClubContext, tmp_path: Path) -> None:
    assert hledger(exported(club, tmp_path), "check", "--strict").returncode == 0
