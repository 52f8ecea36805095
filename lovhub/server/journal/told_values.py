"""How a row's key and its values are written in a line of `Standing`, and read from one."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column

_SECRETS = {"password_hash"}
"""Columns of text of which only a hash is told, as of all bytes: what is told is kept for ever."""


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


_SECRET = "sha256:"


def is_secret(value: Any) -> bool:
    """Whether only a hash of it is told."""
    return isinstance(value, str) and value.startswith(_SECRET)


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
