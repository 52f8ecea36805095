"""Which PC is to look for games, and which of those found are to be added."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from lovhub.server.applications.service import Game
from lovhub.server.libraries import rules
from lovhub.server.libraries.rules import Candidate
from lovhub.server.web import refusals
from lovhub.server.web.forms import Form


class SearchForm(Form):
    """On which PC. Whether it is still on, the operation says."""

    computer = RadioField(_l("Где искать"), coerce=int, validate_choice=False)


@dataclass(frozen=True)
class Line:
    """A game as it stands in the form. `watch`: its processes as they are typed, with commas between."""

    candidate: Candidate
    is_chosen: bool
    watch: str
    errors: Sequence[str] = field(default=())

    @property
    def wanted(self) -> Game:
        """What is asked for by choosing it."""
        game = self.candidate.game
        return Game(game.title, game.place, self.watch.split(","))


def as_found(candidates: Sequence[Candidate]) -> list[Line]:
    """The form at first: what is new is chosen."""
    return [
        Line(candidate, candidate.is_chosen, ", ".join(candidate.game.watch))
        for candidate in candidates
    ]


def as_sent(candidates: Sequence[Candidate]) -> list[Line]:
    """The form as it was filled in. What is offered already cannot be chosen."""
    chosen = set(request.form.getlist("chosen"))
    lines = []
    for candidate in candidates:
        is_chosen = str(candidate.number) in chosen and candidate.standing != "offered"
        watch = request.form.get(f"watch-{candidate.number}", "")
        game = candidate.game
        wrong = rules.wrongs(game.title, game.place, watch.split(",")) if is_chosen else {}
        lines.append(Line(candidate, is_chosen, watch, list(map(refusals.refusal, wrong.values()))))
    return lines
