"""PostgreSQL's own programs, `pg_dump` and `pg_restore`, run on a database of ours."""

import os
import shutil
import subprocess

from sqlalchemy.engine import URL

from lovhub.server.database.engine import KEEPALIVES, SERVER_KEEPALIVES

_OPTIONS = " ".join(f"-c {name}={value}" for name, value in SERVER_KEEPALIVES.items())
"""What our own connections say once they are there; these programs can only be told it beforehand."""

_KEEPALIVES = {name: value for name, value in KEEPALIVES.items() if name != "tcp_user_timeout"}
"""A restore may wait for a slow disk for longer than that with something under way."""

_NOT_BY_A_POOLER = b"unsupported startup parameter"
"""What PgBouncer answers to options that it does not know."""


class ProgramFailed(Exception):
    """It did not do it; `reason` is for the technician."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProgramMissing(ProgramFailed):
    """It is not installed."""


def run_program(name: str, url: URL, *words: str) -> str:
    """Run it to its end and return what it printed; raises ProgramFailed.

    The password is not put on the command line. Either side notices within half a minute that the other went dark:
    what a dump reads, nobody could change for hours.
    """
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 (a club on SQLite starts without the driver)

    program = shutil.which(name)
    if program is None:
        raise ProgramMissing(f"{name} not found")
    _, asked = url.get_dialect()().create_connect_args(url)
    password = asked.pop("password", None)
    environment = dict(os.environ)
    own = asked.pop("options", environment.get("PGOPTIONS", ""))
    environment["PGOPTIONS"] = f"{_OPTIONS} {own}"  # of two, the last one counts
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    command = [program, f"--dbname={make_conninfo(**{**_KEEPALIVES, **asked})}", *words]
    done = _run(command, environment)
    if _NOT_BY_A_POOLER in done.stderr:
        done = _run(command, {**environment, "PGOPTIONS": own})
    if done.returncode != 0:
        raise ProgramFailed(done.stderr.decode(errors="replace").strip()[-300:])
    return done.stdout.decode(errors="replace")


def _run(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
