"""What tests of backups make and look for."""

from pathlib import Path

import pytest

from lovhub.server.backups import folder, service
from lovhub.server.context import ClubContext
from tests.support.club import OWNER

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PHRASE = "длинный пароль для копий"


def url_of(club: ClubContext) -> str:
    return club.database.engine.url.render_as_string(hide_password=False)


def make(club: ClubContext, data: Path, kind: str = "by_hand") -> folder.Backup:
    return service.make(club, data, kind=kind, actor=OWNER)


def path_of(data: Path, backup: folder.Backup) -> Path:
    return service.backups_of(data) / backup.name
