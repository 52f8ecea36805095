"""What an alarm's values mean."""

from collections.abc import Mapping
from typing import Any


def seconds_of(data: Mapping[str, Any]) -> int:
    """How much time an alarm is about; 0 if about none. Its values come from a PC and may be anything."""
    seconds = data.get("seconds")
    return seconds if isinstance(seconds, int) and seconds > 0 else 0
