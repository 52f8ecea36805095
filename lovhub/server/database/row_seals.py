"""A seal in each row for which neither the books nor the log vouch: who edits it in the file is found.

The seal is a hash of the row under a key made of the server's `SecretKey`, which does not lie in the database. The
database itself writes it, by triggers that ask the program's connections for it: no statement, however it is said,
leaves a row unsealed. A row that is changed is sealed anew only where it was sealed rightly before, so that the program
vouches for no edit of somebody else's.

A seal begins with the number of the club whose server wrote it: each club of a chain in one database has a key of its
own, and holds its own seals against it. What is NULL is in no seal: a column that comes later, empty, disturbs none.
"""

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from lovhub.server.database.base import Base
from lovhub.server.database.sealed_tables import ONLY_WHERE, ROW_SEAL, SEALED

_OWNER_BYTES = 4
_PURPOSE = b"lovhub row seals"
_BLOCK_BYTES = 64


@dataclass(frozen=True)
class SealKey:
    """What a club's server seals rows with. `secret`: its `SecretKey`."""

    secret: bytes = field(default=b"", repr=False)
    club_id: int = 1

    def teach_sqlite(self, connection: sqlite3.Connection) -> None:
        """Let this connection of the driver's write rows that are sealed, and look at their seals."""
        owner = _owner(self.club_id)
        keyed = hashlib.blake2b(key=self._key(), digest_size=16)

        def seal(head: str, *values: object) -> bytes:
            if None in values:
                head = _without(head, tuple([one is None for one in values]))
                values = tuple([one for one in values if one is not None])
            hashed = keyed.copy()
            hashed.update(f"{head}{values}".encode())
            return owner + hashed.digest()

        connection.create_function("lovhub_seal", -1, seal, deterministic=True)
        connection.create_function("lovhub_club_of_seals", 0, lambda: self.club_id)

    def teach_postgres(self, connection: Any) -> None:
        """The same for PostgreSQL, which computes HMAC-SHA256 from the two halves of the key."""
        key = self._key().ljust(_BLOCK_BYTES, b"\0")
        inner, outer = (bytes(one ^ pad for one in key).hex() for pad in (0x36, 0x5C))
        connection.execute(
            "SELECT set_config('lovhub.seal_inner', %s, false), set_config('lovhub.seal_outer', %s, false),"
            " set_config('lovhub.seal_club', %s, false)",
            (inner, outer, str(self.club_id)),
        )
        connection.commit()

    def _key(self) -> bytes:
        return hmac.digest(self.secret, _PURPOSE, hashlib.sha256)


def _owner(club_id: int) -> bytes:
    return club_id.to_bytes(_OWNER_BYTES)


@cache
def _without(head: str, is_nothing: tuple[bool, ...]) -> str:
    """A table and its columns, without those that hold nothing."""
    table, *names = head.split()
    return " ".join((table, *(name for name, no in zip(names, is_nothing, strict=True) if not no)))


def columns_of(table: Table) -> tuple[str, ...]:
    """What the seal of its rows holds: the key, and what SEALED names."""
    wanted = SEALED[table.name]
    return tuple(
        column.name
        for column in table.columns
        if column.name != ROW_SEAL and (not wanted or column.primary_key or column.name in wanted)
    )


def trigger_names(dialect: str) -> set[str]:
    """The names of all triggers by which rows are sealed."""
    endings = ("sealed_new", "sealed_anew") if dialect == "sqlite" else ("sealed",)
    return {f"{table}_{ending}" for table in SEALED for ending in endings}


def prepare_statements(dialect: str) -> list[str]:
    """SQL that is said once, before any table's `create_statements`."""
    return [] if dialect == "sqlite" else [_POSTGRES_SEAL, _POSTGRES_CLUB]


def create_statements(dialect: str, table: str, columns: Sequence[str]) -> list[str]:
    """SQL that has the rows of `table`, which has a column for it, sealed from now on: what these columns say.

    A migration names its tables and columns itself: it must go on doing what it did when SEALED has grown.
    """
    old, new = (_sealed(dialect, table, columns, row) for row in ("OLD.", "NEW."))
    listed = ", ".join(map(_quoted, columns))
    if dialect == "sqlite":
        is_row = "WHERE rowid = NEW.rowid"
        sealed = f"BEGIN UPDATE {table} SET {ROW_SEAL} ="  # noqa: S608 (names of ours)
        return [
            f"CREATE TRIGGER {table}_sealed_new AFTER INSERT ON {table} {sealed} {new} {is_row}; END",
            (
                f"CREATE TRIGGER {table}_sealed_anew AFTER UPDATE OF {listed} ON {table}"
                f" {sealed} {_anew(dialect, old, new)} {is_row}; END"
            ),
        ]
    made = f"CASE WHEN TG_OP = 'INSERT' THEN {new} ELSE {_anew(dialect, old, new)} END"
    function = f"lovhub_seal_row_of_{table}()"
    return [
        (
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN NEW.{ROW_SEAL} := {made}; RETURN NEW; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_sealed BEFORE INSERT OR UPDATE OF {listed} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}"
        ),
    ]


def seal_statement(dialect: str, table: str, columns: Sequence[str]) -> str:
    """SQL that seals all rows of a table as they are."""
    return f"UPDATE {table} SET {ROW_SEAL} = {_sealed(dialect, table, columns)}"  # noqa: S608 (names of ours)


def odd(db: Session) -> Iterator[tuple[Table, list[tuple[Any, ...]]]]:
    """Each table and the keys of its rows whose seal is none of ours, in their order; without those that have none."""
    for name in SEALED:
        if found := odd_of(db, name):
            yield Base.metadata.tables[name], found


