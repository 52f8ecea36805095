"""Where this PC's key and journal lie: on a disk that outlives a restart, or else the desk is told.

A PC without a disk of its own, or with a write filter, forgets at each restart whatever was written. Its technician
names a folder that stays (`[Client] LastingFolder`): another disk, a stick, a share of its own. Without one the agent
works all the same, with a key for this start of the PC only, and says so: the server gives such a PC short leases,
since nobody could settle from its journal what was played before a power cut.
"""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from lovhub.agent.journal import JOURNAL_FILE
from lovhub.agent.platform import forgets
from lovhub.agent.store import KEY_FILE, PC_FILE

Why = Literal["", "disk_forgets", "write_protected", "lasting_folder_unusable"]

LOCK_FILE = "agent.lock"

_WRITE_PROTECTED = {errno.EROFS, errno.EACCES, errno.EPERM}
"""Windows' «write protected» comes as EACCES."""


class Places(NamedTuple):
    """`work`: for all that may go; `lasting`: for key, pairing and journal. `why`: why these may go, too."""

    work: Path
    lasting: Path
    why: Why = ""


def places(
    data_folder: Path,
    configured: str,
    *,
    is_wiped: bool = False,
    disk_forgets: Callable[[Path], bool] = forgets,
) -> Places:
    """Where this PC writes. `configured`: the folder that stays, "" for none.

    `is_wiped`: a technician says that the disk forgets; by itself only a disk in memory shows it.
    Raises OSError if there is nowhere to write at all, or the data folder can be none.
    """
    work = data_folder
    try:
        _try_to_write(work)
    except OSError as error:
        if error.errno not in _WRITE_PROTECTED:
            raise
        work = Path(tempfile.mkdtemp(prefix="lovhub-"))  # nobody else could have put anything there
    if configured:
        lasting = Path(os.path.expandvars(configured))
        if not _is_usable(lasting):
            return Places(work, work, "lasting_folder_unusable")
        return Places(work, lasting, "disk_forgets" if disk_forgets(lasting) else "")
    if work != data_folder:
        return Places(work, work, "write_protected")
    return Places(work, work, "disk_forgets" if is_wiped or disk_forgets(work) else "")


def _is_usable(folder: Path) -> bool:
    """A name that is not filled in («%MAC%») would be one folder for the whole hall, and one key."""
    if not folder.is_absolute() or any(mark in str(folder) for mark in "%$"):
        return False
    try:
        _try_to_write(folder)
    except OSError:
        return False
    return True


def _try_to_write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def forget_this_pc(lasting: Path) -> None:
    """Remove what makes the PC one of its own from a folder that may hold other things, too."""
    for name in (PC_FILE, KEY_FILE, LOCK_FILE, JOURNAL_FILE, f"{Path(PC_FILE).stem}.damaged"):
        for path in lasting.glob(f"{name}*"):
            path.unlink(missing_ok=True)
