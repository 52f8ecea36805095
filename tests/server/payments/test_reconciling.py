"""Their registry against our books."""

from lovhub.server.payments.reconciling import (
    Comparison,
    Difference,
    Line,
    compare,
    read_registry,
)

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
