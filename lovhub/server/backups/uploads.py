"""A backup that a browser brings, piece by piece: a request is small, a backup is not."""

import re
import shutil
from pathlib import Path

from lovhub.server.backups import folder, service
from lovhub.server.errors import OperationRefused

LARGEST_BYTES = 64 * 1024**3
LEFT_FREE_BYTES = 512 * 1024**2
"""An upload must leave the club this much of its disk."""

_ID = re.compile(r"[0-9a-f]{32}")


def take_piece(
    data: Path, *, upload_id: str, offset: int, total: int, piece: bytes, now: int
) -> str | None:
    """Add a piece at `offset`; after the last one, the name of the new backup.

    Raises OperationRefused: `upload_broken` (out of turn: begin anew), `disk_full`, `backup_damaged`.
    """
    if not _ID.fullmatch(upload_id) or not 0 < total <= LARGEST_BYTES:
        raise OperationRefused("upload_broken")
    uploads = data / "uploads"
    uploads.mkdir(mode=0o700, exist_ok=True)
    path = uploads / f"{upload_id}.part"
    if offset == 0:
        if shutil.disk_usage(uploads).free - total < LEFT_FREE_BYTES:
            raise OperationRefused("disk_full")
        path.write_bytes(b"")
        path.chmod(0o600)
    if not piece or not path.is_file() or path.stat().st_size != offset:
        raise OperationRefused("upload_broken")
    if offset + len(piece) > total:
        path.unlink()
        raise OperationRefused("upload_broken")
    with path.open("ab") as file:
        file.write(piece)
    if offset + len(piece) < total:
        return None
    return folder.take_in(service.backups_of(data), path, now)
