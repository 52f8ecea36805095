"""Databases of earlier versions, kept in `tests/server/database/kept`: what is in them, and what their books say.

`scripts/keep_database.py` makes one. What the books say is asked of the newest schema, in its own words: when a table
is renamed, the statement below is changed, and the figures beside the kept databases stay what they are.
"""

import gzip
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(__file__).resolve().parents[1] / "server" / "database" / "kept"

BOOKS = {
    # Kind of account, unit → how much lies in all of them, and in how many.
    "accounts": """
        SELECT account.kind || ' ' || account.unit, sum(balance.balance), count(*)
        FROM ledger_account AS account JOIN account_balance AS balance ON balance.account_id = account.id
        GROUP BY account.kind, account.unit ORDER BY 1""",
    # Kind of posting → how many there are, and what they moved.
    "postings": """
        SELECT posting.kind, count(DISTINCT posting.id), sum(transfer.amount)
        FROM ledger_posting AS posting JOIN ledger_transfer AS transfer ON transfer.posting_id = posting.id
        GROUP BY posting.kind ORDER BY 1""",
    # Customer → what they have.
    "customers": """
        SELECT customer.login, balance.balance, 1
        FROM customer JOIN account_balance AS balance ON balance.account_id = customer.balance_account_id
        ORDER BY 1""",
    # How each sitting ended → how many, and how long they played.
    "sittings": """
        SELECT state || ' ' || end_reason, count(*), sum(played_seconds)
        FROM play_session GROUP BY state, end_reason ORDER BY 1""",
    "journal": "SELECT kind, count(*), 1 FROM event GROUP BY kind ORDER BY 1",
    "launches": "SELECT 'all', count(*), coalesce(sum(ran_seconds), 0) FROM launch",
    "receipts": "SELECT 'all', count(receipt_number), coalesce(max(receipt_number), 0) FROM desk_posting",
}

Figures = dict[str, dict[str, list[int]]]


def figures(connection: Connection) -> Figures:
    """What the books of a club say, and how much of everything there is."""
    return {
        what: {
            str(name): [int(one), int(other)]
            for name, one, other in connection.execute(text(asked))
        }
        for what, asked in BOOKS.items()
    }


def write(database: Path, kept: Path) -> None:
    """Keep an SQLite database as compressed SQL."""
    with closing(sqlite3.connect(database)) as connection:
        lines = "\n".join(connection.iterdump())
    # Without the time: made again from the same rows, it is the same file.
    kept.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))


def read(kept: Path, database: Path) -> None:
    """Make the kept database at this path."""
    statements = gzip.decompress(kept.read_bytes()).decode()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(statements)


def all_kept() -> Iterable[Path]:
    """The kept databases, the oldest first."""
    return sorted(FOLDER.glob("*.sql.gz"))
