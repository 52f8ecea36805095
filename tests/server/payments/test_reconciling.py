"""Their registry against our books."""

from lovhub.server.context import ClubContext
from lovhub.server.payments import bank
from lovhub.server.payments.models import Payment
from lovhub.server.payments.reconciling import (
    Comparison,
    Difference,
    Line,
    compare,
    read_registry,
)
from tests.support.club import OWNER

NOON = 1796022000  # 30.11.2026 12:00 in Almaty


def test_what_fits_and_what_does_not() -> None:
    ours = [
        Line(10, "A", 500_00, 1),
        Line(20, "B", 100_00, 2),
        Line(30, "C", 70_00, 3),
        Line(40, "A", -200_00, 1),
    ]
    theirs = [
        Line(11, "A", 500_00),
        Line(21, "B", 99_00),
        Line(41, "A", -150_00),
        Line(42, "A", -50_00),
        Line(50, "D", 5_00),
    ]
    assert compare(ours, theirs) == Comparison(
        470_00,
        404_00,
        2,
        (
            Difference("amount", "B", 20, 100_00, 99_00, 2),
            Difference("only_ours", "C", 30, 70_00, 0, 3),
            Difference("only_theirs", "D", 50, 0, 5_00),
        ),
    )
    assert compare([], []).differences == ()


def test_a_registry_is_read_by_its_headings() -> None:
    table = [
        ["Реестр платежей ТОО «Арена»"],
        [],
        ["№", "Дата операции", "Номер операции", "Сумма операции, тг", "Комиссия"],
        ["1", "30.11.2026 12:00:00", "0007654321", "10 000,00", "150"],
        ["2", "30.11.2026 12:00", "7654322.0", "-1,234.50", ""],
        ["", "", "Итого", "8 765,50", ""],
    ]
    assert read_registry(table) == [
        Line(NOON, "7654321", 10000_00),
        Line(NOON, "7654322", -1234_50),
    ]
    english = [["date", "transaction_id", "amount"], ["2026-11-30T12:00:00", "qr1", "10000.00"]]
    assert read_registry(english) == [Line(NOON, "QR1", 10000_00)]
    assert read_registry([["Имя", "Телефон"], ["a", "b"]]) is None


def test_the_database_counts_what_fits_and_gives_what_does_not(
    club: ClubContext, customer_id: int
) -> None:
    paid = {
        "1": (NOON, 500_00),
        "2": (NOON, 100_00),
        "0003": (NOON, 70_00),
        "4": (NOON, 30_00),
        "7": (NOON + 200, 1_00),
    }
    with club.write() as work:
        for number, (paid_at, amount_tiyn) in paid.items():
            work.db.add(
                Payment(
                    club_id=work.club_id, provider="kaspi", provider_ref=number,
                    merchant_ref=number, key=number, customer_id=customer_id,
                    amount_tiyn=amount_tiyn, paid_tiyn=amount_tiyn, state="review",
                    created_at=NOON, expires_at=NOON, paid_at=paid_at,
                )
            )  # fmt: skip
    lines = [
        Line(NOON, "1", 300_00),
        Line(NOON + 1, "1", 200_00),
        Line(NOON, "2", 99_00),
        Line(NOON, "3", 70_00),  # our number has zeros before it
        Line(NOON + 5, "5", 5_00),
        Line(NOON, "1", -50_00),
        Line(NOON + 100, "6", 1_00),  # after the period
        Line(NOON + 200, "7", 1_00),
    ]
    bank.keep_lines(club, file_name="registry.csv", lines=lines, actor=OWNER)
    with club.read() as db:
        found = bank.comparison(db, club.club_id, NOON, NOON + 100)
        all_fits = bank.comparison(db, club.club_id, NOON + 200, NOON + 300)
        nothing = bank.comparison(db, club.club_id, 0, 1)
    assert (found.ours_tiyn, found.theirs_tiyn, found.matched) == (700_00, 624_00, 2)
    assert {(one.kind, one.operation, one.at, one.ours_tiyn, one.theirs_tiyn) for one in found.differences} == {
        ("amount", "2", NOON, 100_00, 99_00),
        ("only_ours", "4", NOON, 30_00, 0),
        ("only_theirs", "5", NOON + 5, 0, 5_00),
        ("only_theirs", "1", NOON, 0, -50_00),
    }  # fmt: skip
    assert all_fits == Comparison(1_00, 1_00, 1, ())
    assert nothing == Comparison(0, 0, 0, ())
