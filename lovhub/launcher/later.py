"""What is not needed before the lock is up, and so is made when somebody asks for it."""

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Later(Generic[Made]):
    """Made by the first call; `there` is what there is so far."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self.there: Made | None = None

    def __call__(self) -> Made:
        """It, made now if need be."""
        if self.there is None:
            self.there = self._make()
        return self.there
