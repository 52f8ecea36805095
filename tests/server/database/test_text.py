from sqlalchemy import String, column, not_, or_
from sqlalchemy.dialects import sqlite

from lovhub.server.database.text import holds


def test_what_is_held_is_asked_of_sqlite_once_a_text() -> None:
    name, login = column("name", String()), column("login", String())
    either = or_(holds(name, "а"), holds(login, "а"))
    assert str(either.compile(dialect=sqlite.dialect())) == (
        "(instr(name, ?) > 0) OR (instr(login, ?) > 0)"
    )
    neither = not_(holds(name, "а"))
    assert str(neither.compile(dialect=sqlite.dialect())) == "(instr(name, ?) > 0) = 0"
