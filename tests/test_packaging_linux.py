"""The files for Linux that nobody runs here: each says what the programs understand, and gives little away."""

import configparser
import re
from pathlib import Path

import pytest

from lovhub.server import command

LINUX = Path(__file__).parents[1] / "packaging" / "linux"


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((LINUX / name).read_text(encoding="utf-8"))
    return parser


@pytest.mark.parametrize("name", ["lovhub-server.service", "lovhub-agent.service"])
def test_a_unit_starts_a_command_of_ours_again_and_in_a_folder_of_its_own(name: str) -> None:
    service = unit(name)["Service"]
    program, subcommand, option, folder = service["ExecStart"].split()
    assert program == "/opt/lovhub/.venv/bin/lovhub"
    assert (subcommand, option) == ("serve" if "server" in name else "agent", "--data")
    assert folder.endswith("/" + service["StateDirectory"])
    assert service["StateDirectoryMode"] == "0700"
    assert service["Restart"] in {"on-failure", "always"}
    assert service["NoNewPrivileges"] == "yes"


def test_the_server_may_write_only_into_its_folder_and_is_nobody_special() -> None:
    service = unit("lovhub-server.service")["Service"]
    assert service["User"] not in {"", "root"}
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert "ReadWritePaths" not in service
    words = service["ExecStart"].split()[2:]
    assert command.parse(words).data == Path("/var/lib/lovhub")


def test_the_container_holds_what_is_there_and_runs_as_nobody_special() -> None:
    text = (LINUX / "Containerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    assert copied == ["requirements_server.txt", "lovhub"]
    assert all((LINUX.parents[1] / path).exists() for path in copied)
    assert re.search(r"^USER lovhub$", text, re.MULTILINE)
    assert text.index("USER lovhub") < text.index("ENTRYPOINT")
    assert '"serve", "--data", "/data"' in text
    kept_out = (LINUX / "Containerfile.dockerignore").read_text().split()
    assert kept_out[0] == "*"
    assert {f"!{path}" for path in copied} <= set(kept_out)
