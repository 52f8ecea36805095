"""What a document says of an operation's money, and when it is sent again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.fiscal import rules
from lovhub.server.fiscal.rules import Moved, Totals

MOVED = st.lists(
    st.builds(
        Moved,
        posting_id=st.integers(1, 9),
        way=st.sampled_from(rules.WAYS),
        amount_tiyn=st.integers(-(10**9), 10**9),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("moved", "found"),
    [
        ([], []),
        ([Moved(7, "cash", 1000)], [Totals("sale", 7, cash_tiyn=1000)]),
        (
            [Moved(7, "cash", 600), Moved(8, "kaspi", 400)],
            [Totals("sale", 7, cash_tiyn=600, kaspi_tiyn=400)],
        ),
        ([Moved(9, "card", -500)], [Totals("refund", 9, card_tiyn=500)]),
        (
            [Moved(9, "cash", -500), Moved(10, "cash", 700)],
            [Totals("sale", 10, cash_tiyn=700), Totals("refund", 9, cash_tiyn=500)],
        ),
    ],
)
def test_one_document_of_what_came_and_one_of_what_went(
    moved: list[Moved], found: list[Totals]
) -> None:
    assert rules.documents(moved) == found


@given(MOVED)
def test_documents_say_all_that_moved_and_nothing_else(moved: list[Moved]) -> None:
    found = rules.documents(moved)
    signs = {"sale": 1, "refund": -1}
    assert sum(one.total_tiyn * signs[one.kind] for one in found) == sum(
        one.amount_tiyn for one in moved
    )
    assert all(one.total_tiyn > 0 for one in found)


@pytest.mark.parametrize(
    ("total", "percent", "tax"),
    [
        (112000, 12, 12000),
        (100000, 12, 10714),
        (100, 16, 14),
        (1, 12, 0),
        (100, None, 0),
        (100, 0, 0),
    ],
)
def test_the_tax_in_a_total(total: int, percent: int | None, tax: int) -> None:
    assert rules.vat_tiyn(total, percent) == tax


def test_the_pauses_grow_to_an_hour_and_no_further() -> None:
    assert [rules.pause_seconds(attempts) for attempts in (0, 1, 2, 3, 4)] == [5, 5, 10, 20, 40]
    assert rules.pause_seconds(11) == rules.pause_seconds(10_000) == 3600
