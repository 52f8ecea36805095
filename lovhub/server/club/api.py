"""The club's settings, for programs."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

from lovhub.server.club import service
from lovhub.server.club.rules import Settings
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("club", "club")


class SettingsAsked(Asked):
    """Every setting; times of day in seconds after midnight."""

    name: Line
    language: Line
    time_zone: Line
    currency: Line
    day_starts_at: int
    lease_seconds: int
    power_cut_rule: Line
    silence_rule: Line
    backup_at: int
    backups_kept: int
    second_backup_folder: Line
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int


class SettingsShown(BaseModel):
    """Every setting as it is. `currency_locked`: money stands in the books."""

    name: str
    language: str
    time_zone: str
    currency: str
    day_starts_at: int
    lease_seconds: int
    power_cut_rule: str
    silence_rule: str
    backup_at: int
    backups_kept: int
    second_backup_folder: str
    warn_unseen_days: int
    warn_disk_free_gb: int
    warn_backup_hours: int
    currency_locked: bool


@api.get("/settings", responses={HTTPStatus.OK: SettingsShown})
def show_settings() -> Response:
    """The club's settings."""
    club = current.club()
    with club.read() as db:
        settings = service.settings_of(service.get(db, club.club_id))
        locked = service.money_was_booked(db, club.club_id)
    return answer(SettingsShown(**asdict(settings), currency_locked=locked))


@api.put("/settings", responses={HTTPStatus.OK: Done})
def change_settings(body: SettingsAsked) -> Response:
    """Set everything; it counts from now on."""
    service.change_settings(
        current.club(), settings=Settings(**body.model_dump()), actor=current.actor()
    )
    return done()
