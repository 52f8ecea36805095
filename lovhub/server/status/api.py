"""The state of the system, for programs."""

from http import HTTPStatus
from typing import Literal

from flask import Response
from pydantic import BaseModel

from lovhub.server.status import texts
from lovhub.server.web import current
from lovhub.server.web.api import answer, blueprint

api = blueprint("status", "status")


class FindingShown(BaseModel):
    """A self-check that has something to say; its number stands in docs/checks.md."""

    number: str
    level: Literal["error", "warning"]
    text: str
    hint: str


class StatusShown(BaseModel):
    """What was found, errors first. Sizes in bytes, instants in UTC epoch seconds."""

    findings: list[FindingShown]
    disk_free_bytes: int
    database_bytes: int
    wal_bytes: int
    revision: str
    certificate_ends_at: int | None
    newest_backup_at: int | None


@api.get("/status", responses={HTTPStatus.OK: StatusShown})
def show() -> Response:
    """What the self-checks have found, at most a minute ago."""
    seen, findings = current.server().board.look()
    return answer(
        StatusShown(
            findings=[
                FindingShown(
                    number=finding.number,
                    level=finding.level,
                    text=texts.sentence(finding),
                    hint=texts.hint(finding),
                )
                for finding in findings
            ],
            disk_free_bytes=seen.disk_free_bytes,
            database_bytes=seen.database_bytes,
            wal_bytes=seen.wal_bytes,
            revision=seen.revision,
            certificate_ends_at=seen.certificate_ends_at,
            newest_backup_at=seen.newest_backup_at,
        )
    )
