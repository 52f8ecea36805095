"""PostgreSQL's own programs are told what our own connections are."""

import subprocess
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from lovhub.server.database.postgres_programs import ProgramFailed, ProgramMissing, run_program
from tests.support.postgres import PostgresServer

ASKED = """
SELECT string_agg(name || '=' || reset_val, ' ' ORDER BY name) FROM pg_settings
WHERE name IN ('geqo', 'tcp_keepalives_count', 'tcp_keepalives_idle', 'tcp_keepalives_interval')
"""
"""By what they begin with: over the socket of one computer, as here, there is no TCP that could say it of itself."""


def asked(address: str) -> str:
    words = ("--no-psqlrc", "--tuples-only", "--no-align", f"--command={ASKED}")
    return run_program("psql", make_url(address), *words).strip()


def test_postgresql_notices_that_the_computer_of_a_dump_went_dark(postgres_url: str) -> None:
    assert asked(postgres_url) == (
        "geqo=on tcp_keepalives_count=3 tcp_keepalives_idle=10 tcp_keepalives_interval=5"
    )


def test_what_an_address_asks_for_itself_stays(postgres_url: str) -> None:
    asks = f"{postgres_url}&options=-c%20geqo%3Doff%20-c%20tcp_keepalives_idle%3D60"

    assert asked(asks) == (
        "geqo=off tcp_keepalives_count=3 tcp_keepalives_idle=60 tcp_keepalives_interval=5"
    )


def test_what_the_environment_asks_for_stays(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c geqo=off")

    assert asked(postgres_url).startswith("geqo=off tcp_keepalives_count=3")


def test_the_password_is_not_on_the_command_line(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    run = subprocess.run

    def heard(command: list[str], **how: Any) -> Any:
        commands.append(command)
        assert how["env"]["PGPASSWORD"] == "it's a \\secret"
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", heard)
    url = make_url(postgres_server.url("postgres")).set(password="it's a \\secret")
    assert run_program("psql", url, "--no-psqlrc", "-Atc", "SELECT 1").strip() == "1"
    assert "secret" not in " ".join(commands[0])


def test_a_pooler_that_knows_none_of_our_options_is_asked_without(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run

    def pooled(command: list[str], **how: Any) -> Any:
        if "keepalives" in how["env"]["PGOPTIONS"]:
            said = b"FATAL:  unsupported startup parameter in options: tcp_keepalives_idle"
            return subprocess.CompletedProcess(command, 2, b"", said)
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", pooled)
    assert asked(f"{postgres_url}&options=-c%20geqo%3Doff").startswith("geqo=off")


def test_why_it_failed_is_told(postgres_url: str) -> None:
    with pytest.raises(ProgramFailed, match='relation "nowhere" does not exist'):
        run_program("psql", make_url(postgres_url), "--no-psqlrc", "--command=TABLE nowhere")
    with pytest.raises(ProgramMissing, match="pg_nothing not found"):
        run_program("pg_nothing", make_url(postgres_url))