def odd_of(db: Session, name: str) -> list[tuple[Any, ...]]:
    """The keys of the rows of this table whose seal is none of ours, in their order."""
    connection = db.connection()
    table = Base.metadata.tables[name]
    keys = ", ".join(f"{table.name}.{_quoted(one.name)}" for one in table.primary_key.columns)
    which = _odd(connection.dialect.name, table, _owners_elsewhere(connection))
    found = connection.exec_driver_sql(f"SELECT {keys} FROM {name} WHERE {which}")  # noqa: S608
    return sorted((tuple(row) for row in found), key=repr)


def own_club(db: Session) -> int:
    """The club whose server this is."""
    number: int = db.connection().exec_driver_sql("SELECT lovhub_club_of_seals()").scalar_one()
    return number


def number_of_sealed(db: Session) -> int:
    """How many rows this club's server is to have sealed."""
    connection = db.connection()
    others = _owners_elsewhere(connection)
    is_ours = _is_ours(connection.dialect.name, others)
    return sum(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM {name} WHERE {is_ours} AND {_bears_one(name)}"  # noqa: S608
        ).scalar_one()
        for name in SEALED
    )


def seal_anew(db: Session) -> int:
    """Take all odd rows for what they are; returns how many they were."""
    connection = db.connection()
    dialect, others = connection.dialect.name, _owners_elsewhere(connection)
    return sum(
        connection.exec_driver_sql(
            f"{seal_statement(dialect, name, columns_of(table))} WHERE {_odd(dialect, table, others)}"
        ).rowcount
        for name in SEALED
        for table in [Base.metadata.tables[name]]
    )


def break_seals(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """Leave these rows without a seal: of what was odd elsewhere nobody shall believe that it is right here."""
    names = list(table.primary_key.columns)
    for key in keys:
        is_row = [column == value for column, value in zip(names, key, strict=True)]
        connection.execute(table.update().where(*is_row).values({ROW_SEAL: None}))


def _odd(dialect: str, table: Table, others: Sequence[int]) -> str:
    made = _sealed(dialect, table.name, columns_of(table))
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return f"{_is_ours(dialect, others)} AND {ROW_SEAL} {differs} {made}"


def _is_ours(dialect: str, others: Sequence[int]) -> str:
    """That no other club of the chain vouches for a row."""
    if not others:
        return "1 = 1"
    if dialect == "sqlite":
        owners = ", ".join(f"X'{_owner(one).hex()}'" for one in others)
    else:
        owners = ", ".join(rf"'\x{_owner(one).hex()}'::bytea" for one in others)
    return f"({ROW_SEAL} IS NULL OR substr({ROW_SEAL}, 1, {_OWNER_BYTES}) NOT IN ({owners}))"


def _owners_elsewhere(connection: Connection) -> list[int]:
    asked = "SELECT id FROM club WHERE id <> lovhub_club_of_seals() ORDER BY id"
    return list(connection.exec_driver_sql(asked).scalars())


def _sealed(dialect: str, table: str, columns: Sequence[str], row: str = "") -> str:
    """The seal of a row as an expression of SQL; NULL, where it is to bear none."""
    if dialect == "sqlite":
        head = " ".join((table, *columns))
        seal = f"lovhub_seal('{head}', {', '.join(f'{row}{_quoted(one)}' for one in columns)})"
    else:
        pairs = ", ".join(f"'{one}', {row}{_quoted(one)}::text" for one in columns)
        seal = f"lovhub_seal('{table}' || jsonb_strip_nulls(jsonb_build_object({pairs}))::text)"
    return f"CASE WHEN {_bears_one(table, row)} THEN {seal} END" if table in ONLY_WHERE else seal


def _bears_one(table: str, row: str = "") -> str:
    """Which rows of the table are to bear a seal."""
    return ONLY_WHERE.get(table, "1 = 1").format(row=row or f"{table}.")


def _anew(dialect: str, old: str, new: str) -> str:
    """The seal of a changed row: none, where somebody had edited it before. Another club's is taken as it is."""
    before = f"OLD.{ROW_SEAL}"
    owner = f"substr({before}, 1, {_OWNER_BYTES})"
    is_club = (
        f"printf('%08X', id) = hex({owner})"
        if dialect == "sqlite"
        else f"int4send(id::int) = {owner}"
    )
    is_there = f"EXISTS (SELECT 1 FROM club WHERE {is_club})"  # noqa: S608 (names of ours)
    is_elsewhere = f"{owner} <> substr({new}, 1, {_OWNER_BYTES}) AND {is_there}"
    return f"CASE WHEN {before} = {old} THEN {new} WHEN {is_elsewhere} THEN {new} END"


def _quoted(name: str) -> str:
    return f'"{name}"'


_POSTGRES_SEAL = (
    "CREATE FUNCTION lovhub_seal(told text) RETURNS bytea LANGUAGE sql STABLE AS $$ "
    "SELECT int4send(current_setting('lovhub.seal_club')::int) || substring(sha256("
    "decode(current_setting('lovhub.seal_outer'), 'hex') || sha256("
    "decode(current_setting('lovhub.seal_inner'), 'hex') || convert_to(told, 'UTF8'))) FROM 1 FOR 16) $$"
)
_POSTGRES_CLUB = (
    "CREATE FUNCTION lovhub_club_of_seals() RETURNS int LANGUAGE sql STABLE AS "
    "$$ SELECT current_setting('lovhub.seal_club')::int $$"
)
