"""The club's settings, for programs."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.club import demo, first_evening, service
from lovhub.server.club.rules import Settings
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done
from lovhub.traces import LONGEST_LINE, MOST_LINES

api = blueprint("club", "club")

Folders = Annotated[str, Field(max_length=MOST_LINES * LONGEST_LINE)]
"""One a line."""


class SettingsAsked(Asked):
    """Every setting; times of day in seconds after midnight."""

    name: Line
    language: Line
    time_zone: Line
    currency: Line
    day_starts_at: int
    lease_seconds: int
    grace_seconds: int = 180
    power_cut_rule: Line
    silence_rule: Line
    zone_rule: Line = "free"
    backup_at: int
    backups_kept: int
    second_backup_folder: Line
    sales_need_shift: bool
    given_minutes_per_shift: int
    minors_rule: bool
    on_without_session_minutes: int
    printer_address: Line
    printer_charset: Line
    printer_width: int
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int
    debt_limit_tiyn: int = 0
    traces: Folders | None = None
    keep_launches_days: int | None = None
    keep_sign_ins_days: int | None = None
    keep_messages_days: int | None = None
    registers_at_pc: bool | None = None
    tells_without_agent: bool | None = None
    cached_sign_ins: bool | None = None


class SettingsShown(BaseModel):
    """Every setting as it is. `currency_locked`: money stands in the books, or balances are shared."""

    name: str
    language: str
    time_zone: str
    currency: str
    day_starts_at: int
    lease_seconds: int
    grace_seconds: int
    power_cut_rule: str
    silence_rule: str
    zone_rule: str
    backup_at: int
    backups_kept: int
    second_backup_folder: str
    sales_need_shift: bool
    given_minutes_per_shift: int
    minors_rule: bool
    on_without_session_minutes: int
    printer_address: str
    printer_charset: str
    printer_width: int
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int
    debt_limit_tiyn: int
    traces: str
    keep_launches_days: int
    keep_sign_ins_days: int
    keep_messages_days: int
    registers_at_pc: bool
    tells_without_agent: bool
    cached_sign_ins: bool
    currency_locked: bool


@api.get("/settings", responses={HTTPStatus.OK: SettingsShown})
def show_settings() -> Response:
    """The club's settings."""
    club = current.club()
    with club.read() as db:
        settings = service.settings_of(service.get(db, club.club_id))
        locked = service.currency_is_locked(db, club.club_id)
    return answer(SettingsShown(**asdict(settings), currency_locked=locked))


@api.put("/settings", responses={HTTPStatus.OK: Done})
def change_settings(body: SettingsAsked) -> Response:
    """Set everything; it counts from now on. What may be left out stays as it is."""
    club = current.club()
    with club.read() as db:
        kept = asdict(service.settings_of(service.get(db, club.club_id)))
    given = {name: value for name, value in body.model_dump().items() if value is not None}
    asked = {**kept, **given}
    service.change_settings(club, settings=Settings(**asked), actor=current.actor())
    return done()


class StepShown(BaseModel):
    """One thing to do on the first evening."""

    code: str
    done: bool


class FirstEvening(BaseModel):
    """What a new club still lacks. `shown`: the list stands on the dashboard; `demo`: there are examples."""

    steps: list[StepShown]
    shown: bool
    demo: bool


@api.get("/first-evening", responses={HTTPStatus.OK: FirstEvening})
def show_first_evening() -> Response:
    """All steps with their state."""
    club = current.club()
    row = current.club_row()
    with club.read() as db:
        steps = first_evening.steps(db, row, current.server().keeper)
        examples = demo.is_there(db, club.club_id)
    return answer(
        FirstEvening(
            steps=[StepShown(code=step.code, done=step.done) for step in steps],
            shown=row.checklist_closed_at is None,
            demo=examples,
        )
    )


@api.post("/first-evening/close", responses={HTTPStatus.OK: Done})
def close_first_evening() -> Response:
    """Take the list off the dashboard, or put it back."""
    service.put_checklist_away(current.club(), actor=current.actor())
    return done()


@api.delete("/demo", responses={HTTPStatus.OK: Done})
def remove_demo() -> Response:
    """Take the examples away, as long as nothing was sold."""
    demo.remove(current.club(), current.actor())
    return done()
