"""Files that a browser keeps: written whole before the first byte is sent, so that no transaction waits for it."""

from collections.abc import Iterator
from typing import IO

from flask import Response

_PIECE_BYTES = 64 * 1024


def file_to_keep(file: IO[bytes], name: str, media_type: str) -> Response:
    """The file's content as an answer that is saved under `name`; the file is closed when it is sent."""
    length = file.seek(0, 2)
    file.seek(0)
    response = Response(_pieces(file), mimetype=media_type)
    response.content_length = length
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
