"""Two databases after the same story, held against each other row by row, whatever numbers their rows have got.

A row's number is replaced by its place among the rows of its table, here and wherever it is named, since a transaction
that was cut short uses up numbers on PostgreSQL. What is drawn by lot, and so differs each time, is left out.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table, select

from lovhub.server.database.base import Base
from lovhub.server.database.engine import Database
from lovhub.server.database.sealed_tables import ROW_SEAL

Told = Mapping[str, list[str]]
"""Table → its rows, as far as they must be the same."""

Places = Mapping[Column[Any], Mapping[int, int]]
"""Column that numbers rows → number → place."""

DRAWN_BY_LOT = frozenset(
    {"customer.password_hash", "customer.salt", "fiscal_document.key", "payment.merchant_ref"}
)

_HASHED = re.compile(
    r"""salted:\w{32}|(?<='salt', ')sha256:\w{64}|(?<='standing': ')\w{64}|(?<='row': ')\w{32}"""
)
"""What is told of it under such a salt, and the hashes of rows and lines in which that or a row's number stands."""

LEASES = "how often each sitting's lease was signed"
"""Instead of a table. Asked the same again, the server signs anew what is left, and nothing else changes."""

_COUNT_LEASES = ("lease_serial", "revision")
_SITTINGS = "play_session"
_LINES = "standing"


def told(database: Database) -> Told:
    """Everything in the database that another one must hold as well after the same story."""
    with database.engine.connect() as connection:
        rows = {
            table: connection.execute(select(table)).mappings().all()
            for table in Base.metadata.sorted_tables
        }
    places = {
        number: {value: place for place, value in enumerate(sorted(row[number] for row in found))}
        for table, found in rows.items()
        for number in table.primary_key.columns
        if len(table.primary_key.columns) == 1 and not number.foreign_keys
    }
    tables = {
        table.name: sorted(
            _HASHED.sub(
                "", repr([_told(column, row[column], places) for column in _compared(table)])
            )
            + (_of_lines(row, places) if table.name == _LINES else "")
            for row in found
        )
        for table, found in rows.items()
    }
    sittings = Base.metadata.tables[_SITTINGS]
    leases = sorted(
        repr([places[sittings.c.id][row["id"]], *map(row.get, _COUNT_LEASES)])
        for row in rows[sittings]
    )
    return tables | {LEASES: leases}


def _of_lines(line: Mapping[Any, Any], places: Places) -> str:
    """What a line says of a row, which is named there by its number as well."""
    columns = Base.metadata.tables[line["table_name"]].columns
    key = zip((one for one in columns if one.primary_key), json.loads(line["row_key"]), strict=True)
    told = json.loads(line["told"] or "{}")
    said = [(columns[name], value) for name, value in sorted(told.items())]
    return _HASHED.sub(
        "", repr([(one.name, _told(one, value, places)) for one, value in [*key, *said]])
    )


def differences(first: Told, second: Told, *, but: str = "") -> list[str]:
    """Rows that only one of them has, each with its table; nothing is said of the table `but`."""
    return [
        f"{sign} {table} {row}"
        for table, rows in first.items()
        if table != but
        for sign, only in (
            ("-", Counter(rows) - Counter(second[table])),
            ("+", Counter(second[table]) - Counter(rows)),
        )
        for row in only
    ]


def _compared(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if f"{table.name}.{column.name}" not in DRAWN_BY_LOT
        and column.name
        != ROW_SEAL  # of the row's numbers, which differ; the check has looked at it
        and not (table.name == _SITTINGS and column.name in _COUNT_LEASES)
        and not (table.name == _LINES and column.name in {"row_key", "told"})
    ]


def _told(column: Column[Any], value: Any, places: Places) -> Any:
    named = next((key.column for key in column.foreign_keys), column)
    return places[named].get(value, value) if named in places else value
