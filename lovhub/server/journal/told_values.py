"""How a row's key and its values are written in a line of `Standing`, and read from one."""

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import JSON, Column

_SECRETS = {"password_hash"}
"""Columns of text of which only a hash is told, as of all bytes: what is told is kept for ever."""

SALTED = {
    "customer": {
        "login": ("login", "login_key"),
        "name": ("name", "name_key"),
        "phone": ("phone",),
        "password_hash": ("password_hash",),
        "birth_date": ("birth_date",),
        "age_document": ("age_document",),
    }
}
"""Table → columns about people, with those that are told under one name: by a hash of them under the row's `salt`.

Phones and dates could be guessed from a plain hash. With the salt, which goes when the person is forgotten, goes all
that the lines ever said of them; a new salt has all of these columns told anew.
"""

SALT = "salt"
"""What that column is called."""


def key_of(values: Sequence[Any]) -> str:
    """A key as it is told."""
    if len(values) == 1 and type(values[0]) is int:
        return f"[{values[0]}]"
    return json.dumps([*values], ensure_ascii=False, separators=(",", ":"))


def said(column: Column[Any], value: Any) -> Any:
    """A column's value as it is told: the same from SQLite and PostgreSQL, and nothing that opens anything."""
    match value:
        case bool():
            return int(value)
        case bytes() | memoryview():
            return _SECRET + hashlib.sha256(bytes(value)).hexdigest()
        case str() if column.name in _SECRETS:
            return _SECRET + hashlib.sha256(value.encode()).hexdigest()
        case str() if isinstance(column.type, JSON):
            with contextlib.suppress(ValueError, RecursionError):
                return json.loads(value)
    return value


class Reader:
    """How the rows of one table are told. `columns`: those that are asked for, in their order."""

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        table = columns[0].table
        at = {column.name: number for number, column in enumerate(columns)}
        groups = {
            name: [at[one] for one in group if one in at]
            for name, group in SALTED.get(table.name, {}).items()
            if name in at
        }
        self.told_as = {
            columns[number].name: name for name, group in groups.items() for number in group
        }
        """Column → under which name it is told."""
        self._plain = [
            (column.name, column, number)
            for number, column in enumerate(columns)
            if column.name not in self.told_as
        ]
        self.told_as |= {name: name for name, _column, _number in self._plain}
        self._groups = [(name, itemgetter(*group)) for name, group in groups.items()]
        self._salt = at.get(SALT)
        self.key_names = tuple(column.name for column in table.primary_key.columns)
        """What the columns of the key are called."""

    def read(self, row: Sequence[Any]) -> tuple[str, dict[str, Any]]:
        """The row's key, and its values by the names under which they are told."""
        found = {
            name: value
            if (value := row[number]) is None or type(value) is int
            else said(column, value)
            for name, column, number in self._plain
        }
        if self._groups:
            salt = None if self._salt is None else row[self._salt]
            key = bytes(salt)[:_LONGEST_SALT] if isinstance(salt, bytes | memoryview) else b""
            for name, of_group in self._groups:
                found[name] = _salted(name, of_group(row), key)
        return key_of([found[name] for name in self.key_names]), found


def _salted(name: str, told: Any, salt: bytes) -> Any:
    """A value, or several together. That nothing stands there is no secret."""
    if not told:
        return told
    words = f"{name} {told!r}".encode(errors="backslashreplace")
    return _SALTED + hashlib.blake2b(words, key=salt, digest_size=16).hexdigest()


_SECRET = "sha256:"
_SALTED = "salted:"
_LONGEST_SALT = 64


def is_secret(value: Any) -> bool:
    """Whether only a hash of it is told."""
    return isinstance(value, str) and value.startswith((_SECRET, _SALTED))


def written(values: Mapping[str, Any]) -> str:
    """What a line says."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def is_key(columns: Sequence[Column[Any]], key: str, values: Sequence[Any]) -> bool:
    """Whether a row may have this key: what somebody has left there may be anything, and is no row's."""
    return (
        len(values) == len(columns)
        and key_of(values) == key
        and all(
            type(value) is column.type.python_type
            and (value.isprintable() if isinstance(value, str) else abs(value) < BEYOND_ANY_COLUMN)
            for column, value in zip(columns, values, strict=True)
        )
    )


BEYOND_ANY_COLUMN = 2**63
"""No whole number of a row is that great."""


def listed(key: str) -> list[Any]:
    """The values of a key that was told; none, where somebody has left something else."""
    try:
        found = json.loads(key)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def parsed(told: str) -> dict[str, Any]:
    """What a line says; nothing, where somebody has left no JSON of it: the chain tells of that."""
    try:
        values = msgspec.json.decode(
            told
        )  # of thousands of lines: each name of a column is kept once
    except (msgspec.DecodeError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
