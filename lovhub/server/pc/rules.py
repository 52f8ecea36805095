"""Whether a PC is still made of what it was made of: pure decisions."""

from collections.abc import Mapping
from typing import Any

GIB = 1024**3
MEMORY_TOLERANCE_BYTES = GIB // 2
"""What a graphics chip or a new BIOS may take for itself; a module is larger."""


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """What somebody may have carried away: memory, disks, graphics; each with what it was and what it is.

    A part that was not known before, or is not now, says nothing.
    """
    changes = []
    memory = int(before.get("memory_bytes") or 0), int(after.get("memory_bytes") or 0)
    if all(memory) and abs(memory[0] - memory[1]) > MEMORY_TOLERANCE_BYTES:
        changes.append({"part": "memory", "was": _gib(memory[0]), "now": _gib(memory[1])})
    for part, name in (("disks", "disk"), ("gpus", "gpu")):
        was, now = (sorted(map(_named, side.get(part) or [])) for side in (before, after))
        if was and now and was != now:
            changes.append({"part": name, "was": ", ".join(was), "now": ", ".join(now)})
    return changes


def _named(part: Any) -> str:
    if isinstance(part, str):
        return part
    return f"{part['name']} {_gib(int(part['size_bytes']))}".strip()


def _gib(size_bytes: int) -> str:
    return f"{round(size_bytes / GIB)} ГиБ"
