"""Nothing changes a row that is held against the log in a way that the log does not hear of (`journal/standing.py`).

What a session of an operation adds, changes or removes, object by object or by a statement, is heard. Here the code is
read for ways around: statements said by the driver itself, by a connection, as text, or in a transaction that is no
operation. Whoever needs one of them for such a row must tell of it, or an honest club's check fails.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lovhub.server
from lovhub.server.database.tables import Base
from lovhub.server.journal.standing import WATCHED

SERVER = Path(lovhub.server.__file__).parent
MODELS = {mapper.class_.__name__: mapper.class_.__tablename__ for mapper in Base.registry.mappers}
WRITES = {"insert", "update", "delete"}
SAID = {"execute", "scalar", "scalars"}
IN_WORDS = re.compile(
    rf"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+({'|'.join(WATCHED)})\b(?:\s+SET\s+(\w+))?",
    re.IGNORECASE,
)
OUTSIDE_OF_OPERATIONS = {
    "context.py",  # makes them
    "database/migrate.py",  # a migration tells of it itself (tests/server/database/test_kept.py)
    "watching/readiness.py",  # writes what stands there
    "relocation/service.py",  # copies what was told with all else
}


def around(source: str) -> set[str]:
    """Ways around in this code."""
    tree = ast.parse(source)
    above = {inner: node for node in ast.walk(tree) for inner in ast.iter_child_nodes(node)}
    return {way for node in ast.walk(tree) for way in _ways(node, above)}


def _ways(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[row, *_]) if name in WRITES:
            if _may_be_watched(row) and not _is_said_by_a_session(node, above):
                yield f"{name}({ast.unparse(row)})"
        case ast.Call(
            func=ast.Attribute(attr="write" | "make" as act, value=ast.Name(id="new_rows"))
        ):
            row = node.args[0 if act == "make" else 1]
            if _may_be_watched(row):
                yield ast.unparse(row)
        case ast.Call(
            func=ast.Attribute(attr="add", value=ast.Name(id="new_rows")),
            args=[_, ast.Call(func=ast.Name() as row), *_],
        ) if _may_be_watched(row):
            yield ast.unparse(row)
        case ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="write", value=value))):
            if not ast.unparse(value).endswith(("club", "within(work)")):
                yield "a transaction"
        case ast.Attribute(attr=attr) if attr.startswith("bulk_") and attr != "bulk_token":
            yield attr
        case ast.Constant(value=str(words)) if _writes_what_is_held(words):
            yield words


def _writes_what_is_held(words: str) -> bool:
    return any(column not in WATCHED[table.lower()] for table, column in IN_WORDS.findall(words))


def _may_be_watched(row: ast.expr) -> bool:
    """Whether the model, or the table, that is named here is held against the log; of a variable nobody knows."""
    name = ast.unparse(row).removesuffix(".__table__").rsplit(".", 1)[-1]
    return MODELS.get(name, next(iter(WATCHED))) in WATCHED


def _is_said_by_a_session(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether the statement, with all that is hung on it, is what a session is asked to execute."""
    while isinstance(above[node], ast.Attribute) or (
        isinstance(over := above[node], ast.Call) and over.func is node
    ):
        node = above[node]
    match above[node]:
        case ast.Call(func=ast.Attribute(attr=attr, value=value), args=[first, *_]):
            return first is node and attr in SAID and ast.unparse(value).endswith("db")
    return False


def test_no_code_goes_around() -> None:
    found = {
        path.relative_to(SERVER).as_posix(): ways
        for path in sorted(SERVER.rglob("*.py"))
        if "migrations" not in path.parts and (ways := around(path.read_text(encoding="utf-8")))
    }
    assert {name for name, ways in found.items() if "a transaction" in ways} == (
        OUTSIDE_OF_OPERATIONS
    )
    others = {name: ways - {"a transaction"} for name, ways in found.items()}
    assert {name: ways for name, ways in others.items() if ways} == {
        # Thousands at once: it tells itself of them.
        "customers/bulk.py": {"insert(Customer)", "update(Customer)"},
        "database/new_rows.py": {"insert(table)"},  # whose rows: asked where it is called
    }


@pytest.mark.parametrize(
    "source",
    [
        "_PRICE = Change(update(Tariff).where(Tariff.id == bindparam('id')).values(price_tiyn=1))",
        "_NEW = Query(insert(Good).returning(Good.id))",
        "work.db.connection().execute(update(Staff).values(role='owner'))",
        "new_rows.write(work.db, Computer, name='x')",
        "new_rows.make(Computer, name='x')",
        "new_rows.add(work.db, Computer(name='x'))",
        "work.db.execute(text('UPDATE club SET debt_limit_tiyn = 1'))",
        "work.db.execute(text('delete from holiday'))",
        "with club.database.write() as db: db.add(Zone(name='x'))",
        "work.db.bulk_save_objects(rows)",
    ],
)
def test_who_goes_around_is_found(source: str) -> None:
    assert around(source)


@pytest.mark.parametrize(
    "source",
    [
        "work.db.execute(update(Staff).where(Staff.id == 1).values(same_as=None))",
        "db.scalars(delete(Holiday).where(Holiday.club_id == 1).returning(Holiday.day)).all()",
        "_NEW = Change(insert(PcCommand))",
        "work.db.connection().execute(insert(MovedCustomer), values)",
        "text('UPDATE computer SET journal_number = 1')",
    ],
)
def test_what_is_heard_or_not_held_is_let_be(source: str) -> None:
    assert around(source) == set()
