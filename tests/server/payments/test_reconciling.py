"""Their registry against our books."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.payments import bank, comparing, rules
from lovhub.server.payments.models import Payment
from lovhub.server.payments.reconciling import (
    Comparison,
    Difference,
    Line,
    Told,
    compare,
    read_registry,
)
from tests.support.club import OWNER
from tests.support.statements import asked

NOON = 1796022000  # 30.11.2026 12:00 in Almaty
DAY = date(2026, 11, 30)
ALL_TOLD = Told(frozenset(), frozenset(), frozenset(), {rules.bank_day(0): 50})


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
    assert compare(ours, theirs, ALL_TOLD) == Comparison(
        470_00,
        404_00,
        2,
        (
            Difference("amount", "B", 20, 100_00, 99_00, 2),
            Difference("only_ours", "C", 30, 70_00, 0, 3),
            Difference("only_theirs", "D", 50, 0, 5_00),
        ),
    )
    assert compare([], [], ALL_TOLD).differences == ()


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, "to_upload"),
        ({"to_ask": {"C"}}, "to_ask"),
        ({"by_answer": {("C", False)}}, "only_ours"),
        ({"by_answer": {("C", True)}}, "to_upload"),
        ({"by_answer": {("C", False)}, "to_ask": {"C"}}, "to_ask"),  # a refund since then
        ({"by_registry": {"C"}, "to_ask": {"C"}}, "only_ours"),
        ({"registry_until": {DAY: NOON}}, "only_ours"),
        ({"registry_until": {DAY: NOON - 1}}, "to_upload"),  # it was uploaded before the payment
        ({"registry_until": {DAY - timedelta(1): NOON}}, "to_upload"),
    ],
)
def test_of_what_nobody_has_told_nothing_is_said(told: dict[str, Any], kind: str) -> None:
    nobody = Told(frozenset(), frozenset(), frozenset(), {})
    found = compare([Line(NOON, "C", 70_00, 3)], [], replace(nobody, **told))
    assert [one.kind for one in found.differences + found.waiting] == [kind]
    assert (found.waiting_tiyn, bool(found.differences)) == (
        (0, True) if kind == "only_ours" else (70_00, False)
    )


def test_what_came_in_one_second_stands_by_its_numbers_however_it_was_found() -> None:
    theirs = [Line(NOON, operation, 70_00) for operation in "FBDACE"]
    found = compare([], theirs, ALL_TOLD)
    assert "".join(one.operation for one in found.differences) == "ABCDEF"


def test_more_of_theirs_than_of_ours_is_a_difference_at_once() -> None:
    asked_tonight = Told(frozenset(), frozenset({("A", True)}), frozenset({"A"}), {})
    [found] = compare([Line(NOON, "A", -100)], [Line(NOON, "A", -300)], asked_tonight).differences
    assert found.kind == "amount"


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
        known: Any = {"now": NOON + 24 * 3600, "asked_at_night": ()}
        found = bank.comparison(db, club.club_id, NOON, NOON + 100, **known)
        all_fits = bank.comparison(db, club.club_id, NOON + 200, NOON + 300, **known)
        nothing = bank.comparison(db, club.club_id, 0, 1, **known)
        by_noon = bank.comparison(db, club.club_id, NOON, NOON + 100, **{**known, "now": NOON})
        [too_early] = [one for one in by_noon.differences if one.kind == "only_ours"]
        assert too_early.operation == "4"  # the registry's last line is later
    assert (found.ours_tiyn, found.theirs_tiyn, found.matched) == (700_00, 624_00, 2)
    assert {(one.kind, one.operation, one.at, one.ours_tiyn, one.theirs_tiyn) for one in found.differences} == {
        ("amount", "2", NOON, 100_00, 99_00),
        ("only_ours", "4", NOON, 30_00, 0),
        ("only_theirs", "5", NOON + 5, 0, 5_00),
        ("only_theirs", "1", NOON, 0, -50_00),
    }  # fmt: skip
    assert all_fits == Comparison(1_00, 1_00, 1, ())
    assert nothing == Comparison(0, 0, 0, ())


def test_a_registry_that_is_called_like_an_answer_is_a_registry_all_the_same(
    club: ClubContext,
) -> None:
    bank.keep_lines(club, file_name="?", lines=[Line(NOON, "A", 5_00)], actor=OWNER)
    with club.read() as db:
        days = comparing.registry_days(db, club.club_id, [NOON, NOON + 200 * 24 * 3600], NOON + 60)
    assert days == {DAY: NOON}


def test_the_registries_of_a_year_are_asked_for_in_a_few_statements(club: ClubContext) -> None:
    year = [NOON + day * 24 * 3600 for day in range(366)]
    with asked(club) as told, club.read() as db:
        assert comparing.registry_days(db, club.club_id, year, NOON) == {}
    assert len(told) == 4
