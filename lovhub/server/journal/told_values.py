"""How a row's key and its values are written in a line of `Standing`, and read from one."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column

_SECRETS = {"password_hash"}
"""Columns of text of which only a hash is told, as of all bytes: what is told is kept for ever."""

SALTED = {
    "customer": frozenset(
        {
            "age_confirmed_at", "age_confirmed_by", "age_document", "birth_date", "login", "login_key", "name",
            "name_key", "password_hash", "phone",
        }
    )
}  # fmt: skip
"""Table → columns about people, of which only a hash under the row's own `salt` is told.

Phones and dates could be guessed from a plain hash. With the salt, which goes when the person is forgotten, goes all
that the lines ever said of them; a new salt has all of these columns told anew.
"""

SALT = "salt"
"""What that column is called."""


def key_of(values: Iterable[Any]) -> str:
    """A key as it is told."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


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


def all_said(columns: Sequence[Column[Any]], row: Sequence[Any]) -> dict[str, Any]:
    """A row's values in these columns of one table as they are told."""
    salted = SALTED.get(columns[0].table.name)
    if salted is None:
        return {one.name: said(one, value) for one, value in zip(columns, row, strict=True)}
    salt = next((value for one, value in zip(columns, row, strict=True) if one.name == SALT), None)
    key = bytes(salt)[:_LONGEST_SALT] if isinstance(salt, bytes | memoryview) else b""
    return {
        one.name: _salted(one.name, value, key) if one.name in salted else said(one, value)
        for one, value in zip(columns, row, strict=True)
    }


def _salted(name: str, value: Any, salt: bytes) -> Any:
    """A keyed hash; that nothing stands there is no secret."""
    if value is None or value == "":
        return value
    words = f"{name} {value!r}".encode(errors="backslashreplace")
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
        values = json.loads(told)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
