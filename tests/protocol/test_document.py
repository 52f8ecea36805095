"""`docs/protocol.md` tells of every message, field and code there is, and of no other."""

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from lovhub.protocol import (
    HEARTBEAT_SECONDS,
    MAX_FRAME_BYTES,
    channel,
    entries,
    identity,
    lease,
    maintenance,
    updates,
    upkeep_code,
    views,
)
from lovhub.server.channel import connection, pace, pairing, refused, rules

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")

PARTS = (
    channel.ReportedSession,
    identity.IdentityStatement,
    lease.SignedLease,
    lease.Lease,
    updates.SignedUpdate,
    updates.UpdateStatement,
    maintenance.MaintenanceLease,
    upkeep_code.UpkeepKeys,
    upkeep_code.PersonKey,
    views.MaintenanceView,
    views.CustomerView,
    views.HabitsView,
    views.PromoView,
    views.GiftView,
    views.StaffView,
    views.PayView,
    views.PaymentView,
    views.PaidView,
    views.CodeView,
    views.SessionView,
    views.TariffView,
    views.HoursView,
    views.WaitingView,
    views.TimeView,
    views.ApplicationView,
    views.CallView,
    views.FoundGame,
    views.OperationView,
    views.DiskView,
    views.NetworkView,
)


def _chapter(title: str) -> str:
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL
    )
    assert found is not None, f"no chapter «{title}»"
    return found[1]


def _sections(title: str) -> dict[str, str]:
    parts = re.split(r"^### (\S+)\n", _chapter(title), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _told_fields(section: str) -> dict[str, str]:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (required|optional) \|$", section, re.MULTILINE)
    return dict(rows)


def _fields(message: Any) -> dict[str, str]:
    return {
        field.encode_name: "required" if field.required else "optional"
        for field in msgspec.structs.fields(message)
    }


@pytest.mark.parametrize(
    ("title", "union"),
    [
        ("PC to server", channel.ClientFrame),
        ("Server to PC", channel.ServerFrame),
        ("Journal entries", entries.Entry),
    ],
)
def test_every_message_is_told_with_its_fields(title: str, union: Any) -> None:
    told = {name: _told_fields(text) for name, text in _sections(title).items()}
    assert told == {message.__struct_config__.tag: _fields(message) for message in get_args(union)}


def test_the_parts_of_frames_are_told_with_their_fields() -> None:
    told = {name: _told_fields(text) for name, text in _sections("Parts of frames").items()}
    assert told == {part.__name__: _fields(part) for part in PARTS}


def test_every_message_says_when_it_is_sent() -> None:
    for title in ("PC to server", "Server to PC", "Journal entries"):
        for name, text in _sections(title).items():
            assert re.match(r"\n[A-Z][^|]+\.\n", text), f"{name} does not say when"


@pytest.mark.parametrize(
    ("carrier", "codes"),
    [
        ("answer", get_args(views.AnswerCode)),
        ("error", get_args(get_type_hints(channel.Error)["code"])),
    ],
)
def test_every_code_is_listed(carrier: str, codes: tuple[str, ...]) -> None:
    listed = re.search(
        rf"^An `{carrier}` carries one of: (.*?)\.$", _chapter("Codes"), re.MULTILINE | re.DOTALL
    )
    assert listed is not None
    assert re.findall(r"`(\w+)`", listed[1]) == list(codes)


def test_every_limit_is_told_as_it_is() -> None:
    told = re.findall(r"^\| ([^|]+) \| (\d+) \|$", _chapter("Limits"), re.MULTILINE)
    assert dict(told) == {
        "longest frame, bytes": str(MAX_FRAME_BYTES),
        "seconds between heartbeats": str(HEARTBEAT_SECONDS),
        "seconds without a heartbeat on an open channel": str(rules.SILENCE_SECONDS),
        "seconds a stranger may say nothing": f"{refused.FIRST_WORD_SECONDS:.0f}",
        "frames that may wait to be sent to one PC": str(connection.QUEUE_LENGTH),
        "requests of one PC that may wait for the database": str(connection.TODO_LENGTH),
        **{
            f"`{kind.__struct_config__.tag}` frames of a PC in a minute": str(most)
            for kind, most in pace.MOST_IN_WINDOW.items()
        },
        "other frames of a PC in a minute, of each kind": str(pace.MOST_OTHERS_IN_WINDOW),
        "entries of its journal in a minute": str(pace.MOST_ENTRIES_IN_WINDOW),
        "PCs that may wait for approval": str(pairing.MAX_PENDING),
        "seconds a PC may wait for approval": str(pairing.LIFETIME_SECONDS),
    }
