"""Values of the right shape with something wrong in them: what a careless program, or somebody clever, would send."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from lovhub.protocol.codec import ProtocolError

Target = tuple[st.SearchStrategy[Any], Callable[[Any], None]]
"""What is sent, and who takes it in."""

HUGE = 2**63
NUMBERS = st.sampled_from([0, 1, -1, 2, 7, 100, 2**31, HUGE - 1, HUGE, -HUGE - 1, 10**30])
TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "\0", "ё" * 3, "1e999", "-0", "NaN", "'; --", "<b>", "٣", "A" * 5000]
    ),
    st.text(max_size=20),
)
JUNK = st.one_of(
    NUMBERS,
    TEXTS,
    st.none(),
    st.booleans(),
    st.floats(),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [[[[[[]]]]]]),
)


def shaped(kind: Any) -> st.SearchStrategy[Any]:
    """Plain values (as JSON has them) that fit a type of `msgspec`."""
    return _shaped(inspect.type_info(kind))


def _shaped(kind: inspect.Type) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0912 (one case for each kind of type)
    match kind:
        case inspect.StructType(fields=fields, tag_field=tag_field, tag=tag):
            said = {field.encode_name: _shaped(field.type) for field in fields}
            needed = {
                name: said[name] for name, field in zip(said, fields, strict=True) if field.required
            }
            free = {name: value for name, value in said.items() if name not in needed}
            if tag_field is not None:
                needed[tag_field] = st.just(tag)
            return st.fixed_dictionaries(needed, optional=free)
        case inspect.UnionType(types=types):
            return st.deferred(lambda: st.one_of(*map(_shaped, types)))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.one_of(st.integers(0, 5), NUMBERS)
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.StrType():
            return TEXTS
        case inspect.BytesType():
            return st.binary(max_size=40).map(msgspec.to_builtins)
        case inspect.NoneType():
            return st.none()
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return st.lists(_shaped(item), max_size=3)
        case inspect.SetType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return st.lists(_shaped(item), max_size=3)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_shaped, items)).map(list)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_shaped(key), _shaped(value), max_size=3)
        case inspect.AnyType() | inspect.RawType():
            return JUNK
    raise TypeError(f"a type of the protocol that the fuzzer does not know: {kind}")


@st.composite
def spoilt(draw: st.DrawFn, good: st.SearchStrategy[Any]) -> Any:
    """A good value with up to three of its parts replaced, taken away or added."""
    value = draw(good)
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(value))
        if not places:
            return draw(JUNK)
        holder, key = draw(st.sampled_from(places))
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "replace":
            holder[key] = draw(JUNK)
        elif what == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            holder[draw(TEXTS)] = draw(JUNK)
        else:
            holder.append(draw(JUNK))
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = (
        list(value)
        if isinstance(value, dict)
        else list(range(len(value)))
        if isinstance(value, list)
        else []
    )
    for key in keys:
        yield value, key
        yield from _places(value[key])


@st.composite
def torn(draw: st.DrawFn, good: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of which, one time in two, a piece is missing, doubled or other."""
    data = draw(good)
    if not data or draw(st.booleans()):
        return data
    start = draw(st.integers(0, len(data) - 1))
    end = draw(st.integers(start, min(len(data), start + 40)))
    return (
        data[:start]
        + draw(st.sampled_from([b"", data[start:end] * 2, b"\xff\x00", b'"']))
        + data[end:]
    )


def frames(union: Any) -> st.SearchStrategy[bytes]:
    """Messages of this union as they travel, most of them spoilt or torn."""
    whole = spoilt(shaped(union)).map(as_json)
    return st.one_of(
        torn(whole), st.sampled_from([b"", b"[" * 2_000, b'{"type":' * 1_000, b"\xff"])
    )


def as_json(value: Any) -> bytes:
    """As it travels."""
    return json.dumps(value, ensure_ascii=True).encode()


def decode(codec: Any, data: bytes) -> None:
    """Understood, or refused in the words that are meant for it."""
    with suppress(ProtocolError):
        codec.decode(data)
