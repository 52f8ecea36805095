"""What nodes ask of each other: letters, sealed, each read once."""

from typing import Any

import msgspec

from lovhub.protocol.channel import Command, CommandResult
from lovhub.server.actor import Actor


class Carry(msgspec.Struct, tag="carry", frozen=True):
    """Put this command to your PC, and tell `asker` what it answers."""

    computer_id: int
    command: Command
    asker: int


class Answered(msgspec.Struct, tag="answered", frozen=True):
    """A PC's answer to a command that you had carried there."""

    computer_id: int
    result: CommandResult


class Approve(msgspec.Struct, tag="approve", frozen=True):
    """Let in a PC that waits at you, and tell `asker` in a `Reply` of this number."""

    pairing_id: str
    name: str
    actor: Actor
    asker: int
    number: int


class Refuse(msgspec.Struct, tag="refuse", frozen=True):
    """Send away a PC that waits at you."""

    pairing_id: str
    actor: Actor


class Reply(msgspec.Struct, tag="reply", frozen=True):
    """What became of it: the PC's id, or the refusal's code with its values."""

    number: int
    computer_id: int = 0
    code: str = ""
    values: dict[str, Any] = {}


Letter = Carry | Answered | Approve | Refuse | Reply

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Letter)


def encode(letter: Letter) -> bytes:
    """As it travels."""
    return _encoder.encode(letter)


def decode(content: bytes) -> Letter | None:
    """As it was written; None for what this version does not know."""
    try:
        letter: Letter = _decoder.decode(content)
    except msgspec.MsgspecError:
        return None
    return letter
