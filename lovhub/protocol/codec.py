"""Bytes to frames and back.

Frames are JSON objects whose `type` names the message, one frame a WebSocket message (or a line, on the
local pipe). JSON, because a technician with a packet dump must be able to read it; msgspec, because it
decodes and validates in under a microsecond.
"""

from typing import Any, Generic, Literal, TypeVar

import msgspec

from lovhub.protocol import MAX_FRAME_BYTES

Frame = TypeVar("Frame")


FrameFault = Literal["oversized", "malformed", "unknown_type", "unexpected"]
"""What can be wrong with a frame."""


class ProtocolError(Exception):
    """A frame that the other side should not have sent.

    `detail` says what was wrong, for the log.
    """

    def __init__(self, code: FrameFault, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Codec(Generic[Frame]):
    """Decodes the frames of one union, and refuses everything else."""

    def __init__(self, union: Any) -> None:
        self._decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(union)
        self._encoder = msgspec.json.Encoder()

    def encode(self, frame: Frame) -> bytes:
        """The frame as JSON bytes, without a line break."""
        return self._encoder.encode(frame)

    def decode(self, data: bytes | str) -> Frame:
        """The frame in `data`; raises ProtocolError for anything that is not one."""
        size = len(data)
        if size > MAX_FRAME_BYTES:
            raise ProtocolError("oversized", f"{size} bytes, {MAX_FRAME_BYTES} allowed")
        try:
            return self._decoder.decode(data)
        except msgspec.ValidationError as error:
            unknown = "Invalid value" in str(error) and "$.type" in str(error)
            fault: FrameFault = "unknown_type" if unknown else "malformed"
            raise ProtocolError(fault, str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError("malformed", str(error)) from error
