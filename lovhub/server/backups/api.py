"""Backups, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.backups import service, texts
from lovhub.server.backups.folder import Backup
from lovhub.server.pages import file_answer
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, Secret, answer, blueprint, done

api = blueprint("backups", "backups")


class BackupPath(BaseModel):
    """Which backup."""

    name: str = Field(max_length=200)


class CheckShown(BaseModel):
    """What came of restoring it into a scratch database. `code`: `sound`, or what is wrong."""

    at: int
    code: str
    detail: str


class BackupShown(BaseModel):
    """A backup; `made_at` in UTC epoch seconds. `sealed`: the passphrase closes its database.

    `has_keys`: the club's keys are in it, under the passphrase as well.
    """

    name: str
    kind: str
    made_at: int
    size_bytes: int
    has_keys: bool
    sealed: bool
    club_name: str
    check: CheckShown | None


class TaskShown(BaseModel):
    """What is under way, or was last. `state`: `working`, `restarting`, `done`, `failed`."""

    what: str
    name: str
    state: str
    step: str
    code: str


class BackupList(BaseModel):
    """All backups, the newest first."""

    backups: list[BackupShown]
    task: TaskShown | None


class RestoreAsked(Asked):
    """`confirmed` is the club's name. `without_keys`: leave the keys sealed, and the passphrase empty."""

    confirmed: Line
    passphrase: Secret = ""
    without_keys: bool = False


class RestoreBegun(BaseModel):
    """Under way; ask with the key how far it is, also after the server's restart."""

    key: str


class StoredShown(BaseModel):
    """A backup in the store. `key`: what it is asked for by; `club`: whose it is."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    club: str
    name: str
    made_at: int
    size_bytes: int


class StoredList(BaseModel):
    """All backups in the store, the newest first."""

    backups: list[StoredShown]


class FetchAsked(Asked):
    """`passphrase`: only for a backup that another one sealed than the club has now."""

    key: Line
    passphrase: Secret = ""


class PassphraseAsked(Asked):
    """What seals the club's keys from now on."""

    passphrase: Secret


def _shown(backup: Backup) -> BackupShown:
    check = backup.check
    return BackupShown(
        name=backup.name,
        kind=backup.kind,
        made_at=backup.made_at,
        size_bytes=backup.size_bytes,
        has_keys=backup.has_keys,
        sealed=backup.is_sealed,
        club_name=backup.club_name,
        check=None
        if check is None
        else CheckShown(
            at=check.at,
            code=check.code,
            detail=texts.detail_text(check.detail, check.flaws),
        ),
    )


@api.get("/backups", responses={HTTPStatus.OK: BackupList})
def list_backups() -> Response:
    """All backups and what is under way."""
    keeper = current.server().keeper
    task = keeper.task
    shown = None
    if task is not None:
        shown = TaskShown(
            what=task.what, name=task.name, state=task.state, step=task.step, code=task.code
        )
    return answer(BackupList(backups=[_shown(row) for row in keeper.backups()], task=shown))


@api.post("/backups", responses={HTTPStatus.ACCEPTED: Done})
def make() -> Response:
    """Make one now, in the background."""
    current.server().keeper.begin_backup(current.actor())
    return answer(Done(), HTTPStatus.ACCEPTED)


@api.post("/backups/<name>/check", responses={HTTPStatus.ACCEPTED: Done})
def check(path: BackupPath) -> Response:
    """Check one now, in the background."""
    current.server().keeper.begin_check(path.name)
    return answer(Done(), HTTPStatus.ACCEPTED)


@api.get(
    "/backups/<name>/file",
    responses={HTTPStatus.OK: {"content": {"application/octet-stream": {}}}},
)
def download(path: BackupPath) -> Response:
    """The backup itself."""
    file = current.server().keeper.path_of(path.name)
    service.note_download(current.club(), name=path.name, actor=current.actor())
    return file_answer(file, path.name, "application/octet-stream")


@api.post("/backups/<name>/restore", responses={HTTPStatus.ACCEPTED: RestoreBegun})
def restore(path: BackupPath, body: RestoreAsked) -> Response:
    """Check the backup; if it is sound, the server restarts with it."""
    key = current.server().keeper.begin_restore(
        path.name,
        passphrase=body.passphrase,
        without_keys=body.without_keys,
        confirmed=body.confirmed,
        actor=current.actor(),
    )
    return answer(RestoreBegun(key=key), HTTPStatus.ACCEPTED)


@api.get("/stored-backups", responses={HTTPStatus.OK: StoredList})
def list_stored() -> Response:
    """What lies in the S3-compatible store, asked now."""
    rows = current.server().keeper.stored()
    return answer(StoredList(backups=[StoredShown.model_validate(row) for row in rows]))


@api.post("/stored-backups/fetch", responses={HTTPStatus.ACCEPTED: Done})
def fetch(body: FetchAsked) -> Response:
    """Bring one home, in the background; it then stands in the list as one that was uploaded."""
    current.server().keeper.begin_fetch(body.key, body.passphrase)
    return answer(Done(), HTTPStatus.ACCEPTED)


@api.put("/backups/passphrase", responses={HTTPStatus.OK: Done})
def set_passphrase(body: PassphraseAsked) -> Response:
    """Seal the club's keys into every backup from now on."""
    service.set_passphrase(
        current.club(),
        current.server().keeper.data,
        passphrase=body.passphrase,
        actor=current.actor(),
    )
    return done()
