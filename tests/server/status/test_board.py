"""What the page of the server's condition is told, and how old it may be."""

from dataclasses import dataclass
from pathlib import Path

from lovhub.server.context import ClubContext
from lovhub.server.status.board import Board


@dataclass
class Gate:
    """As many as it says have been turned away lately."""

    turned_away_lately: int = 0


def test_an_overload_is_told_at_once_though_all_else_is_looked_at_once_a_minute(
    club: ClubContext, tmp_path: Path
) -> None:
    gate = Gate()
    board = Board(club, tmp_path, gate)

    def told() -> tuple[int, bool]:
        seen, findings = board.look()
        return seen.now, "LV-W017" in {finding.number for finding in findings}

    began, overloaded = told()
    assert not overloaded
    gate.turned_away_lately = 3
    assert told() == (began, True)
    gate.turned_away_lately = 0
    assert told() == (began, False)
