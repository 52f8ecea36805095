"""The newest transfers of one account are found by the account, also where going back through all looks cheaper."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, text

from lovhub.clock import ManualClock
from lovhub.server.customers import history, operations
from lovhub.server.customers.models import Customer
from tests.support.club import People, found_club


@pytest.mark.parametrize(
    "ask",
    [
        lambda db, one: history.movements(db, one.balance_account_id, before=None),
        lambda db, one: operations.of_customer(db, one.club_id, one.id),
    ],
    ids=["at the desk", "at the PC"],
)
def test_postgresql_goes_through_no_transfers_of_others(
    migrated_postgres_url: str, clock: ManualClock, ask: Callable[[Any, Customer], object]
) -> None:
    club = found_club(migrated_postgres_url, clock)
    customer_id = People(club).customer(balance_tiyn=100_00)
    said: list[tuple[str, Any]] = []
    with club.read() as db:
        customer = db.get_one(Customer, customer_id)
        connection = db.connection()
        # Of ways to get them in order only going back through all is left, if the statement allows it.
        for way in ("sort", "incremental_sort", "seqscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, told, values, *_: said.append((told, values)),
        )
        ask(db, customer)
        moved = [one for one in said if "ledger_transfer" in one[0]]
        assert len(moved) >= 2, "what came and what went"
        for told, values in moved:
            plan = connection.exec_driver_sql(f"EXPLAIN {told}", values).scalars().all()
            # By its number a transfer may be looked up there; the account's may not be looked for.
            looked_through = [
                line
                for line, below in pairwise([*plan, ""])
                if "pk_ledger_transfer" in line and "account_id" in below
            ]
            assert looked_through == []
    club.database.close()
